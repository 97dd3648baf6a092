"""304 at once where nothing was committed since the reader asked last."""

import threading
from collections import OrderedDict
from typing import cast

import anyio
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pricetrail.storage.freshness import Freshness
from pricetrail.web.replies import Known, key_of, matches

_MOST = 4096


class KnownAnswers:
    """The ETags of the addresses that were asked last."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, Known] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, key: bytes, known: Known) -> None:
        """Note what was answered; the least asked is forgotten first."""
        with self._lock:
            self._known[key] = known
            self._known.move_to_end(key)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)

    def find(self, key: bytes, token: str) -> Known | None:
        """What was answered while the database was as it is now."""
        known = self._known.get(key)
        return known if known is not None and known.token == token else None


class Unchanged:
    """Reads the database's token before each answer, and answers where it is still the same."""

    def __init__(self, app: ASGIApp, freshness: Freshness, known: KnownAnswers) -> None:
        self.app = app
        self._freshness = freshness
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 304, or hand on with the token of now."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        token = await self._token()
        if token is not None:
            known = self._known.find(key_of(scope), token)
            asked = Headers(scope=scope).get("if-none-match")
            if known is not None and matches(asked, known.etag):
                headers = {"etag": known.etag, "cache-control": known.cache_control}
                await Response(None, 304, headers)(scope, receive, send)
                return
        scope.setdefault("state", {})["token"] = token
        await self.app(scope, receive, send)

    async def _token(self) -> str | None:
        if self._freshness.instant:
            return self._freshness.token()
        return cast("str | None", await anyio.to_thread.run_sync(self._freshness.token))
