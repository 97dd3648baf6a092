"""One model's history: read once, remembered, and carried on by what came since.

What a version brought never changes. So of a model that has changed thousands of times a reader
after a poll reads what that poll changed of it, and mostly that is nothing.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import NamedTuple

from pricetrail.queries.steps import Figures, Step, Visible, steps_by_path
from pricetrail.queries.trail_events import TrailEvent, event_ids, trail_events
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import trails, versions, visibility
from pricetrail.storage.history.trails import EventRow, Window
from pricetrail.storage.history.visibility import LastState, VisibleVersions
from pricetrail.storage.remembered import Apart
from pricetrail.storage.sources import SourceState

# So many steps and events of all models of a database: some twenty megabytes.
_MOST = 40_000
_version = attrgetter("version")


class Subject(NamedTuple):
    """A model of a source, and its row."""

    source: SourceState
    model: str
    row: int


@dataclass(frozen=True, slots=True)
class ModelHistory:
    """What is known of a model at `version`, whose head is `head`.

    `steps` and `events` are those behind version `first`, and before them what stood then; `count`
    is how many events there ever were. `last` is the number of the last event's row and its id, if
    there is one. `figures` are of all that ever was, and none where that is not known. `sameness`
    is the same object for as long as nothing changed of the model; None where it is not remembered.
    """

    first: int
    version: int
    head: bytes
    state: LastState
    visible: tuple[Visible, ...]
    steps: Mapping[str, Sequence[Step]]
    events: Sequence[TrailEvent]
    count: int
    last: tuple[int, str | None]
    sameness: object = field(default=None, compare=False)
    figures: Mapping[str, Figures] = field(default_factory=dict)

    def behind(self, version: int) -> "ModelHistory":
        """The part of it that begins with what stood at a version."""
        if version <= self.first:
            return self
        steps = {path: _behind(some, version) for path, some in self.steps.items()}
        events = self.events[bisect_right(self.events, version, key=_version) :]
        return replace(self, first=version, steps=steps, events=events, figures={})


def _behind(steps: Sequence[Step], version: int) -> Sequence[Step]:
    """The steps behind a version, and before them what stood, of which no event is told."""
    some = steps[max(0, bisect_right(steps, version, key=_version) - 1) :]
    if some[0].version > version:
        return some
    return [some[0]._replace(event_id=None), *some[1:]]


def find_subject(transaction: Transaction, source: str | None, model: str) -> Subject:
    """The model of a source, of the only one where none is named.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        NotFoundError: no such source, or one that never showed the model.
    """
    chosen = sources.choose(transaction, source)
    return Subject(chosen, model, versions.model_id(transaction, chosen.id, model))


def history_of(
    transaction: Transaction, subject: Subject, version: int, first: int
) -> ModelHistory | None:
    """A model's history from what stood at `first` on, as known at a version.

    None where the model was not seen by then. What was known at the latest version is remembered.
    """
    source, _, row = subject
    ours = (source.id, row, version)
    state = visibility.last_state(transaction, *ours)
    if state is None:
        return None
    if version != source.head_version:
        return _read(transaction, ours, state, first)
    histories = _KNOWN.of(transaction.engine)
    key = (source.id, source.name, row, subject.model)
    known = histories.find(key)
    if known is None or known.first > first or not _still_so(transaction, source, known):
        found = _read(transaction, ours, state, first)
    elif (known.state.begin, known.state.end) == (state.begin, state.end):
        found = known
    else:
        found = _carried(transaction, ours, state, known)
    sameness = found.sameness or object()
    found = replace(found, version=version, head=source.head_hash, sameness=sameness)
    histories.put(key, found)
    return found.behind(first)


_KNOWN: Apart[tuple[int, str, int, str], ModelHistory] = Apart(
    _MOST, size=lambda known: len(known.events) + sum(map(len, known.steps.values()))
)


def _still_so(transaction: Transaction, source: SourceState, known: ModelHistory) -> bool:
    """Whether the database has what is known: it may be another, or the source made anew."""
    if (known.version, known.head) == (source.head_version, source.head_hash):
        return True
    return trails.is_known(transaction, source.id, known.version, known.head, known.last)


def _read(
    transaction: Transaction, ours: tuple[int, int, int], state: LastState, first: int
) -> ModelHistory:
    prices = trails.price_rows(transaction, *ours, first)
    if first:
        prices = trails.standing_prices(transaction, *ours[:2], first) + prices
    rows = trails.event_rows(transaction, *ours, first)
    seen = visibility.visible_versions(transaction, *ours)
    wanted = {one.version for one in prices} | {one.version for one in rows}
    windows = trails.windows(transaction, ours[0], wanted | _edges(seen))
    ended = [one.end for one in seen if one.end is not None]
    steps = steps_by_path(prices, windows, ended, event_ids(rows))
    return ModelHistory(
        first,
        ours[2],
        b"",
        state,
        _visible(transaction, ours[0], seen, windows),
        steps,
        trail_events(rows, windows, steps),
        trails.count_events(transaction, ours[1]) if first else len(rows),
        _last(rows, (0, None)),
        figures={} if first else {path: Figures.of(some) for path, some in steps.items()},
    )


def _carried(
    transaction: Transaction, ours: tuple[int, int, int], state: LastState, known: ModelHistory
) -> ModelHistory:
    """A history and what came behind it."""
    prices = trails.price_rows(transaction, *ours, known.version)
    rows = trails.event_rows(transaction, *ours, known.version, behind=known.last[0])
    seen = visibility.visible_versions(transaction, *ours, since=known.state.begin)
    wanted = {one.version for one in prices} | {one.version for one in rows}
    windows = trails.windows(transaction, ours[0], wanted | _edges(seen))
    ended = [one.end for one in seen if one.end is not None]
    steps = steps_by_path(prices, windows, ended, event_ids(rows), known.steps)
    # The first of these goes on where the last that was known did.
    going_on, *more = _visible(transaction, ours[0], seen, windows)
    last = known.visible[-1]._replace(end=going_on.end, end_version=going_on.end_version)
    fresh = {
        path: some[max(0, len(known.steps.get(path, ())) - 1) :] for path, some in steps.items()
    }
    return ModelHistory(
        known.first,
        ours[2],
        b"",
        state,
        (*known.visible[:-1], last, *more),
        steps,
        (*known.events, *trail_events(rows, windows, fresh)),
        known.count + len(rows),
        _last(rows, known.last),
        figures={} if known.first else _figures(steps, known.figures),
    )


def _figures(
    steps: Mapping[str, Sequence[Step]], known: Mapping[str, Figures]
) -> dict[str, Figures]:
    return {
        path: known[path]
        if path in known and known[path].steps == len(some)
        else Figures.of(some, known=known.get(path))
        for path, some in steps.items()
    }


def _last(rows: Iterable[EventRow], before: tuple[int, str | None]) -> tuple[int, str | None]:
    return max(((row.number, row.id) for row in rows), default=before)


def _edges(seen: Iterable[VisibleVersions]) -> set[int]:
    return {edge for one in seen for edge in (one.begin, one.end) if edge is not None}


def _visible(
    transaction: Transaction,
    source_id: int,
    seen: Sequence[VisibleVersions],
    windows: Mapping[int, Window],
) -> tuple[Visible, ...]:
    silent = trails.without_events(transaction, source_id, [one.begin for one in seen])
    return tuple(
        Visible(
            begin=windows[one.begin],
            end=None if one.end is None else windows[one.end],
            begin_version=one.begin,
            end_version=one.end,
            baseline=one.begin in silent,
        )
        for one in seen
    )
