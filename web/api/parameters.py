"""What addresses are asked with, and that they are asked with nothing else."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated, Any, get_origin

from fastapi import Path, Query
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.pointers import from_person
from pricetrail.web.asked import moment

_INSTANT = [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]
# As a form sends what nobody filled in.
_NOTHING = {"const": ""}
_TIME = {"anyOf": [*_INSTANT, {"const": "now"}, _NOTHING]}
_REVISION = {
    "anyOf": [
        {"type": "string", "pattern": "^([0-9]{1,9}|latest(~[0-9]{1,9})?|baseline)$"},
        *_INSTANT,
    ]
}
_FORMS = "a version, a time, `latest`, `latest~3` or `baseline`"


def _time(description: str) -> Any:
    return Query(description=description, json_schema_extra=_TIME, examples=["2026-03-01"])


Source = Annotated[
    str | None,
    Query(description="The name of a source; required only if there are several."),
]
AnySource = Annotated[str | None, Query(description="Only this source; without it, all of them.")]
At = Annotated[
    str | None,
    _time("As of this time: RFC 3339, or a date, which is its first instant in UTC."),
]
Since = Annotated[str | None, _time("Seen at or after this time.")]
Until = Annotated[str | None, _time("Seen before this time.")]
Field = Annotated[
    str | None,
    Query(
        description="One price, or a group: `text.prompt`, or the JSON Pointer "
        "`/pricing/text/prompt`.",
        examples=["text.prompt"],
    ),
]
AtInPath = Annotated[
    str,
    Path(
        description="As of this time: RFC 3339, or a date.",
        json_schema_extra={"anyOf": [*_INSTANT, {"const": "now"}]},
        examples=["2026-03-01"],
    ),
]
VersionInPath = Annotated[
    str,
    Path(description=f"Which version: {_FORMS}.", json_schema_extra=_REVISION, examples=["latest"]),
]
From = Annotated[
    str,
    Query(alias="from", description=f"From which version: {_FORMS}.", json_schema_extra=_REVISION),
]
To = Annotated[
    str, Query(description="To which one, in the same forms.", json_schema_extra=_REVISION)
]
ModelId = Annotated[
    str,
    Path(
        description="The model's id, whole: slashes and colons are part of it, escaped or not.",
        examples=["openai/gpt-5"],
        min_length=1,
    ),
]


def asked_at(name: str, text: str | None) -> datetime | None:
    """A time that was asked for; None where none was.

    Raises:
        InvalidInputError: it is none.
    """
    # A `+` that was not escaped arrives as a blank; in a time there is no other.
    head, blank, offset = (text or "").strip().rpartition(" ")
    lost = blank and "T" in head.upper() and offset[:1].isdecimal()
    return moment(name, f"{head}+{offset}" if lost else text)


def asked_field(text: str | None) -> str | None:
    """The JSON Pointer to a field that was asked for; None where none was."""
    return from_person(text) if text else None


def only_known(request: Request) -> None:
    """Refuse parameters that an address does not have.

    Raises:
        InvalidInputError: one that is unknown, or given twice where there can be one.
    """
    known = _known(request)
    for name in request.query_params:
        if name not in known:
            raise InvalidInputError(f"unknown parameter {name!r}{_near(name, known)}")
        many = len(request.query_params.getlist(name))
        if many > 1 and not known[name]:
            raise InvalidInputError(f"{name} is given {many} times: give it once")


def _known(request: Request) -> Mapping[str, bool]:
    """The parameters of the address that was asked, and whether each may be given again."""
    route = request.scope["route"]
    return dict(_parameters(route.dependant)) if isinstance(route, APIRoute) else {}


def _parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    for field in dependant.query_params:
        yield field.alias, get_origin(field.field_info.annotation) is list
    for inner in dependant.dependencies:
        yield from _parameters(inner)


def _near(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = get_close_matches(name.lower(), names, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; valid: {', '.join(names)}" if names else "; this address takes none"
