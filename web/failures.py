"""Errors as answers: a problem document for programs, a page with the remedy for people."""

import logging
from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pricetrail.catalog.errors import PricetrailError, http_status
from pricetrail.storage.sources import SourceNeededError
from pricetrail.text.sanitize import sanitize
from pricetrail.web.access.guard import for_programs, path_of
from pricetrail.web.layout import page
from pricetrail.web.problems import problem
from pricetrail.web.site import site_of

log = logging.getLogger("pricetrail.web")

_LONGEST = 1000


def install(app: FastAPI) -> None:
    """Make every error that a handler raises an answer."""
    app.add_exception_handler(PricetrailError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(Exception, _unexpected)


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, PricetrailError)  # noqa: S101 - as it is registered
    said = str(error)
    if isinstance(error, SourceNeededError):
        said = error.said("source=NAME", error.names)
    return failure(request, http_status(error), said)


def _invalid(request: Request, error: Exception) -> Response:
    """A parameter that is none: the first one, by its name."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as it is registered
    first = error.errors()[0]
    # A number is the place in a list of one parameter's values.
    names = [part for part in first["loc"] if isinstance(part, str)]
    where = names[-1] if names else "the request"
    return failure(request, HTTPStatus.BAD_REQUEST, f"{where}: {_words(first['msg'])}")


def _words(said: str) -> str:
    return said.removeprefix("Value error, ")[:1].lower() + said.removeprefix("Value error, ")[1:]


def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as it is registered
    detail = "there is no such page" if error.status_code == HTTPStatus.NOT_FOUND else error.detail
    return failure(request, error.status_code, detail)


def _unexpected(request: Request, error: Exception) -> Response:
    """A fault of ours, or a damaged database: its text may hold anything, so only its kind goes."""
    damage = site_of(request).database.damage()
    if damage is not None:
        return failure(request, http_status(damage), str(damage))
    log.error("%s while answering: see the traceback", type(error).__name__, exc_info=error)
    return failure(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        f"{type(error).__name__}: this should not happen; the service's log says more",
    )


def failure(request: Request, status: int, detail: str) -> Response:
    """An error in the shape that whoever asked can use."""
    said = sanitize(detail, _LONGEST)
    if for_programs(path_of(request.scope)):
        return problem(status, said)
    title = HTTPStatus(status).phrase
    response = page(request, "error.html", title=title, detail=said, status=status)
    response.headers["cache-control"] = "no-store"
    return response
