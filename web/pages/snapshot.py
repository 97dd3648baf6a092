"""One version of a catalog: its window, its hashes, and what it changed."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from fastapi import APIRouter
from starlette.responses import Response

from pricetrail.catalog.events import (
    ADDED,
    REMOVED,
    REPRICED,
    SCHEMA_CHANGED,
    SUNSET,
    UPDATED,
    Event,
)
from pricetrail.queries import snapshot
from pricetrail.queries.snapshot import SnapshotAnswer
from pricetrail.queries.timeline import Group
from pricetrail.storage.database import Transaction
from pricetrail.storage.remembered import Remembered
from pricetrail.web.asked import ThisRequest
from pricetrail.web.layout import page
from pricetrail.web.pages.folding import Line, folded

router = APIRouter(include_in_schema=False)

# More than these are counted, and compared on a page of its own.
_MOST_EVENTS = 300
# So many lines of all the versions that are kept.
_MOST_KNOWN = 6000
_TITLES = {
    REPRICED: "Prices changed",
    ADDED: "New",
    REMOVED: "No longer visible to this key",
    SUNSET: "To be retired",
    UPDATED: "Updated",
    SCHEMA_CHANGED: "Catalog format changed",
}


class Section(NamedTuple):
    """The events of one kind, as lines."""

    title: str
    number: int
    lines: Sequence[Line]


class Told(NamedTuple):
    """What a version changed; `cut` where that was more than is told."""

    sections: tuple[Section, ...]
    cut: bool


def _size(told: Told) -> int:
    return 1 + sum(len(section.lines) for section in told.sections)


# The chain's head names one history: what follows from it is the same wherever it is asked.
_KNOWN: Remembered[tuple[str, bytes], Told] = Remembered(_MOST_KNOWN, size=_size)


@router.get("/snapshot/{revision}")
def page_of_snapshot(asked: ThisRequest, revision: str) -> Response:
    """The version that a revision names."""
    with asked.site.database.read() as transaction:
        found = snapshot.ask(transaction, asked.chosen, revision)
        newest = snapshot.ask(transaction, asked.chosen, "latest").version
        following = _following(transaction, found, newest)
        told = _KNOWN.get((found.source, found.hash), lambda: _told(transaction, found))
    return page(
        asked.request,
        "snapshot.html",
        title=f"Version {found.version} of {found.source}",
        active="catalog",
        settled=following is not None and revision == str(found.version),
        timeless=True,
        snapshot=found,
        following=following,
        sections=told.sections,
        cut=told.cut,
        of_source=found.source if asked.sources.total > 1 else None,
    )


def _following(
    transaction: Transaction, found: SnapshotAnswer, newest: int
) -> SnapshotAnswer | None:
    if found.version >= newest:
        return None
    return snapshot.ask(transaction, found.source, str(found.version + 1))


def _told(transaction: Transaction, found: SnapshotAnswer) -> Told:
    events = snapshot.events_of(transaction, found.source, found.version, _MOST_EVENTS + 1)
    return Told(tuple(_sections(found, events[:_MOST_EVENTS])), len(events) > _MOST_EVENTS)


def _sections(found: SnapshotAnswer, events: Sequence[Event]) -> Iterator[Section]:
    for kind, title in _TITLES.items():
        mine = sorted((event for event in events if event.type == kind), key=_largest_first)
        group = Group(found.source, found.version, tuple(mine))
        for paragraph in folded([group] if mine else []):
            yield Section(title, found.counts.get(_counted(kind), len(mine)), paragraph.lines)


def _counted(kind: str) -> str:
    return kind.removeprefix("model.")


def _largest_first(event: Event) -> tuple[Decimal, str]:
    # From nothing, or from zero, there is no ratio: no percentage is larger than that.
    ratios = (change.percent for change in event.changes)
    sizes = [Decimal("Infinity") if ratio is None else abs(ratio) for ratio in ratios]
    return -max(sizes, default=Decimal(0)), event.model or ""
