"""Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence

from pricetrail.catalog.errors import InvalidInputError

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64


class SecretError(InvalidInputError):
    """A signing secret that is no secret; the text never holds the secret itself."""


def key_of(secret: str) -> bytes:
    """The key of 24 to 64 bytes inside `whsec_` + base64 (its padding may be missing).

    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

    Raises:
        SecretError: anything else.
    """
    encoded = secret.removeprefix(PREFIX)
    if encoded == secret:
        raise SecretError(f"a webhook secret starts with {PREFIX}: {_REMEDY}")
    try:
        # Strict: Python's lenient reading drops odd characters and would sign with another key
        # than the receiver's.
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise SecretError(f"after {PREFIX} a webhook secret is base64: {_REMEDY}") from None
    if not SHORTEST <= len(key) <= LONGEST:
        raise SecretError(
            f"a webhook secret is {SHORTEST} to {LONGEST} bytes, this one {len(key)}: {_REMEDY}"
        )
    return key


_REMEDY = "make one with: echo whsec_$(openssl rand -base64 32)"


def signature_headers(
    secrets: Sequence[str], webhook_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """The three headers of Standard Webhooks; one signature for each secret, space-separated.

    Without a secret there is no `webhook-signature`: an unsigned message says so by its absence.
    """
    headers = {"webhook-id": webhook_id, "webhook-timestamp": str(timestamp)}
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    signatures = [_signature(key_of(secret), signed) for secret in secrets]
    if signatures:
        headers["webhook-signature"] = " ".join(signatures)
    return headers


def _signature(key: bytes, signed: bytes) -> str:
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode("ascii")
