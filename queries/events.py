"""The question of `pricetrail events`: what happened, and when it was first seen."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.event_types import RECORDED_TYPES
from pricetrail.catalog.events import Event
from pricetrail.queries.answers import LongAnswer
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import event_ids
from pricetrail.storage.history.event_ids import number_of
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.history.models import ids_matching
from pricetrail.storage.history.streams import event_numbers, events_of
from pricetrail.storage.source_names import some
from pricetrail.storage.sources import choose
from pricetrail.text.globs import matches

# Below what either database takes in one statement.
_MOST_MODELS = 20_000


@dataclass(frozen=True, slots=True)
class EventsAnswer(LongAnswer):
    """Events oldest first; `events` is read as it is taken, and once."""

    events: Iterator[Event]

    def in_pieces(self) -> dict[str, object]:
        """The shape of `events`; its entries come as they are written."""
        return {"events": (event.as_json() for event in self.events)}


def ask(
    database: Database,
    source: str | None = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    types: Sequence[str] = (),
    model: str | None = None,
    limit: int | None = None,
    before: str | None = None,
) -> EventsAnswer:
    """The event log in order of time, of one source or of all.

    The answer may be long: it is read a piece at a time, each in a short transaction of its own,
    so that whoever reads it slowly holds up no poll.

    Args:
        since: first seen at or after this time; `until`: before it.
        model: a glob, such as `gpt-*`: events of models that match.
        limit: the newest so many.
        before: an event's id: only what stands before it. What is recorded meanwhile neither
            skips nor repeats an event for who pages back with it.

    Raises:
        InvalidInputError: there is no such type of event, or `before` is none of these events.
        NotFoundError: no such source, or nothing is recorded yet.
    """
    require_types(types)
    wanted = EventFilter(source_id(database, source), since, until, tuple(types))
    numbers = event_numbers(database, wanted)
    if before is not None:
        numbers = _before(database, numbers, before)
    if limit is not None:
        numbers = _newest(database, numbers, model, limit)
    return EventsAnswer(event for _, event in events_of(database, numbers) if _is_of(model, event))


def ask_one(transaction: Transaction, event_id: str) -> Event:
    """One event by its id.

    Raises:
        NotFoundError: there is none.
    """
    return event_ids.get(transaction, event_id)


def require_types(types: Sequence[str]) -> None:
    """Refuse what is no type of event.

    Raises:
        InvalidInputError: there is one.
    """
    for kind in types:
        if kind not in RECORDED_TYPES:
            valid = ", ".join(RECORDED_TYPES)
            raise InvalidInputError(f"unknown event type {kind!r}; valid: {valid}")


def models_matching(transaction: Transaction, source: int | None, glob: str) -> list[int]:
    """The row ids of the models that a glob matches, of one source or of all.

    Raises:
        InvalidInputError: more than one question can name.
    """
    found = ids_matching(transaction, source, glob, _MOST_MODELS + 1)
    if len(found) > _MOST_MODELS:
        raise InvalidInputError(
            f"{glob!r} matches more than {_MOST_MODELS:,} models, the most that can be asked for: "
            "narrow it, or name a source"
        )
    return found


def source_id(database: Database, source: str | None) -> int | None:
    """The row id of the source whose events were asked for; None for those of all.

    Raises:
        NotFoundError: no such source, or nothing is recorded yet.
    """
    with database.read() as transaction:
        if source is None and some(transaction, 1).total > 1:
            return None
        return choose(transaction, source).id


def _before(database: Database, numbers: "array[int]", event_id: str) -> "array[int]":
    with database.read() as transaction:
        number = number_of(transaction, event_id)
    if number is None or number not in numbers:
        raise InvalidInputError(f"event {event_id!r} is not among those asked for")
    return numbers[: numbers.index(number)]


def _newest(
    database: Database, numbers: "array[int]", model: str | None, limit: int
) -> "array[int]":
    if model is None:
        return numbers[-limit:]
    newest_first = events_of(database, numbers[::-1])
    matching = (number for number, event in newest_first if _is_of(model, event))
    return array("q", islice(matching, limit))[::-1]


def _is_of(model: str | None, event: Event) -> bool:
    return model is None or (event.model is not None and matches(model, event.model))
