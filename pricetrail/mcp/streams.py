"""What the client asked is answered, even where it asked and closed its end at once.

The library drops what it has in hand when the client's stream ends; a script that writes its
questions into a pipe would get none of the last answers.
"""

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp_types import (
    JSONRPCError,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    RequestId,
)

Received: TypeAlias = SessionMessage | Exception

# So many seconds after the client's end has closed, what is still unanswered is given up.
BOUND = 10.0


class Writing(Protocol):
    """Where messages to the client go."""

    async def send(self, item: SessionMessage, /) -> None:
        """Hand over one."""

    async def aclose(self) -> None:
        """Hand over no more."""


@dataclass(slots=True)
class _Unanswered:
    """Requests that have no answer yet."""

    ids: set[RequestId] = field(default_factory=set)
    changed: anyio.Condition = field(default_factory=anyio.Condition)

    def received(self, item: Received) -> None:
        if not isinstance(item, SessionMessage):
            return
        message = item.message
        if isinstance(message, JSONRPCRequest):
            self.ids.add(message.id)
        elif isinstance(message, JSONRPCNotification) and message.method.endswith("/cancelled"):
            self.ids.discard((message.params or {}).get("requestId", ""))

    async def sent(self, item: SessionMessage) -> None:
        message = item.message
        if isinstance(message, JSONRPCResponse | JSONRPCError) and message.id is not None:
            async with self.changed:
                self.ids.discard(message.id)
                self.changed.notify_all()

    async def answered(self) -> None:
        async with self.changed:
            while self.ids:
                await self.changed.wait()


@asynccontextmanager
async def answering_to_the_end(
    reading: AsyncIterable[Received], writing: Writing
) -> AsyncIterator[
    tuple[MemoryObjectReceiveStream[Received], MemoryObjectSendStream[SessionMessage]]
]:
    """The same streams for the server, of which the first ends once all is answered."""
    unanswered = _Unanswered()
    questions, for_server = anyio.create_memory_object_stream[Received]()
    from_server, answers = anyio.create_memory_object_stream[SessionMessage]()

    async def relay_in() -> None:
        # The server may have ended first.
        with suppress(anyio.BrokenResourceError):
            async with questions:
                async for item in reading:
                    unanswered.received(item)
                    await questions.send(item)
                with anyio.move_on_after(BOUND):
                    await unanswered.answered()

    async def relay_out() -> None:
        async with answers:
            async for item in answers:
                await writing.send(item)
                await unanswered.sent(item)
        await writing.aclose()

    async with anyio.create_task_group() as relays:
        relays.start_soon(relay_in)
        relays.start_soon(relay_out)
        yield for_server, from_server
