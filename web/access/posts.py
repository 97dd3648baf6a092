"""The only requests that are no questions; none of them changes what is stored."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Message, Receive

from pricetrail.web.problems import problem

_FORM = 16 * 1024
# The largest body of each, in bytes.
_LARGEST = {"/login": _FORM, "/logout": _FORM, "/proof/check": 16 * 1024 * 1024}


def refusal(method: str, path: str, headers: Headers) -> Response | None:
    """Why a request that is no question is not let in; None where it is."""
    if method != "POST" or path not in _LARGEST:
        allowed = "GET, HEAD, POST" if path in _LARGEST else "GET, HEAD"
        return problem(405, "this server only answers questions", {"allow": allowed})
    if not _is_ours(headers):
        return problem(403, "this form was sent by another site: open the page and use its own")
    length = headers.get("content-length", "")
    if length.isascii() and length.isdecimal() and int(length[:20]) > _LARGEST[path]:
        return _too_large(path)
    return None


def limited(receive: Receive, path: str) -> Receive:
    """Reads a body, also one that does not say its length, up to what is allowed.

    Raises:
        HTTPException: 413, there is more.
    """
    left = _LARGEST[path]

    async def receiving() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413, _why(path))
        return message

    return receiving


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


def _too_large(path: str) -> Response:
    return problem(413, _why(path), {"connection": "close"})


def _why(path: str) -> str:
    return f"this is larger than {_LARGEST[path] // 1024} KiB, the most that is read here"
