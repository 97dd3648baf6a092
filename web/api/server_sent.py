"""Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from contextlib import aclosing, nullcontext, suppress

import anyio
import anyio.lowlevel
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pricetrail.web.api.following import Follower

# In seconds: a reader that takes nothing for so long is left.
PATIENCE = 30.0


class EventStream(Response):
    """A response that goes on until its reader, or the server, ends.

    Args:
        only_head: nothing but the headers was asked for.
    """

    media_type = "text/event-stream"

    def __init__(self, follower: Follower, *, only_head: bool = False) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._follower, self._only_head = follower, only_head

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI has three
        """Send what is followed as it comes.

        Raises:
            UnavailableError: too many follow already.
        """
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        with nullcontext() if self._only_head else self._follower.watch.place():
            await send(start)
            if not self._only_head:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(_end_when_gone, receive, tasks.cancel_scope)
                    await self._send_all(send)
                    tasks.cancel_scope.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_all(self, send: Send) -> None:
        async with aclosing(self._follower.pieces()) as pieces:
            with suppress(OSError):  # the reader is gone, or takes nothing
                async for piece in pieces:
                    message = {"type": "http.response.body", "body": piece, "more_body": True}
                    with anyio.fail_after(PATIENCE):
                        await send(message)
                    # A piece that is taken at once lets nobody else run: not who sees them go.
                    await anyio.lowlevel.checkpoint()


async def _end_when_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
