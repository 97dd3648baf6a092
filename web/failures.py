"""Errors as answers: a problem document for programs, a page with the remedy for people."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from traceback import extract_tb
from typing import Any

import anyio.to_thread
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pricetrail.catalog.errors import PricetrailError, http_status
from pricetrail.storage import schema
from pricetrail.storage.errors import ForeignDatabaseError, SchemaVersionError, StorageError
from pricetrail.storage.sources import SourceNeededError
from pricetrail.text.log_fields import fields
from pricetrail.text.refusals import refusal
from pricetrail.text.sanitize import sanitize
from pricetrail.web.access.addresses import for_gateway_clients, for_programs, path_of
from pricetrail.web.layout import page
from pricetrail.web.problems import problem
from pricetrail.web.site import site_of

log = logging.getLogger("pricetrail.web")

_LONGEST = 1000
# What is written in a form of its own, by the parameter's name.
_FORMS = {"month": "2026-03", "label": "team=search"}
_FRAMES = 4
_UNTOLD = "not ready: /readyz?sources=1, with a token, says why"


def install(app: FastAPI) -> None:
    """Make every error that a handler raises an answer."""
    app.add_exception_handler(PricetrailError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _plain)


class Unexpected:
    """Answers what no handler expected, inside the guard, so that this answer too is guarded."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on; where that fails before anything was sent, say that it did."""
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception as error:  # a fault anywhere is one answer's, and not the server's
            if scope["type"] == "http" and begun:
                _log(scope, error)
            if scope["type"] != "http" or begun:
                raise
            request = Request(scope)
            response = await anyio.to_thread.run_sync(_unexpected, request, error)
            await response(scope, receive, send)


def _ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, PricetrailError)  # noqa: S101 - as it is registered
    if type(error) is StorageError and (changed := _schema_problem(request)):
        return changed
    said = str(error)
    if isinstance(error, SourceNeededError) and for_gateway_clients(path_of(request.scope)):
        # A client's base address is all that can be changed in most programs.
        said = error.said("/s/NAME before the path, or source=NAME", error.known)
    return failure(request, http_status(error), said)


def _invalid(request: Request, error: Exception) -> Response:
    """A parameter that is none: the first one, by its name."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as it is registered
    first = error.errors()[0]
    # A number is the place in a list of one parameter's values.
    names = [part for part in first["loc"] if isinstance(part, str)]
    where = names[-1] if names else "the request"
    return failure(request, HTTPStatus.BAD_REQUEST, f"{where}: {_words(first, where)}")


def _words(error: Mapping[str, Any], name: str) -> str:
    if error["type"] == "missing":
        return f"missing: add {name}=VALUE"
    if error["type"] == "string_pattern_mismatch" and name in _FORMS:
        return f"not of this form: write one such as {_FORMS[name]}"
    return refusal(error)


def _plain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as it is registered
    if error.status_code != HTTPStatus.NOT_FOUND:
        return failure(request, error.status_code, error.detail)
    programs = for_programs(path_of(request.scope))
    missing = "there is no such address: see /api/docs" if programs else "Page not found"
    return failure(request, error.status_code, missing)


def _unexpected(request: Request, error: Exception) -> Response:
    """A fault of ours, or a damaged database: its text may hold anything, so only its kind goes."""
    if isinstance(error, SchemaVersionError):
        return _schema_changed(request, error)
    damage = site_of(request).database.damage()
    if damage is not None:
        return failure(request, http_status(damage), str(damage))
    if changed := _schema_problem(request):
        return changed
    _log(request.scope, error)
    return failure(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        f"{type(error).__name__}: this should not happen; see the service's log",
    )


def _schema_problem(request: Request) -> Response | None:
    """What to say where the schema is not, or not any more, the one that this program needs."""
    try:
        schema.require(site_of(request).database)
    except (SchemaVersionError, ForeignDatabaseError) as error:
        return _schema_changed(request, error)
    except PricetrailError:
        pass  # what it is about is being told already
    return None


def _schema_changed(request: Request, error: PricetrailError) -> Response:
    """What was right when the server started is not any more: no fault of whoever asks."""
    said = f"{error}, then restart `pricetrail web` or `pricetrail run`"
    return failure(request, HTTPStatus.SERVICE_UNAVAILABLE, said)


def _log(scope: Scope, error: Exception) -> None:
    kind, path = type(error).__name__, path_of(scope)
    log.error("%s at %s %s", kind, path, _place(error), extra=fields(error=kind, path=path))


def _place(error: Exception) -> str:
    """Where it happened: the frames may hold secrets, their places do not."""
    places = [
        f"{Path(frame.filename).name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)
    ]
    return "(" + " < ".join(reversed(places[-_FRAMES:])) + ")"


def _may_know(request: Request) -> bool:
    """Whether whoever asks may know what is wrong: a probe without a token may not."""
    probed = path_of(request.scope) == "/readyz" and not request.scope["query_string"]
    return not (probed and site_of(request).tokens)


def failure(request: Request, status: int, detail: str) -> Response:
    """An error in the shape that whoever asked can use."""
    said = sanitize(detail, _LONGEST) if _may_know(request) else _UNTOLD
    path = path_of(request.scope)
    if for_programs(path):
        return problem(status, said, for_gateway_client=for_gateway_clients(path))
    title = HTTPStatus(status).phrase
    response = page(request, "error.html", title=title, detail=said, status=status)
    response.headers["cache-control"] = "no-store"
    return response
