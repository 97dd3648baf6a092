"""The prices in the files that other tools read already, now and at any time."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import Response

from pricetrail.queries import models, price_files
from pricetrail.web.api.parameters import At, Source, asked_at, only_known
from pricetrail.web.bodies import of_text
from pricetrail.web.replies import reply
from pricetrail.web.site import site_of

router = APIRouter(prefix="/api/v1/prices", tags=["files"], dependencies=[Depends(only_known)])

# How much a format cannot carry, counted.
LEFT_OUT = "pricetrail-left-out"
_COUNT = {
    "schema": {"type": "string", "pattern": "^[0-9]+$"},
    "description": "How many prices and models the format cannot carry.",
}


@router.get(
    "/{form}.json", response_model=dict | list, responses={200: {"headers": {LEFT_OUT: _COUNT}}}
)
def price_file(
    request: Request,
    form: Annotated[
        Literal["litellm", "models.dev", "genai-prices"], Path(description="Which tool's format.")
    ],
    at: At = None,
    source: Source = None,
) -> Response:
    """What `export --as` writes; a header counts the prices that the format cannot carry."""
    moment = asked_at("at", at)
    with site_of(request).database.read() as transaction:
        answer = price_files.ask(transaction, source or None, form, moment)
        settled = models.locate(transaction, answer.source, moment).settled
    left_out = {LEFT_OUT: str(len(answer.left_out))}
    return reply(request, of_text(answer.as_text()), settled=settled, headers=left_out)
