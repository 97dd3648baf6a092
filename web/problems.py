"""Errors for programs: RFC 9457."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

PROBLEM = "application/problem+json"


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer that says in one line what is wrong and what to do."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    text = json.dumps({**body, "detail": detail}, ensure_ascii=True) + "\n"
    return Response(text, status, {"cache-control": "no-store", **(headers or {})}, PROBLEM)
