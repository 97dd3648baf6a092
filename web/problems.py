"""Errors for programs: RFC 9457."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

PROBLEM = "application/problem+json"


def problem(
    status: int,
    detail: str,
    headers: Mapping[str, str] | None = None,
    *,
    for_gateway_client: bool = False,
) -> Response:
    """An answer that says in one line what is wrong and what to do.

    A client of the gateway, such as OpenAI's, repeats nothing but a member `message`: it gets one.
    """
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    body |= {"detail": detail} | ({"message": detail} if for_gateway_client else {})
    text = json.dumps(body, ensure_ascii=True) + "\n"
    return Response(text, status, {"cache-control": "no-store", **(headers or {})}, PROBLEM)
