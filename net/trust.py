"""Whose certificates are believed, by the gateway client and by the way out to receivers."""

import ssl
from functools import cache

import httpcore

from pricetrail.net.no_answer import Cause, NoAnswerError


def trust(ca_file: str | None = None) -> ssl.SSLContext:
    """The machine's own authorities together with certifi's, or those of one file alone.

    Raises:
        NoAnswerError: the file cannot be read as certificates.
    """
    if ca_file is None:
        return _usual_trust()
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError:  # ssl.SSLError is one
        raise NoAnswerError(Cause.AUTHORITIES) from None


@cache
def _usual_trust() -> ssl.SSLContext:
    """Made once, for it costs 20 ms; `SSL_CERT_FILE` counts."""
    return httpcore.default_ssl_context()
