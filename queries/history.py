"""What ever changed about a model, and when?"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches

from pricetrail.catalog.changes import Change
from pricetrail.catalog.documents import leaves
from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.event_details import ModelSunset
from pricetrail.catalog.events import Event
from pricetrail.catalog.pointers import dotted
from pricetrail.catalog.prices import within
from pricetrail.catalog.strict_json import loads
from pricetrail.catalog.times import rfc3339
from pricetrail.queries.answers import LongAnswer, Pieces, time_or_null
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import readings, versions
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.history.streams import event_numbers, events_of

BASELINE = "baseline"


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a model; or, as `baseline`, a state that was there when the history began.

    It happened between `not_before`, None where nothing was seen before, and `not_after`. `sunset`
    is what a `model.sunset` says of its date (see `ModelSunset.sunset`). `read_anew`: only the
    reading changed: by which dialect and version it is read since.
    """

    id: str | None
    type: str
    version: int
    not_before: datetime | None
    not_after: datetime
    direction: str | None
    changes: tuple[Change, ...]
    sunset: ModelSunset | None = None
    read_anew: str | None = None

    def as_json(self) -> dict[str, object]:
        """The entry of `events` in the document of `history`."""
        entry: dict[str, object] = {
            "id": self.id,
            "type": self.type,
            "version": self.version,
            "observed": {
                "not_before": time_or_null(self.not_before),
                "not_after": rfc3339(self.not_after),
            },
            "direction": self.direction,
            "changes": [change.as_json() for change in self.changes],
        }
        return entry if self.sunset is None else {**entry, "sunset": self.sunset.sunset()}


@dataclass(frozen=True, slots=True)
class HistoryAnswer(LongAnswer):
    """Every entry about a model, or about one field of it, oldest first."""

    source: str
    model: str
    entries: Pieces[Entry]

    def in_pieces(self) -> dict[str, object]:
        """The document of `history` (contract, section 5), its entries as they are read."""
        entries: Iterator[dict[str, object]] = (entry.as_json() for entry in self.entries)
        return {"source": self.source, "model": self.model, "events": entries}


def ask(
    database: Database, source: str | None, model: str, field: str | None = None
) -> HistoryAnswer:
    """Every change of a model.

    They are read a piece at a time, each in a short transaction of its own: a history may be long,
    and whoever reads it slowly holds up no poll.

    Args:
        source: needed only where there are several.
        field: a JSON Pointer: only changes of this leaf, or of the leaves below it; what tells of
            the whole model stays.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        NotFoundError: no such source, an unknown model, or a field that it never had.
    """
    with database.read() as transaction:
        state = sources.choose(transaction, source)
        row = versions.model_id(transaction, state.id, model)
    entries = Pieces(lambda: _within(_entries(database, state.id, row), field))
    if field is not None and not any(entry.changes for entry in entries):
        _require_field(database, row, model, field)
    return HistoryAnswer(state.name, model, entries)


def _entries(database: Database, source_id: int, model: int) -> Iterator[Entry]:
    """Its states, by what the log says of each, oldest first."""
    with database.read() as transaction:
        begun = deque(versions.baselines(transaction, model))
    wanted = EventFilter(source_id=source_id, model_id=model)
    for _, event in events_of(database, event_numbers(database, wanted)):
        # What a version says again comes behind it.
        while begun and (begun[0] < event.version + bool(event.reminder)):
            yield _baseline(database, source_id, begun.popleft())
        yield _entry(event)
    for version in begun:
        yield _baseline(database, source_id, version)


def _entry(event: Event) -> Entry:
    return Entry(
        id=event.id,
        type=event.type,
        version=event.version,
        not_before=event.not_before,
        not_after=event.at,
        direction=event.direction,
        changes=event.changes,
        sunset=event.details if isinstance(event.details, ModelSunset) else None,
    )


def _baseline(database: Database, source_id: int, version: int) -> Entry:
    """A state that no event tells of: it was there already when the history began."""
    with database.read() as transaction:
        seen = versions.get_version(transaction, source_id, version)
        anew = readings.is_read_anew(transaction, source_id, version)
    how = str(readings.read_by(seen)) if anew else None
    return Entry(None, BASELINE, version, None, seen.not_after, None, (), read_anew=how)


def _within(entries: Iterable[Entry], field: str | None) -> Iterator[Entry]:
    """The entries with only those of their changes that are about a field.

    One that loses all of its changes is left out; one that never had any tells of the whole model.
    """
    for entry in entries:
        changes = tuple(change for change in entry.changes if within(change.path, field))
        if changes or not entry.changes:
            yield replace(entry, changes=changes)


def _require_field(database: Database, row: int, model: str, field: str) -> None:
    """Refuse a field that no document of the model ever had."""
    with database.read() as transaction:
        states = versions.states(transaction, row)
    known = sorted({leaf for state in states for leaf in leaves(loads(state.document))})
    if any(within(leaf, field) for leaf in known):
        return
    names = [dotted(leaf) if leaf.startswith("/pricing/") else leaf for leaf in known]
    near = get_close_matches(dotted(field), names, n=3, cutoff=0.5) or names[:8]
    raise NotFoundError(f"{model} never had a field {dotted(field)!r}; it has: {', '.join(near)}")
