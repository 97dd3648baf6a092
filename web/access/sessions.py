"""A login that lasts: a signed cookie, good on every replica that knows the same token."""

import binascii
import hashlib
import hmac
import time

from pricetrail.web.access.tokens import Tokens

COOKIE = "pricetrail_session"
# In seconds: a page that one keeps open.
LASTS = 30 * 24 * 3600


def begin(tokens: Tokens, name: str) -> str:
    """The cookie's value for the holder of a token."""
    expires = int(time.time()) + LASTS
    return f"{name.encode().hex()}.{expires}.{_signature(tokens, name, expires)}"


def holder(tokens: Tokens, cookie: str) -> str | None:
    """Whose session a cookie is; None where it is over, forged, or its token was taken away."""
    parts = cookie.split(".")
    if len(parts) != 3 or not parts[1].isascii() or not parts[1].isdecimal() or len(parts[1]) > 12:
        return None
    try:
        name = binascii.unhexlify(parts[0]).decode()
    except ValueError:
        return None
    expires = int(parts[1])
    signed = _signature(tokens, name, expires)
    if not signed or not hmac.compare_digest(signed.encode(), parts[2].encode("utf-8", "replace")):
        return None
    return name if time.time() < expires else None


def _signature(tokens: Tokens, name: str, expires: int) -> str:
    key = tokens.key(name)
    if key is None:
        return ""
    return hmac.new(key, f"{name}\0{expires}".encode(), hashlib.sha256).hexdigest()
