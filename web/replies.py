"""An answer as HTTP: its ETag, how long it may be kept, and 304 where the reader has it already."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from pricetrail.web.bodies import Body
from pricetrail.web.site import site_of

JSON = "application/json"
HTML = "text/html; charset=utf-8"
_YEAR = 365 * 24 * 3600
# Shorter answers are sent in one piece.
_AT_ONCE = 1 << 18


@dataclass(frozen=True, slots=True)
class Known:
    """An answer that was given while the database was as it is now.

    It is good `between` two times of the database's clock; None: whatever the time is. Of a page
    the whole is kept, as `content`; of another answer its headers alone.
    """

    token: str
    etag: str
    cache_control: str
    between: tuple[datetime, datetime] | None = None
    content: bytes | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What tells a reader what it has."""
        return {"etag": self.etag, "cache-control": self.cache_control}


def reply(
    request: Request,
    body: Body,
    media_type: str = JSON,
    *,
    settled: bool = False,
    timeless: bool | timedelta = True,
    headers: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """An answer whose bytes are complete.

    Args:
        settled: nothing that is yet to happen can change it.
        timeless: it follows from the database alone, whatever the time is; or for so long.
    """
    etag = f'"{body.tag}"'
    control = _cache_control(private=bool(site_of(request).tokens), settled=settled)
    sent = {**(headers or {}), "etag": etag, "cache-control": control}
    content = b"".join(body.pieces()) if body.length <= _AT_ONCE else None
    if timeless and status == HTTPStatus.OK:
        kept = content if media_type == HTML and not headers else None
        _remember(request, timeless, etag, control, kept)
    if status == HTTPStatus.OK and matches(request.headers.get("if-none-match"), etag):
        body.close()
        return Response(None, HTTPStatus.NOT_MODIFIED, sent)
    if content is not None:
        return Response(content, status, sent, media_type)
    return _Long(body, status, {**sent, "content-length": str(body.length)}, media_type)


class _Long(StreamingResponse):
    """Sent a piece at a time; the disk is given back when the reader goes away, too."""

    def __init__(
        self, body: Body, status: int, headers: Mapping[str, str], media_type: str
    ) -> None:
        super().__init__(body.pieces(), status, headers, media_type)
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, as far as somebody reads."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._body.close()


def matches(header: str | None, etag: str) -> bool:
    """Whether `If-None-Match` names this answer (RFC 9110, section 13.1.2: compared weakly)."""
    if header is None:
        return False
    given = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in given or etag in given


def _remember(
    request: Request,
    timeless: bool | timedelta,
    etag: str,
    cache_control: str,
    content: bytes | None,
) -> None:
    """Note the answer of this address, for as long as the database stays as it was."""
    token = request.scope.get("state", {}).get("token")
    if token is None:
        return
    known = Known(token, etag, cache_control, content=content)
    if isinstance(timeless, timedelta):
        database = site_of(request).database
        # A server's clock would have to be asked each time.
        if database.sqlite_path is None:
            return
        now = database.now()
        known = replace(known, between=(now, now + timeless))
    request.app.state.known.put(key_of(request.scope), known)


def key_of(scope: Mapping[str, object]) -> bytes:
    """What names an answer: a hash of path and query, in which a feed's token may be."""
    address = f"{scope['path']}?{scope['query_string']!r}"
    return hashlib.blake2b(address.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _cache_control(*, private: bool, settled: bool) -> str:
    if settled:
        return f"{'private' if private else 'public'}, max-age={_YEAR}, immutable"
    return "private, no-cache" if private else "no-cache"
