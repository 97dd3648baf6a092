"""Everything that a model's page draws: each price over time, where it was seen, what was said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.documents import Document
from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.strict_json import loads
from pricetrail.catalog.times import rfc3339
from pricetrail.queries import price
from pricetrail.queries.answers import time_or_null
from pricetrail.queries.coverage import Gap, gaps_of
from pricetrail.queries.price import PriceAnswer
from pricetrail.queries.revisions import version_of
from pricetrail.queries.steps import PriceGroup, Step, Visible, grouped, price_trail, steps_by_path
from pricetrail.queries.trail_events import TrailEvent, event_ids, trail_events
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import trails, versions
from pricetrail.storage.history.trails import VisibleVersions, Window
from pricetrail.storage.polls import coverage
from pricetrail.storage.sources import SourceState

# Before a model was first seen: so small a part of the time since then.
_AIR = 40


@dataclass(frozen=True, slots=True)
class TrailAnswer:
    """One model of a source from `since` to `until`, as known at `version`.

    `tracked_since` is when the source was first seen. `document` is the model's last one by then.
    `price` says what is in force at the end and how certain that is; None where the model is not
    visible. `groups`, `gaps` and `events` are of the range alone; `visible` is of all time.
    """

    source: str
    model: str
    version: int
    since: datetime
    until: datetime
    tracked_since: datetime
    document: Document
    price: PriceAnswer | None
    groups: tuple[PriceGroup, ...]
    visible: tuple[Visible, ...]
    gaps: tuple[Gap, ...]
    events: tuple[TrailEvent, ...]

    @property
    def first_seen(self) -> datetime:
        """When the model was first seen."""
        return self.visible[0].begin[1]

    @property
    def last_seen(self) -> datetime:
        """The last instant at which a poll saw the model."""
        end = self.visible[-1].end
        if end is None:
            return self.price.until if self.price is not None else self.until
        return end[0] or end[1]

    def as_json(self) -> dict[str, object]:
        """The prices with their steps, exact; what a script needs to draw them anew."""
        return {
            "source": self.source,
            "model": self.model,
            "version": self.version,
            "from": rfc3339(self.since),
            "until": rfc3339(self.until),
            "prices": [one.as_json() for group in self.groups for one in group.prices],
            "visible": [
                {
                    "from": rfc3339(one.begin[1]),
                    "until": time_or_null(one.end[0] or one.end[1] if one.end else None),
                }
                for one in self.visible
            ],
            "gaps": [
                {"from": rfc3339(gap.since), "until": rfc3339(gap.until), "why": gap.why}
                for gap in self.gaps
            ],
        }


def ask(
    transaction: Transaction,
    source: str | None,
    model: str,
    *,
    now: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> TrailAnswer:
    """Everything about one model over a range of time: by default all there is, up to now.

    All there is begins a little before the model was first seen, if the source was tracked then.

    What was first seen after `until` is not told. A range of a long history costs no more than
    what changed in it; for `held_since` it is then looked back to the last change before.

    Args:
        source: needed only where there are several.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        NotFoundError: no such source, no snapshot by then, an unknown model, one that was first
            seen later, or an empty range.
    """
    chosen = sources.choose(transaction, source)
    end = now if until is None else min(until, now)
    version = version_of(transaction, chosen, until and end)
    tracked = versions.get_version(transaction, chosen.id, 1).not_after
    _require_order(since or tracked, end)
    row = versions.model_id(transaction, chosen.id, model)
    seen = trails.visible_versions(transaction, chosen.id, row, version)
    if not seen:
        raise NotFoundError(f"{model} was not seen by {rfc3339(end)}: ask for a later time")
    first = 0 if since is None else coverage.version_at(transaction, chosen.id, since) or 0
    windows, steps, events = _read(transaction, (chosen.id, row, version), seen, first)
    begin = since or _beginning(tracked, windows[seen[0].begin][1], end)
    return TrailAnswer(
        source=chosen.name,
        model=model,
        version=version,
        since=begin,
        until=end,
        tracked_since=tracked,
        document=loads(trails.last_document(transaction, chosen.id, row, version)),
        price=_in_force(transaction, chosen.name, model, until and end, seen),
        groups=_groups(steps, begin, _known_until(transaction, chosen, end)),
        visible=_visible(transaction, chosen.id, seen, windows),
        gaps=_gaps(transaction, chosen, begin, end),
        events=tuple(one for one in events if one.not_after >= begin),
    )


def count_events(transaction: Transaction, source: str | None, model: str) -> int:
    """How many events a model ever had.

    Raises:
        SourceNeededError, NotFoundError: as `ask`; but for a time.
    """
    chosen = sources.choose(transaction, source)
    return trails.count_events(transaction, versions.model_id(transaction, chosen.id, model))


def _require_order(begin: datetime, end: datetime) -> None:
    if begin > end:
        raise NotFoundError(f"nothing to tell between {rfc3339(begin)} and {rfc3339(end)}")


def _beginning(tracked: datetime, first_seen: datetime, end: datetime) -> datetime:
    """Where all there is of a model begins: a little air shows that it was not there before."""
    return max(tracked, first_seen - (end - first_seen) / _AIR)


def _gaps(
    transaction: Transaction, source: SourceState, begin: datetime, end: datetime
) -> tuple[Gap, ...]:
    calendar = coverage.gap_calendar(transaction, source.id, source.polls)
    return tuple(gaps_of(calendar, begin, end))


def _known_until(transaction: Transaction, source: SourceState, end: datetime) -> datetime:
    """The end of what was seen by then: nobody knows how long a price held after it."""
    return min(end, coverage.last_seen(transaction, source.id) or end)


def _groups(
    steps: Mapping[str, Sequence[Step]], begin: datetime, end: datetime
) -> tuple[PriceGroup, ...]:
    shown = (price_trail(path, some, begin, end) for path, some in steps.items())
    return grouped([one for one in shown if one is not None])


def _read(
    transaction: Transaction,
    ours: tuple[int, int, int],
    seen: Sequence[VisibleVersions],
    first: int,
) -> tuple[Mapping[int, Window], Mapping[str, Sequence[Step]], Sequence[TrailEvent]]:
    """When versions came, the steps by path, and the events, from what stood at `first` on."""
    prices = trails.price_rows(transaction, *ours, first)
    # What came with the very instant at which the range begins is of the range.
    besides = {first, *(one.version for one in prices if one.version <= first)}
    events = trails.event_rows(transaction, *ours, first, besides)
    wanted = {one.version for one in prices} | {one.version for one in events} | _edges(seen)
    windows = trails.windows(transaction, ours[0], wanted)
    ended = [one.end for one in seen if one.end is not None]
    steps = steps_by_path(prices, windows, ended, event_ids(events))
    return windows, steps, trail_events(events, windows, steps)


def _edges(seen: Sequence[VisibleVersions]) -> set[int]:
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


def _in_force(
    transaction: Transaction,
    source: str,
    model: str,
    at: datetime | None,
    seen: Sequence[VisibleVersions],
) -> PriceAnswer | None:
    return None if seen[-1].end is not None else price.ask(transaction, source, model, at)
