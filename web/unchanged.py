"""The same answer at once where nothing was committed since it was given; 304 to who has it."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import cast

import anyio
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pricetrail.storage import schema
from pricetrail.storage.freshness import Freshness
from pricetrail.web.access.addresses import path_of
from pricetrail.web.replies import HTML, Known, key_of, matches

_MOST = 4096
# `/readyz` itself says which schema there is, and a page that does so needs its style.
_ALWAYS = ("/healthz", "/readyz", "/login", "/static/")
# In bytes, of all pages that are kept whole.
_MOST_CONTENT = 16_000_000


class KnownAnswers:
    """The answers at the addresses that were asked last."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, Known] = OrderedDict()
        self._content = 0
        self._lock = threading.Lock()

    def put(self, key: bytes, known: Known) -> None:
        """Note what was answered; the least asked is forgotten first."""
        with self._lock:
            self._content -= _size(self._known.pop(key, None))
            self._known[key] = known
            self._content += _size(known)
            while len(self._known) > _MOST or self._content > _MOST_CONTENT:
                self._content -= _size(self._known.popitem(last=False)[1])

    def find(self, key: bytes, token: str) -> Known | None:
        """What was answered while the database was as it is now."""
        known = self._known.get(key)
        return known if known is not None and known.token == token else None


def _size(known: Known | None) -> int:
    return 0 if known is None else len(known.content or b"")


class Unchanged:
    """Reads the database's token before each answer, and answers where it is still the same."""

    def __init__(
        self,
        app: ASGIApp,
        freshness: Freshness,
        known: KnownAnswers,
        clock: Callable[[], datetime],
    ) -> None:
        self.app = app
        self._clock = clock
        self._freshness = freshness
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on with the token of now."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        token = await self._token()
        if token is not None:
            # A page shows what of the configuration is in force, too.
            token = f"{scope['app'].state.site.edition}:{token}"
            self._require_schema(scope)
            known = self._known.find(key_of(scope), token)
            asked = Headers(scope=scope).get("if-none-match")
            answer = None if known is None else self._again(known, asked)
            if answer is not None:
                await answer(scope, receive, send)
                return
        scope.setdefault("state", {})["token"] = token
        await self.app(scope, receive, send)

    def _again(self, known: Known, asked: str | None) -> Response | None:
        """What was answered before, to whoever asks now; None where that is not known."""
        if known.between is not None:
            begin, end = known.between
            # A clock may be set back as well.
            if not begin <= self._clock() < end:
                return None
        if matches(asked, known.etag):
            return Response(None, HTTPStatus.NOT_MODIFIED, known.headers)
        if known.content is None:
            return None
        return Response(known.content, headers=known.headers, media_type=HTML)

    def _require_schema(self, scope: Scope) -> None:
        """Ask nothing of a schema that changed under a server that runs.

        Raises:
            SchemaVersionError: it did.
        """
        found = self._freshness.schema
        if found is not None and found != schema.HEAD and not path_of(scope).startswith(_ALWAYS):
            schema.require_version(found)

    async def _token(self) -> str | None:
        if self._freshness.instant:
            return self._freshness.token()
        return cast("str | None", await anyio.to_thread.run_sync(self._freshness.token))
