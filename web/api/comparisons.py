"""The same models over several sources."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from pricetrail.queries import compare
from pricetrail.queries.revisions import is_settled
from pricetrail.storage import sources
from pricetrail.web.api.parameters import At, Field, asked_at, asked_field, only_known
from pricetrail.web.api.shapes.prices import Comparison
from pricetrail.web.bodies import of_json
from pricetrail.web.replies import reply
from pricetrail.web.site import site_of

router = APIRouter(prefix="/api/v1", tags=["prices"], dependencies=[Depends(only_known)])


@router.get("/compare", response_model=Comparison)
def comparison(
    request: Request,
    model: Annotated[
        str | None,
        Query(
            description="One model; without it, all that at least two sources list.",
            examples=["gpt-5"],
        ),
    ] = None,
    at: At = None,
    field: Field = None,
    among: Annotated[
        list[str],
        Query(alias="source", description="Only these sources; may be repeated."),
    ] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """The same models at several sources: who is cheaper, and since when.

    Models are the same where their ids are, or where `[aliases]` in the configuration joins them.
    """
    moment, names = asked_at("at", at), [name for name in among if name]
    site, path = site_of(request), asked_field(field)
    with site.database.read() as transaction:
        answer = compare.ask(transaction, model or None, moment, path, names, aliases=site.aliases)
        states = [sources.choose(transaction, name) for name in answer.sources]
        # What stands for one model may be another matter tomorrow.
        settled = not site.aliases and all(
            is_settled(transaction, state, moment) for state in states
        )
    return reply(request, of_json(answer), settled=settled)
