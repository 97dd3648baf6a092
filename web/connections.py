"""Connections that end: where no request comes or no answer is read, and those open after the stop.

What is answered here never comes to the application: it says of itself what all answers do.
"""

import asyncio
import math
import socket
import threading
from http import HTTPStatus
from typing import Any

import anyio
import h11
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from pricetrail.web.access.sending import HEADERS, as_promised
from pricetrail.web.problems import problem

# So many seconds a request may take to come, and an answer may lie without any of it being read;
# uvicorn itself would wait without end.
PATIENCE = 60.0
# So many seconds after the stop an answer may take to be read.
GRACE = 3.0


class Connection(H11Protocol):
    """One that is closed where a request does not come, or too slowly, or an answer is not read.

    Where there are too many, the one that has waited longest for a request makes room.
    """

    _patience: asyncio.TimerHandle | None = None
    _answering: anyio.CancelScope | None = None

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        # uvicorn's own answer would say nothing of itself.
        self._most, self.limit_concurrency = self.limit_concurrency, None
        self._answers: ASGIApp = self.app
        self.app = self._answer

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in uvicorn
        """Wait for the first request, not for ever."""
        super().connection_made(transport)
        # However little is not taken, `pause_writing` is told.
        transport.set_write_buffer_limits(0)
        self._watch()
        self._make_room()

    def data_received(self, data: bytes) -> None:
        """Take what came; wait for the rest, if there is one."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        """Wait for what was sent to be read, and so long for nothing else."""
        super().pause_writing()
        self._stop_waiting()
        self._wait_for_reader(math.inf)

    def resume_writing(self) -> None:
        """Go on: all was taken."""
        super().resume_writing()
        self._stop_waiting()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer, and work nothing out for whoever is gone."""
        self._stop_waiting()
        super().connection_lost(exc)
        if self._answering is not None:
            # A thread that has begun goes on to its end; those in line for one leave.
            self._answering.cancel()

    @property
    def waits_until(self) -> float | None:
        """Until when its request may come, by the loop's clock.

        None where it has come, or where an answer is yet to be read.
        """
        if self._patience is None or self.flow.write_paused:
            return None
        return self._patience.when()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request of HTTP."""
        refusal = problem(HTTPStatus.BAD_REQUEST, msg, {**HEADERS, "connection": "close"})
        answer = h11.Response(
            status_code=refusal.status_code,
            headers=refusal.raw_headers,
            reason=HTTPStatus.BAD_REQUEST.phrase.encode(),
        )
        for event in (answer, h11.Data(data=bytes(refusal.body)), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._make_room():
            with anyio.CancelScope() as self._answering:
                await self._answers(scope, receive, send)
            return
        wait = {"retry-after": "5", "connection": "close"}
        refusal = problem(
            HTTPStatus.SERVICE_UNAVAILABLE, "too many requests at once: try again", wait
        )
        await refusal(scope, receive, as_promised(send, bodiless=scope["method"] == "HEAD"))

    def _make_room(self) -> bool:
        """End those that have waited longest for a request; False where there are too many yet."""
        while self._most is not None and len(self.connections) > self._most:
            others = (one for one in self.connections if isinstance(one, Connection))
            waiting = [one for one in others if one is not self and one.waits_until is not None]
            if not waiting:
                return False
            longest = min(waiting, key=lambda one: one.waits_until or 0.0)
            longest.transport.abort()
            # At once, and not in the loop's next round: many may come in this one.
            self.connections.discard(longest)
        return True

    def _watch(self) -> None:
        if self.flow.write_paused:
            return
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._stop_waiting()
        elif self._patience is None:
            self._patience = self.loop.call_later(PATIENCE, self.transport.abort)

    def _wait_for_reader(self, before: float) -> None:
        """End it where no fewer bytes are unread than before; else look again later."""
        unread = self.transport.get_write_buffer_size()
        if unread >= before:
            self.transport.abort()
        else:
            self._patience = self.loop.call_later(PATIENCE, self._wait_for_reader, unread)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class Server(uvicorn.Server):
    """Says when it has started, and drops whoever still reads some seconds after the stop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer nothing new, and end what is open."""
        asyncio.get_running_loop().call_later(GRACE, self._drop)
        await super().shutdown(sockets)

    def _drop(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()
