"""The event log in pages, and how a reader follows it while it grows."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.events import Event
from pricetrail.queries.event_cursors import Cursor, Question
from pricetrail.queries.events import require_types, source_id
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history.event_lanes import LogRow, Position, between, position
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.history.models import ids_matching
from pricetrail.storage.history.streams import events_of


@dataclass(frozen=True, slots=True)
class PagedEvent:
    """An event, and the cursor that goes on behind it."""

    event: Event
    cursor: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events oldest first; `next` goes on behind them, None where there are no more as yet.

    `end` goes on behind them in any case: with it a reader comes back for what is yet to be
    recorded.
    """

    entries: tuple[PagedEvent, ...]
    next: str | None
    end: str

    def as_json(self) -> dict[str, object]:
        """The document of `events`, and the cursor."""
        events = [entry.event.as_json() for entry in self.entries]
        return {"events": events, "next": self.next}


def ask(database: Database, question: Question, cursor: str | None, limit: int) -> EventPage:
    """The next so many events behind a cursor; None for the first.

    Raises:
        InvalidInputError: no such type of event, or the cursor is none of this question.
        NotFoundError: no such source, or nothing is recorded yet.
    """
    require_types(question.types)
    place = Cursor() if cursor is None else Cursor.read(cursor, question)
    source = source_id(database, question.source)
    with database.read() as transaction:
        rows = _round(transaction, question, source, place.low, place.high)
        high = place.high if place.high is not None else _end(place.low, rows)
        start = _behind(rows, place.last)
        chosen = rows[start : start + limit]
        last_page = start + limit >= len(rows)
        grown = (
            last_page
            and place.high is not None
            and bool(_round(transaction, question, source, high, None))
        )
    return _page(database, question, Cursor(place.low, high), chosen, last_page, grown)


def now(database: Database, question: Question) -> str:
    """The cursor behind all that is recorded by now.

    Raises:
        InvalidInputError, NotFoundError: as `ask`.
    """
    require_types(question.types)
    source = source_id(database, question.source)
    with database.read() as transaction:
        return Cursor(position(transaction, source)).text(question)


def _page(
    database: Database,
    question: Question,
    this: Cursor,
    chosen: list[LogRow],
    last_page: bool,
    grown: bool,
) -> EventPage:
    behind = Cursor(this.high or {}).text(question)
    cursors = [Cursor(this.low, this.high, row.number).text(question) for row in chosen]
    if last_page and cursors:
        cursors[-1] = behind
    events = dict(events_of(database, array("q", [row.number for row in chosen])))
    entries = tuple(
        PagedEvent(events[row.number], cursor)
        for row, cursor in zip(chosen, cursors, strict=True)
        if row.number in events
    )
    end = behind if last_page else cursors[-1]
    return EventPage(entries, end if grown or not last_page else None, end)


def _round(
    transaction: Transaction,
    question: Question,
    source: int | None,
    low: Position,
    high: Position | None,
) -> list[LogRow]:
    """What a round holds, in order of time."""
    wanted = EventFilter(source, question.since, question.until, question.types)
    rows: Iterator[LogRow] = between(transaction, wanted, low, high)
    if question.model is not None:
        models = set(ids_matching(transaction, source, question.model))
        rows = (row for row in rows if row.model_id in models)
    return list(rows)


def _end(low: Position, rows: list[LogRow]) -> Position:
    """The position behind these events."""
    end = dict(low)
    for row in rows:
        end[row.lane] = max(end.get(row.lane, 0), row.number)
    return end


def _behind(rows: list[LogRow], last: int) -> int:
    """The place behind an event in its round; 0 for the round's beginning.

    Raises:
        InvalidInputError: it is not there any more.
    """
    if not last:
        return 0
    for index, row in enumerate(rows):
        if row.number == last:
            return index + 1
    raise InvalidInputError(
        "the event that this cursor stands behind is gone: ask without a cursor to begin anew"
    )
