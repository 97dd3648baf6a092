"""The event log in pages, and how a reader follows it while it grows."""

from array import array
from dataclasses import dataclass, replace

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.events import Event
from pricetrail.queries.event_cursors import Cursor, Question
from pricetrail.queries.events import models_matching, require_types, source_id
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history.event_lanes import LogRow, Position, between, find, position
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.history.streams import events_of

_GONE = "the event that this cursor stands behind is gone: ask without a cursor to begin anew"


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
        wanted = _filter(transaction, question, source, limit + 1)
        high = place.high
        if high is None:
            high = position(transaction, source, place.low)
            _require_behind(place.low, high)
        rows = list(between(transaction, wanted, place.low, high, _last(transaction, place)))
        grown = (
            len(rows) <= limit
            and place.high is not None
            and any(between(transaction, replace(wanted, limit=1), high))
        )
    this = Cursor(place.low, high)
    return _page(database, question, this, rows[:limit], len(rows) <= limit, grown)


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
    place = behind if last_page else cursors[-1]
    return EventPage(entries, place if grown or not last_page else None, place)


def _filter(
    transaction: Transaction, question: Question, source: int | None, limit: int
) -> EventFilter:
    models = None
    if question.model is not None:
        models = models_matching(transaction, source, question.model)
    return EventFilter(
        source,
        question.since,
        question.until,
        question.types,
        model_ids=models,
        limit=limit,
    )


def _require_behind(low: Position, high: Position) -> None:
    """See that nothing ends before a reader's place: a backup has a log that is shorter.

    Raises:
        InvalidInputError: something does.
    """
    if any(high.get(lane, number) < number for lane, number in low.items()):
        raise InvalidInputError(_GONE)


def _last(transaction: Transaction, place: Cursor) -> LogRow | None:
    """The event that a reader stands behind in a round; None for its beginning.

    Raises:
        InvalidInputError: it is not there any more.
    """
    if not place.last:
        return None
    row = find(transaction, place.last)
    if row is None:
        raise InvalidInputError(_GONE)
    return row
