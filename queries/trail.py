"""Everything that a model's page draws: each price over time, where it was seen, what was said."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from pricetrail.catalog.documents import Document
from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.strict_json import loads
from pricetrail.catalog.times import rfc3339
from pricetrail.queries import price
from pricetrail.queries.answers import time_or_null
from pricetrail.queries.coverage import Gap, gaps_of, told_until
from pricetrail.queries.model_history import ModelHistory, Subject, find_subject, history_of
from pricetrail.queries.price import PriceAnswer
from pricetrail.queries.price_groups import grouped
from pricetrail.queries.revisions import version_of
from pricetrail.queries.steps import PriceGroup, PriceTrail, Step, Visible, price_trail
from pricetrail.queries.trail_events import TrailEvent
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import trails, versions
from pricetrail.storage.history.prices import price_at
from pricetrail.storage.polls import coverage
from pricetrail.storage.polls.gap_calendars import gap_calendar
from pricetrail.storage.sources import SourceState

# Before a model was first seen: so small a part of the time since then.
_AIR = 40
_seen = attrgetter("not_after")


@dataclass(frozen=True, slots=True)
class TrailAnswer:
    """One model of a source from `since` to `until`, as known at `version`.

    `tracked_since` is when the source was first seen. `document` is the model's last one by then.
    `price` says what is in force at the end and how certain that is; None where the model is not
    visible. `seen_until` is the last instant of the range that polls have seen. `groups`, `gaps`
    and `events` are of the range alone; `visible` is of all time, and so is `changes`, the number
    of events.
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
    seen_until: datetime
    events: Sequence[TrailEvent]
    changes: int = 0
    # The same object for as long as nothing changed of the model; None: not known.
    sameness: object = field(default=None, compare=False)

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

    def is_constant(self, one: PriceTrail) -> bool:
        """Whether a price was the same amount for as long as the model was there in the range."""
        low, _, high = one.range or (None, None, None)
        gone_with = self.visible[-1].end_version
        since = max(self.since, self.first_seen)
        return low == high and one.stood_throughout(since, gone_with)

    def shown_step(self, one: PriceTrail) -> Step:
        """What to tell of a price: of a model that is gone what stood there when it went."""
        last = one.steps[-1]
        gone = self.price is None and last.version == self.visible[-1].end_version
        return one.last if gone else last

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

    Args:
        source: needed only where there are several.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        NotFoundError: no such source, or as for `ask_about`.
    """
    subject = find_subject(transaction, source, model)
    return ask_about(transaction, subject, now=now, since=since, until=until)


def ask_about(
    transaction: Transaction,
    subject: Subject,
    *,
    now: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
    latest: PriceAnswer | None = None,
) -> TrailAnswer:
    """The same for who has looked the model up.

    All there is begins a little before the model was first seen, if the source was tracked then.
    What was first seen after `until` is not told. For `held_since` it is looked back from a range
    to the last change before.

    Args:
        latest: the model's price as it was last seen, where it is known already.

    Raises:
        NotFoundError: no snapshot by then, a model that was first seen later, or an empty range.
    """
    source = subject.source
    end = now if until is None else min(until, now)
    version = version_of(transaction, source, until and end)
    history = history_of(transaction, subject, version, _version_before(transaction, source, since))
    tracked = _tracked_since(transaction, source, history)
    _require_order(since or tracked, end)
    if history is None:
        raise NotFoundError(f"{subject.model} was not seen by {rfc3339(end)}: ask for a later time")
    begin = since or _beginning(tracked, history.visible[0].begin[1], end)
    in_force = _in_force(transaction, subject, until and end, history, latest)
    gaps, last_seen = _gaps(transaction, source, begin, end)
    seen = _known_until(transaction, source, end, in_force if until is None else None)
    return TrailAnswer(
        source=source.name,
        model=subject.model,
        version=version,
        since=begin,
        until=end,
        tracked_since=tracked,
        document=loads(history.state.document),
        price=in_force,
        groups=_groups(history, begin, seen),
        visible=history.visible,
        gaps=gaps,
        seen_until=last_seen,
        events=history.events[bisect_left(history.events, begin, key=_seen) :],
        changes=history.count,
        sameness=history.sameness,
    )


def find_crowded(
    transaction: Transaction, subject: Subject, until: datetime, most: int
) -> datetime | None:
    """The latest time since which a model had more than so many events; None: it never did."""
    return trails.find_crowded(transaction, subject.row, until, most)


def _version_before(transaction: Transaction, source: SourceState, since: datetime | None) -> int:
    """The version before the one that a range begins with, whose own changes it may have."""
    if since is None:
        return 0
    return max(0, (coverage.version_at(transaction, source.id, since) or 0) - 1)


def _tracked_since(
    transaction: Transaction, source: SourceState, history: ModelHistory | None
) -> datetime:
    """When a source was first seen; mostly its models were then, too."""
    if history is not None and history.visible[0].begin_version == 1:
        return history.visible[0].begin[1]
    found: datetime = versions.get_version(transaction, source.id, 1).not_after
    return found


def _require_order(begin: datetime, end: datetime) -> None:
    if begin > end:
        raise NotFoundError(f"no data between {rfc3339(begin)} and {rfc3339(end)}")


def _beginning(tracked: datetime, first_seen: datetime, end: datetime) -> datetime:
    """Where all there is of a model begins: a little air shows that it was not there before."""
    return max(tracked, first_seen - (end - first_seen) / _AIR)


def _gaps(
    transaction: Transaction, source: SourceState, begin: datetime, end: datetime
) -> tuple[tuple[Gap, ...], datetime]:
    """The gaps as coverage tells them, and the last instant that polls have seen."""
    gaps = gaps_of(gap_calendar(transaction, source), begin, end)
    seen = gaps[-1].since if gaps and gaps[-1].until == end else end
    until = told_until(max(seen, source.last_poll_at or seen), end)
    told = (Gap(gap.since, min(gap.until, until), gap.why) for gap in gaps if gap.since < until)
    return tuple(told), seen


def _known_until(
    transaction: Transaction, source: SourceState, end: datetime, latest: PriceAnswer | None
) -> datetime:
    """The end of what was seen by then: nobody knows how long a price held after it."""
    if latest is not None:
        return min(end, latest.at)
    return min(end, coverage.last_seen(transaction, source.id) or end)


def _groups(history: ModelHistory, begin: datetime, end: datetime) -> tuple[PriceGroup, ...]:
    shown = (
        price_trail(path, some, begin, end, history.figures.get(path))
        for path, some in history.steps.items()
    )
    return grouped([one for one in shown if one is not None])


def _in_force(
    transaction: Transaction,
    subject: Subject,
    at: datetime | None,
    history: ModelHistory,
    latest: PriceAnswer | None,
) -> PriceAnswer | None:
    if history.visible[-1].end is not None:
        return None
    if at is None and latest is not None:
        return latest
    return price.answer_of(price_at(transaction, subject.source, subject.model, at))
