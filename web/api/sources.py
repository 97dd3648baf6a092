"""The sources, their versions, and what polls cover of the time."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from pricetrail.queries import coverage, diff, head, snapshot, snapshots
from pricetrail.queries import sources as query
from pricetrail.queries.revisions import is_settled
from pricetrail.queries.source_selection import Selection
from pricetrail.storage.sources import choose
from pricetrail.web.api.parameters import (
    From,
    Since,
    Source,
    To,
    Until,
    VersionInPath,
    asked_at,
    only_known,
)
from pricetrail.web.api.shapes import sources as shapes
from pricetrail.web.api.shapes.prices import Diff
from pricetrail.web.bodies import Body, of_json
from pricetrail.web.replies import reply
from pricetrail.web.site import site_of

router = APIRouter(prefix="/api/v1", tags=["sources"], dependencies=[Depends(only_known)])

Month = Annotated[
    str | None,
    Query(
        description="Only this month, such as 2026-03.",
        pattern="^([1-8][0-9]{3}-(0[1-9]|1[0-2]))?$",
    ),
]


Labels = Annotated[
    list[Annotated[str, StringConstraints(pattern=r"^([^=\u0000]+=[^\u0000]*)?$")]],
    Query(description="Only those with this label, NAME=VALUE; may be repeated."),
]


@router.get("/sources", response_model=shapes.Sources)
def sources(
    request: Request,
    name: Annotated[
        str | None, Query(description="Only those whose name matches.", examples=["shop-*"])
    ] = None,
    label: Labels = [],  # noqa: B006 - FastAPI copies it
    after: Annotated[
        str | None, Query(description="Only those behind this name: `next` of a page.")
    ] = None,
    limit: Annotated[int | None, Query(description="At most so many.", ge=1, le=1000)] = None,
) -> Response:
    """The known sources and the state of each, by name: all, or a page of them."""
    site = site_of(request)
    chosen = Selection(name or None, _labels(label), after=after or None, limit=limit)
    if limit is None:
        return reply(request, of_json(query.stream(site.database, site.configured, chosen)))
    now = site.database.now()
    with site.database.read() as transaction:
        answer = query.ask(transaction, now, site.configured, chosen)
    return reply(request, of_json(answer))


def _labels(given: Iterable[str]) -> dict[str, str]:
    """The labels that are asked for; one that is empty asks for none."""
    pairs = [one.partition("=") for one in given if one]
    return {name: value for name, _, value in pairs}


@router.get("/head", response_model=shapes.Head)
def head_of(request: Request, source: Source = None) -> Response:
    """The newest version of a source, and the chain's hash there, to be saved elsewhere."""
    with site_of(request).database.read() as transaction:
        answer = head.ask(transaction, source or None)
    return reply(request, of_json(answer))


@router.get("/snapshots", response_model=shapes.Snapshots)
def versions(request: Request, source: Source = None) -> Response:
    """Every version of a source's catalog, oldest first."""
    return reply(request, of_json(snapshots.ask(site_of(request).database, source or None)))


@router.get("/snapshots/{version}", response_model=shapes.Snapshot)
def version_of(request: Request, version: VersionInPath, source: Source = None) -> Response:
    """One version: its hashes, when it was seen, and what it changed."""
    with site_of(request).database.read() as transaction:
        answer = snapshot.ask(transaction, source or None, version)
        settled = is_settled(transaction, choose(transaction, source or None), version)
    return reply(request, of_json(answer), settled=settled)


@router.get("/snapshots/{version}/body")
def body_of(request: Request, version: VersionInPath, source: Source = None) -> Response:
    """The body of a version as it came from the gateway, byte for byte."""
    with site_of(request).database.read() as transaction:
        body = snapshot.body(transaction, source or None, version)
        settled = is_settled(transaction, choose(transaction, source or None), version)
    return reply(request, Body([body]), settled=settled)


@router.get("/diff", response_model=Diff)
def difference(
    request: Request,
    from_: From,
    to: To,
    source: Source = None,
) -> Response:
    """What changed between two versions of a source's catalog."""
    with site_of(request).database.read() as transaction:
        answer = diff.ask(transaction, source or None, from_, to)
        state = choose(transaction, source or None)
        settled = all(is_settled(transaction, state, revision) for revision in (from_, to))
    return reply(request, of_json(answer), settled=settled)


@router.get("/coverage", response_model=shapes.Coverage)
def covered(
    request: Request,
    since: Since = None,
    until: Until = None,
    month: Month = None,
    source: Source = None,
) -> Response:
    """Which periods polls cover, and where and why they do not."""
    database = site_of(request).database
    begin, end = asked_at("since", since), asked_at("until", until)
    if month:
        first, following = coverage.month_range(month)
        begin, end = max(begin or first, first), min(end or following, following)
    now = database.now()
    with database.read() as transaction:
        answer = coverage.ask(transaction, source or None, now, begin, end)
    return reply(request, of_json(answer), timeless=end is None or end <= now)
