"""What every answer says of itself, errors and files too."""

from starlette.types import Message, Send

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    # With `no-referrer` a browser would send our own forms with `Origin: null`.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
# As ASGI has them: this is done for every answer.
_RAW = tuple((name.encode(), value.encode()) for name, value in HEADERS.items())
_NAMES = frozenset(name for name, _ in _RAW)
_UNKEPT = ((b"cache-control", b"no-cache"),)


def as_promised(send: Send, *, bodiless: bool) -> Send:
    """Sends an answer with those headers, without its body where only the head was asked for."""
    ended = False

    async def sending(message: Message) -> None:
        nonlocal ended
        if message["type"] == "http.response.start":
            given = [header for header in message.get("headers", ()) if header[0] not in _NAMES]
            kept = any(name == b"cache-control" for name, _ in given)
            message = {**message, "headers": [*given, *_RAW, *(() if kept else _UNKEPT)]}
        elif bodiless and message["type"] == "http.response.body":
            if ended:
                return
            # The end at once: whoever streams without end learns that nobody listens.
            ended, message = True, {"type": "http.response.body", "body": b"", "more_body": False}
        await send(message)

    return sending
