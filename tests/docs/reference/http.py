"""`docs/reference/http.md`: every address of the API, from its own description."""

import json
from collections.abc import Iterator
from typing import Any

from tests.docs.reference import page, table
from tests.web.api import openapi_file

_LEAD = """\
Every address with its parameters, as [openapi.json](../openapi.json) describes them. How they are
used, with examples, is in [The HTTP API](../api.md)."""


def text() -> str:
    """The page."""
    document = json.loads(openapi_file.text())
    return page("Every address of the API", _LEAD, _parts(document["paths"]))


def _parts(paths: dict[str, Any]) -> Iterator[str]:
    for path, methods in paths.items():
        for method, operation in methods.items():
            yield f"## `{method.upper()} {path}`"
            yield operation.get("description") or operation["summary"]
            parameters = operation.get("parameters", [])
            if parameters:
                yield table(("parameter", "in", "is"), map(_parameter, parameters))
            yield table(("status", "means"), _statuses(operation["responses"]))


def _parameter(parameter: dict[str, Any]) -> tuple[str, str, str]:
    needed = " Required." if parameter.get("required") and parameter["in"] != "path" else ""
    return (
        f"`{parameter['name']}`",
        parameter["in"],
        parameter.get("description", "") + needed,
    )


def _statuses(responses: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for status, response in responses.items():
        kinds = ", ".join(f"`{kind}`" for kind in response.get("content", {}))
        yield status, f"{response['description']} {kinds}".strip()
