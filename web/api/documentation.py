"""The API's own description: for programs, and for people to try it out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.web.api.openapi import document
from pricetrail.web.bodies import of_text
from pricetrail.web.layout import page
from pricetrail.web.replies import reply
from pricetrail.web.site import site_of

# Before the names of an address's own parameters, beside which there is `path`.
PREFIX = "p."

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Parameter:
    """What one address is asked with; `choices` where there are only so many values."""

    name: str
    in_path: bool
    required: bool
    description: Markup
    example: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One address as the page shows it; `shape` names what it answers."""

    path: str
    summary: Markup
    description: Markup
    parameters: tuple[Parameter, ...]
    media_type: str
    shape: str


@router.get("/api/openapi.json")
def openapi(request: Request) -> Response:
    """The OpenAPI document."""
    return reply(request, of_text(as_text(document(request.app))))


@router.get("/api/docs")
def docs(request: Request) -> Response:
    """The same, as a page with a form for each address."""
    made = document(request.app)
    groups = [
        (tag["name"], tag["description"], list(_operations(made, tag["name"])))
        for tag in made["tags"]
    ]
    return page(
        request,
        "api.html",
        title="API",
        active="api",
        timeless=True,
        groups=[group for group in groups if group[2]],
        prefix=PREFIX,
        about=[_marked(text) for text in made["info"]["description"].strip().split("\n\n")],
        shapes=[_shape(name, it) for name, it in sorted(made["components"]["schemas"].items())],
    )


@router.get("/api/docs/open")
def open_answer(request: Request, path: str) -> Response:
    """Lead a form of the page, which has no script, to the address that it fills in.

    Raises:
        NotFoundError: there is no such address.
        InvalidInputError: a part of it is missing.
    """
    if path not in document(request.app)["paths"]:
        raise NotFoundError(f"there is no address {path!r}: see /api/docs")
    query: list[tuple[str, str]] = []
    given = [
        (name.removeprefix(PREFIX), value)
        for name, value in request.query_params.multi_items()
        if name.startswith(PREFIX) and value
    ]
    for name, value in given:
        place = f"{{{name}}}"
        if place in path:
            path = path.replace(place, quote(value, safe=""))
        else:
            query.append((name, value))
    if "{" in path:
        raise InvalidInputError(f"fill in {path[path.index('{') :].partition('}')[0]}}}")
    root = site_of(request).root_path
    where = root + path + (f"?{urlencode(query)}" if query else "")
    return RedirectResponse(where, 303, {"cache-control": "no-store"})


def as_text(made: dict[str, Any]) -> str:
    """The document as it is served, and kept as a file."""
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _marked(text: str) -> Markup:
    """Words in which what stands between backquotes is code."""
    parts = enumerate(text.split("`"))
    shapes = (Markup("{}"), Markup("<code>{}</code>"))
    return Markup("").join(shapes[index % 2].format(part) for index, part in parts)


def _shape(name: str, schema: dict[str, Any]) -> tuple[str, Markup, list[tuple[str, str, Markup]]]:
    """A shape's name, what it is, and its members: name, type, meaning."""
    members = [
        (member, _kind(told), _marked(told.get("description", "")))
        for member, told in schema.get("properties", {}).items()
    ]
    return name, _marked(schema.get("description", "")), members


def _kind(schema: dict[str, Any]) -> str:
    """A type in words: `array of Price`, `string or null`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(map(_kind, schema["anyOf"]))
    if schema.get("type") == "array":
        return f"array of {_kind(schema.get('items', {}))}"
    if "const" in schema or "enum" in schema:
        return " | ".join(f"“{value}”" for value in schema.get("enum", [schema.get("const")]))
    return str(schema.get("format") or schema.get("type", "anything"))


def _operations(made: dict[str, Any], tag: str) -> Iterator[Operation]:
    for path, methods in made["paths"].items():
        for operation in methods.values():
            if operation["tags"] == [tag]:
                ((media_type, answer),) = operation["responses"]["200"]["content"].items()
                yield Operation(
                    path=path,
                    summary=_marked(operation["summary"]),
                    description=_marked(operation["description"].partition("\n")[2].strip()),
                    parameters=tuple(map(_parameter, operation.get("parameters", ()))),
                    media_type=media_type,
                    shape=answer["schema"].get("$ref", "").rpartition("/")[2],
                )


def _parameter(told: dict[str, Any]) -> Parameter:
    schema = told["schema"]
    whole = [schema, schema.get("items", {}), *schema.get("anyOf", ())]
    choices = next((part["enum"] for part in whole if "enum" in part), ())
    examples = schema.get("examples") or (["false"] if schema.get("type") == "boolean" else [""])
    return Parameter(
        name=told["name"],
        in_path=told["in"] == "path",
        required=told.get("required", False),
        description=_marked(told.get("description", "")),
        example=str(examples[0]),
        choices=tuple(choices),
    )
