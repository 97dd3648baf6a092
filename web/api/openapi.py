"""The API as an OpenAPI 3.1 document: what clients are written from."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from pricetrail.version import VERSION
from pricetrail.web.api.shapes.values import Problem
from pricetrail.web.problems import PROBLEM

ABOUT = """What an LLM gateway's models cost, now and at any time.

Read-only. Amounts are exact decimal strings; times are RFC 3339 in UTC, and a date is its first
instant. Every answer has an `ETag`; what can never change again is `immutable`. If several
sources are recorded and none is named, the answer is 400 with their names. Errors are
`application/problem+json` (RFC 9457) and say in one line what to do.
"""
TAGS = {
    "catalog": "The catalog where a client of the gateway looks for it, now and in the past.",
    "prices": "Prices, their histories, and who is cheaper.",
    "events": "What happened, in pages and as a stream.",
    "sources": "Sources, versions, what polls cover.",
    "operations": "Deliveries and quarantine.",
    "files": "The prices in the file formats of other tools.",
    "feed": "The events as Atom.",
    "service": "Health and metrics.",
}
_ERRORS = {
    "400": "The request cannot be answered as it is.",
    "401": "A token is required, or the one sent is unknown.",
    "404": "There is nothing to answer from.",
    "503": "The database cannot be reached, or is busy: try again.",
}
# No database takes one, and the guard lets none in.
_NO_NUL = r"^[^\u0000]*$"
_TAG = "Sent back as `If-None-Match`, it gives 304 while nothing has changed."
_CACHED = "Nothing has changed since the answer with this ETag."


def document(app: FastAPI) -> dict[str, Any]:
    """The document of an application; its server is the address that it is served below."""
    made = get_openapi(
        title="pricetrail",
        version=VERSION,
        summary="What an LLM gateway's models cost, now and at any time",
        description=ABOUT,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
        servers=[{"url": app.state.site.root_path or "/"}],
        license_info={"name": "MIT", "identifier": "MIT"},
    )
    parts = made.setdefault("components", {}).setdefault("schemas", {})
    parts["Problem"] = Problem.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):
        parts.pop(unused, None)
    made["components"]["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "Required if others can reach the server.",
        }
    }
    # Either without a token, where none is set, or with one.
    made["security"] = [{}, {"token": []}]
    for operation in _operations(made):
        _complete(operation)
    return made


def _operations(made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in made["paths"].values():
        yield from methods.values()


def _complete(operation: dict[str, Any]) -> None:
    """Say what every operation may answer besides, and call it what its docstring says."""
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
    operation["summary"] = operation["description"].split("\n")[0].rstrip(".")
    answers = operation["responses"]
    answers.pop("422", None)
    answers["200"]["description"] = "The answer."
    if operation["tags"] != ["service"] and "text/event-stream" not in answers["200"]["content"]:
        answers["304"] = {"description": _CACHED}
        headers = answers["200"].setdefault("headers", {})
        headers["ETag"] = {"schema": {"type": "string"}, "description": _TAG}
    for status, text in _ERRORS.items():
        answers.setdefault(status, {"description": text})["content"] = {
            PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}
        }
    operation["responses"] = dict(sorted(answers.items()))


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter, which is left out rather than null; its name is its title."""
    kept = {name: value for name, value in schema.items() if name not in ("title", "description")}
    others = [part for part in kept.get("anyOf", ()) if part != {"type": "null"}]
    if len(others) == 1:
        del kept["anyOf"]
        kept |= others[0]
    if kept.get("type") == "string" and not kept.keys() & {"enum", "format", "pattern", "anyOf"}:
        kept["pattern"] = _NO_NUL
    if kept.get("type") == "array" and "enum" not in kept["items"]:
        kept["items"] = {"pattern": _NO_NUL, **kept["items"]}
    return kept
