"""What happened, the newest first, grouped as it is announced: by source and snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.events import Event
from pricetrail.queries.event_cursors import Cursor, Question
from pricetrail.queries.events import models_matching, require_types
from pricetrail.queries.newest_first import NewestFirst, Place
from pricetrail.storage import sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.history.newest_events import Move
from pricetrail.text.time_ranges import Window, around

DIRECTIONS = ("increase", "decrease", "mixed", "none")
# So many events are looked at for one answer, whatever is asked for: then it goes on by a cursor.
_MOST = 4000


@dataclass(frozen=True, slots=True)
class Group:
    """What one snapshot changed, or one thing that happened to a source."""

    source: str
    version: int
    events: tuple[Event, ...]

    @property
    def window(self) -> Window:
        """The times between which it happened."""
        return around(event.window for event in self.events)

    @property
    def of_snapshot(self) -> bool:
        """Whether a snapshot made it."""
        return self.events[0].of_snapshot


@dataclass(frozen=True, slots=True)
class TimelineAnswer:
    """Groups, the newest first; `next` is a cursor that goes on behind them, None at the end.

    A group that is cut by the limit goes on in the next answer. What is recorded after the first
    of such answers stands in none of them.
    """

    groups: tuple[Group, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: of these types, models (a glob), directions, and at least so many percent.

    Raises:
        InvalidInputError: there is no such type or direction.
    """

    types: Sequence[str] = ()
    model: str | None = None
    direction: str | None = None
    min_percent: Decimal | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        require_types(self.types)
        if self.direction not in (None, *DIRECTIONS):
            raise InvalidInputError(
                f"unknown direction {self.direction!r}; valid: {', '.join(DIRECTIONS)}"
            )

    def question(self, source: str | None) -> Question:
        """What a cursor belongs to."""
        kinds = (*self.types, f"{self.direction} {self.min_percent}")
        return Question(source, self.since, self.until, kinds, self.model)

    @property
    def by_move(self) -> bool:
        """Whether what no row of an event tells matters: which way it went, and how far."""
        return self.direction is not None or self.min_percent is not None

    def takes(self, move: Move) -> bool:
        """Whether an event that moved so is as it was asked for."""
        if self.direction is not None and move.direction != self.direction:
            return False
        return self.min_percent is None or move.percent >= self.min_percent


@dataclass
class _Gathered:
    """The groups so far, in order of their newest event."""

    limit: int
    groups: dict[tuple[str, object], list[Event]] = field(default_factory=dict)

    def takes(self, event: Event) -> bool:
        """Add an event; False where it would begin one group too many."""
        # What happened to a source is a group of its own; what a poll says again is one.
        key: tuple[str, object] = (event.source, event.version)
        if not event.of_snapshot:
            key = (event.source, event.at if event.reminder else event.id)
        if key not in self.groups and len(self.groups) == self.limit:
            return False
        self.groups.setdefault(key, []).append(event)
        return True


def ask(
    database: Database,
    source: str | None = None,
    wanted: Wanted | None = None,
    *,
    cursor: str | None = None,
    limit: int = 40,
) -> TimelineAnswer:
    """The groups of events behind a cursor.

    Args:
        source: one source; None for all.
        cursor: the `next` of the answer before this one.
        limit: at most so many groups.

    Raises:
        InvalidInputError: the cursor is none of this question, or too many models match.
        NotFoundError: no such source.
    """
    wanted = wanted or Wanted()
    question = wanted.question(source)
    with database.read() as transaction:
        asked = _filter(transaction, source, wanted)
    if asked.model_ids == []:
        return TimelineAnswer((), None)
    place = None if cursor is None else _place(Cursor.read(cursor, question))
    gathered = _Gathered(limit)
    takes = wanted.takes if wanted.by_move else None
    reading = NewestFirst(database, asked, place, takes, _MOST)
    whole = all(gathered.takes(found.event) for found in reading) and not reading.cut
    next_ = None if whole else Cursor(reading.place.behind, last=reading.place.top).text(question)
    return TimelineAnswer(_groups(gathered), next_)


def _place(cursor: Cursor) -> Place:
    return Place(cursor.last, cursor.low)


def grouped(newest_first: Sequence[Event]) -> tuple[Group, ...]:
    """The groups of these events, as an answer has them."""
    gathered = _Gathered(len(newest_first))
    for event in newest_first:
        gathered.takes(event)
    return _groups(gathered)


def _groups(gathered: _Gathered) -> tuple[Group, ...]:
    return tuple(
        Group(some[0].source, some[0].version, tuple(reversed(some)))
        for some in gathered.groups.values()
    )


def _filter(transaction: Transaction, source: str | None, wanted: Wanted) -> EventFilter:
    """What the rows of events tell of what is wanted."""
    chosen = None if source is None else sources.choose(transaction, source).id
    models = None if wanted.model is None else models_matching(transaction, chosen, wanted.model)
    return EventFilter(
        source_id=chosen,
        since=wanted.since,
        until=wanted.until,
        types=tuple(wanted.types),
        model_ids=models,
    )
