"""The event log: in pages that lose and repeat nothing, and as a stream."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query
from fastapi.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from pricetrail.catalog.events import TYPES
from pricetrail.queries import event_pages
from pricetrail.queries.event_cursors import Question
from pricetrail.web.api.following import Follower, Watch
from pricetrail.web.api.parameters import AnySource, Since, Until, asked_at, only_known
from pricetrail.web.api.server_sent import EventStream
from pricetrail.web.api.shapes.prices import EventPage
from pricetrail.web.bodies import of_json
from pricetrail.web.replies import reply
from pricetrail.web.site import site_of

router = APIRouter(prefix="/api/v1/events", tags=["events"])

PAGE, MOST = 100, 1000
# Where a reader that has come to the end goes on later.
CURSOR = "pricetrail-cursor"

_END = {
    "schema": {"type": "string"},
    "description": "The place behind this page: the cursor to come back with, at the end too.",
}

Types = Annotated[
    list[str],
    Query(
        alias="type",
        description="Only events of this type; may be repeated.",
        json_schema_extra={"items": {"type": "string", "enum": list(TYPES)}},
    ),
]
Model = Annotated[
    str | None,
    Query(
        description="Only models whose id matches this glob; a backslash before a * or ? makes it "
        "stand for itself.",
        examples=["gpt-*"],
    ),
]
Cursor = Annotated[
    str | None,
    Query(description="Continue after this place: `next` of a page, or the id in a stream."),
]


def asked(
    source: AnySource = None,
    since: Since = None,
    until: Until = None,
    types: Types = [],  # noqa: B006 - FastAPI copies it
    model: Model = None,
) -> Question:
    """Which events were asked for."""
    return Question(
        source or None,
        asked_at("since", since),
        asked_at("until", until),
        tuple(types),
        model or None,
    )


Asked = Annotated[Question, Depends(asked)]


@router.get(
    "",
    response_model=EventPage,
    dependencies=[Depends(only_known)],
    responses={200: {"headers": {CURSOR: _END}}},
)
def events(
    request: Request,
    question: Asked,
    limit: Annotated[int, Query(description="At most this many.", ge=1, le=MOST)] = PAGE,
    cursor: Cursor = None,
) -> Response:
    """What happened, oldest first, a page at a time.

    The cursor neither skips nor repeats an event, whatever is recorded between two pages: what
    was recorded since the first page comes behind all of that, in order of time again.
    """
    page = event_pages.ask(site_of(request).database, question, cursor or None, limit)
    return reply(request, of_json(page), headers={CURSOR: page.end})


@router.get(
    "/stream",
    dependencies=[Depends(only_known)],
    response_class=Response,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def stream(
    request: Request,
    question: Asked,
    cursor: Cursor = None,
    last_event_id: Annotated[
        str | None, Header(description="The id of the last event received.")
    ] = None,
) -> Response:
    """What happens, as server-sent events, from now on, from `since`, or behind a cursor."""
    site, watch = site_of(request), request.app.state.watch
    assert isinstance(watch, Watch)  # noqa: S101 - as the application sets it
    watch.require_room()
    begin = last_event_id or cursor
    if begin is None and question.since is None:
        begin = await run_in_threadpool(event_pages.now, site.database, question)
    else:
        # What is wrong with the question is an answer of its own, before the stream begins.
        await run_in_threadpool(event_pages.ask, site.database, question, begin, 1)
    only_head = bool(request.scope.get("bodiless"))
    return EventStream(Follower(site, watch, question, begin), only_head=only_head)
