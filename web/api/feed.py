"""The events as Atom (RFC 4287), for whoever reads feeds."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from pricetrail.queries import feed
from pricetrail.queries.event_cursors import Question
from pricetrail.web.api.atom import Links, atom
from pricetrail.web.api.events import Model, Types
from pricetrail.web.api.parameters import AnySource, only_known
from pricetrail.web.bodies import Body
from pricetrail.web.replies import reply
from pricetrail.web.site import site_of

router = APIRouter(tags=["feed"], dependencies=[Depends(only_known)])

ATOM = "application/atom+xml"


@router.get(
    "/feed.atom",
    response_class=Response,
    responses={200: {"content": {ATOM: {"schema": {"type": "string"}}}}},
)
def events(
    request: Request,
    source: AnySource = None,
    model: Model = None,
    types: Types = [],  # noqa: B006 - FastAPI copies it
    before: Annotated[
        int | None, Query(description="Only what was recorded before this entry.", ge=1, lt=2**63)
    ] = None,
    token: Annotated[  # noqa: ARG001 - the guard reads it; here it is only known
        str | None, Query(description="A token, for readers that cannot send headers.")
    ] = None,
) -> Response:
    """What happened, last recorded first, each with the exact change."""
    question = Question(source or None, types=tuple(types), model=model or None)
    answer = feed.ask(site_of(request).database, question, before)
    asked = {"source": question.source, "model": question.model, "type": question.types}
    links = _links(request, asked, before, answer.next)
    return reply(request, Body([atom(answer, links)]), ATOM)


def _links(
    request: Request, asked: Mapping[str, object], before: int | None, following: int | None
) -> Links:
    base = str(request.base_url).rstrip("/")

    def page(number: int | None) -> str:
        """The address of a page, without the token: an entry may be passed on."""
        given = {name: value for name, value in {**asked, "before": number}.items() if value}
        query = urlencode(given, doseq=True)
        return f"{base}/feed.atom" + (f"?{query}" if query else "")

    return Links(
        this=page(before),
        first=page(None),
        next=None if following is None else page(following),
        timeline=f"{base}/timeline",
        event=lambda event_id: f"{base}/event/{quote(event_id)}",
        query=urlencode({name: value for name, value in asked.items() if value}, doseq=True),
    )
