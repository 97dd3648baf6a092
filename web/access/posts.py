"""The only requests that are no questions; none of them changes what is stored."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Message, Receive, Send

from pricetrail.web.problems import problem

_FORM = 16 * 1024
# The largest body of each, in bytes.
_LARGEST = {"/login": _FORM, "/logout": _FORM, "/proof/check": 16 * 1024 * 1024}
# Of a body that is not wanted so many bytes are read and thrown away: most clients look for an
# answer only once they have sent theirs, and a connection that ends before is a failure to them.
_THROWN_AWAY = 128 * 1024 * 1024
_CLOSE = (b"connection", b"close")


def refusal(method: str, path: str, headers: Headers) -> Response | None:
    """Why a request that is no question is not let in; None where it is."""
    if method != "POST" or path not in _LARGEST:
        allowed = "GET, HEAD, POST" if path in _LARGEST else "GET, HEAD"
        return problem(405, "this API is read-only", {"allow": allowed})
    if not _is_ours(headers):
        return problem(403, "this form was sent by another site: open the page and use its own")
    return None


def limited(receive: Receive, path: str, headers: Headers) -> Receive:
    """Reads a body, also one that does not say its length, up to what is allowed.

    Raises:
        HTTPException: 413, there is more.
    """
    left = _LARGEST[path]

    async def receiving() -> Message:
        nonlocal left
        if _length(headers) > _LARGEST[path]:
            raise HTTPException(413, _why(path))
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413, _why(path))
        return message

    return receiving


def after_the_body(receive: Receive, send: Send, headers: Headers) -> tuple[Receive, Send]:
    """Both ways of a request with a body: its answer begins once the body has come.

    What nobody reads of it is thrown away, within bounds.
    """
    begun = ended = False

    async def receiving() -> Message:
        nonlocal begun, ended
        begun = True
        message = await receive()
        ended = not message.get("more_body", False)
        return message

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start" and not ended:
            if not begun and headers.get("expect", "").lower() == "100-continue":
                # It has not been sent, and whether it will be nobody knows.
                message = {**message, "headers": [*message.get("headers", ()), _CLOSE]}
            elif _length(headers) <= _THROWN_AWAY:
                left = _THROWN_AWAY
                while left > 0 and not ended:
                    left -= len((await receiving()).get("body", b""))
        await send(message)

    return receiving, sending


def has_body(headers: Headers) -> bool:
    """Whether something comes after the headers of a request."""
    return "transfer-encoding" in headers or _length(headers) > 0


def _length(headers: Headers) -> int:
    """What a request says of its body's length; 0 where it says nothing."""
    length = headers.get("content-length", "")
    return int(length[:20]) if length.isascii() and length.isdecimal() else 0


def _is_ours(headers: Headers) -> bool:
    """Whether a browser sent the form from a page of this server; a program need not say.

    Browsers tell it in `Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata/), but over plain
    HTTP only to this machine; `Origin` they send with every form.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return True
    return origin.partition("://")[2].lower() == headers.get("host", "").lower()


def _why(path: str) -> str:
    return f"this is larger than {_LARGEST[path] // 1024} KiB, the most that is read here"
