"""What was asked is answered, though the client's end has closed."""

from collections.abc import Sequence

import anyio
import pytest
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCNotification, JSONRPCRequest, JSONRPCResponse

from pricetrail.mcp import streams
from pricetrail.mcp.streams import Received, answering_to_the_end


def request(number: int) -> SessionMessage:
    return SessionMessage(JSONRPCRequest(jsonrpc="2.0", id=number, method="ping"))


def response(number: int) -> SessionMessage:
    return SessionMessage(JSONRPCResponse(jsonrpc="2.0", id=number, result={}))


def cancelled(number: int) -> SessionMessage:
    return SessionMessage(
        JSONRPCNotification(
            jsonrpc="2.0", method="notifications/cancelled", params={"requestId": number}
        )
    )


def answers(asked: Sequence[Received], answered: Sequence[int]) -> list[SessionMessage]:
    """What the client gets where the server takes all of it in, and answers only at its end."""
    got: list[SessionMessage] = []

    async def play() -> None:
        question, reading = anyio.create_memory_object_stream[Received](10)
        writing, answer = anyio.create_memory_object_stream[SessionMessage](10)
        for item in asked:
            await question.send(item)
        question.close()
        async with (
            reading,
            answering_to_the_end(reading, writing) as (to_server, from_server),
            to_server,
            from_server,
        ):
            taken = [await to_server.receive() for _ in asked]
            assert taken == list(asked)
            for number in answered:
                await from_server.send(response(number))
            with pytest.raises(anyio.EndOfStream):
                await to_server.receive()
        async with answer:
            got.extend([item async for item in answer])

    anyio.run(play)
    return got


def test_the_server_goes_on_until_all_is_answered() -> None:
    found = answers([request(1), ValueError("not JSON"), request(2)], [2, 1])
    assert found == [response(2), response(1)]


def test_what_the_client_took_back_is_not_waited_for() -> None:
    assert answers([request(1), request(2), cancelled(1)], [2]) == [response(2)]


def test_what_is_never_answered_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BOUND", 0.01)
    assert answers([request(1), request(2)], [2]) == [response(2)]
