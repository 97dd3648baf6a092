"""One tree of errors: each says whether trying again can help, and its kind how a caller ends."""

from http import HTTPStatus
from typing import NamedTuple


class PricetrailError(Exception):
    """Something a person can act on: `str(error)` is one clear line that names the remedy."""

    retry = False


class FailedError(PricetrailError):
    """Something that was asked for failed: a poll, a delivery, a verification."""


class InvalidInputError(PricetrailError):
    """What was given cannot be used as it is: a question, a file, the configuration."""


class NotFoundError(PricetrailError):
    """There is nothing to answer from: no database, no such source, model or snapshot."""


class UnavailableError(PricetrailError):
    """What is needed cannot be reached or is busy; trying again can help."""

    retry = True


class CatalogError(PricetrailError):
    """A body that cannot be accepted as a catalog; the last good snapshot stays the baseline."""


class _End(NamedTuple):
    exit_code: int
    http_status: HTTPStatus


# How each kind ends, for the command line (contract, section 5) and over HTTP (section 6).
_ENDS = {
    InvalidInputError: _End(2, HTTPStatus.BAD_REQUEST),
    NotFoundError: _End(3, HTTPStatus.NOT_FOUND),
    PricetrailError: _End(1, HTTPStatus.SERVICE_UNAVAILABLE),
}


def exit_code(error: PricetrailError) -> int:
    """1 something failed, 2 usage or configuration, 3 nothing to answer from."""
    return _end(error).exit_code


def http_status(error: PricetrailError) -> HTTPStatus:
    """The status of an answer that is this error."""
    return _end(error).http_status


def _end(error: PricetrailError) -> _End:
    return next(_ENDS[kind] for kind in type(error).__mro__ if kind in _ENDS)
