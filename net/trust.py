"""Whose certificates are believed, by the gateway client and by the way out to receivers."""

import os
import ssl
from functools import cache, lru_cache

import httpcore

from pricetrail.net.no_answer import Cause, NoAnswerError

FileState = tuple[int, int, int, int, int]


def trust(ca_file: str | None = None) -> ssl.SSLContext:
    """The machine's own authorities together with certifi's, or those of one file alone.

    Raises:
        NoAnswerError: the file cannot be read as certificates.
    """
    if ca_file is None:
        return _usual_trust()
    try:
        return _trust_of(ca_file, state_of(ca_file))
    except OSError:  # ssl.SSLError is one
        raise NoAnswerError(Cause.AUTHORITIES) from None


def state_of(ca_file: str) -> FileState:
    """What tells whether a file was changed: its device, number, size and last changes.

    Raises `OSError`.
    """
    found = os.stat(ca_file)  # noqa: PTH116 - once a fetch, at half the cost
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@cache
def _usual_trust() -> ssl.SSLContext:
    """Made once, for it costs 20 ms; `SSL_CERT_FILE` counts."""
    return httpcore.default_ssl_context()


# A bundle of all public authorities takes 20 ms to read, and few files are in use at a time.
@lru_cache(maxsize=16)
def _trust_of(ca_file: str, _state: FileState) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)
