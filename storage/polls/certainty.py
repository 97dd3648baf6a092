"""What is known at an instant, by the stretches around it: values alone, no database.

A `good` stretch covers from its first poll to its last. An `imported` one is only points: its
first and its last observation. Two good stretches with nothing bad between them enclose a change
(*bracketed*); everything else between two observations is a *gap*.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pricetrail.storage.polls.outcomes import GOOD, IMPORTED
from pricetrail.storage.polls.stretches import Stretch

OBSERVED, BRACKETED, GAP = "observed", "bracketed", "gap"
IMPORTED_WHY = "imported: nothing says what happened between two observations"
BEYOND_WHY = "no good poll since"
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A catalog version, seen at a time."""

    at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Certainty:
    """What is known of a source's whole catalog at an instant, or over a span of instants.

    `certainty` is about the catalog: *bracketed* where the versions before and after differ;
    what was asked may be the same in both, and is then observed (`resolve`). `since` and
    `until` are the first and last instants in which the version before was seen.
    """

    certainty: str
    before: Sighting
    after: Sighting | None
    since: datetime
    until: datetime
    # How far the polls behind `after` go on seeing it.
    after_until: datetime | None = None
    why: str | None = None

    def resolve(self, agree: bool) -> str:
        """The certainty of one thing asked, whose states before and after `agree` or do not."""
        return OBSERVED if self.certainty == BRACKETED and agree else self.certainty


@dataclass(frozen=True, slots=True)
class Span:
    """The instants `start <= t < end` (`end` None: for ever), all with the same `around`."""

    start: datetime
    end: datetime | None
    around: Certainty


class Calendar:
    """Everything that is known about a source's certainty, for many questions in memory."""

    def __init__(self, rows: Iterable[Stretch], known: Sequence[Span] = ()) -> None:
        self.spans = [*known, *_spans(list(rows))]
        self._starts = [span.start for span in self.spans]

    def going_on(self, rows: Sequence[Stretch]) -> "Calendar":
        """The calendar with other stretches from its last one that was seen on.

        Args:
            rows: the first is that one, which may have grown.
        """
        return Calendar(rows, self.spans[: bisect_left(self._starts, rows[0].first_at)])

    def around(self, at: datetime) -> Certainty | None:
        """What is known at an instant; None before the first accepted catalog."""
        index = bisect_right(self._starts, at)
        return self.spans[index - 1].around if index else None

    def changes(self, start: datetime, end: datetime) -> list[datetime]:
        """The instants after `start` and before `end` at which something else is known."""
        return self._starts[bisect_right(self._starts, start) : bisect_left(self._starts, end)]


def _spans(rows: Sequence[Stretch]) -> Iterable[Span]:
    before: Stretch | None = None
    bad: list[str] = []
    for row in rows:
        if not row.seen:
            bad = bad or [row.why or row.outcome]
            continue
        if before is not None:
            yield from _of_stretch(before, row, bad)
        before, bad = row, []
    if before is not None:
        yield from _of_stretch(before, None, bad)


def _of_stretch(row: Stretch, after: Stretch | None, bad: list[str]) -> Iterable[Span]:
    """From a stretch's first instant up to the next stretch's."""
    end = after.first_at if after is not None else None
    starts = [row.first_at]
    if row.outcome == IMPORTED and row.last_at > row.first_at:
        starts += [row.first_at + _INSTANT, row.last_at]
    if end is None or row.last_at < end:
        starts.append(row.last_at + _INSTANT)
    ends: list[datetime | None] = [*starts[1:], end]
    for start, stop in zip(starts, ends, strict=True):
        if stop is None or start < stop:
            yield Span(start, stop, judge(row, after, bad, start))


def judge(before: Stretch, after: Stretch | None, bad: Sequence[str], at: datetime) -> Certainty:
    """What is known at `at`, which lies in `before` or between it and `after`.

    `bad` says why the first bad stretch between the two, or after `before`, was no good.
    """
    if at <= before.last_at:
        return _within(before, at)
    seen = Sighting(before.last_at, before.version)
    since = before.first_at if before.outcome == GOOD else before.last_at
    if after is None:
        why = "; ".join(dict.fromkeys([BEYOND_WHY, *bad]))
        return Certainty(GAP, seen, None, since, before.last_at, why=why)
    certainty, why = BRACKETED, ""
    if bad:
        certainty, why = GAP, bad[0]
    elif IMPORTED in (before.outcome, after.outcome):
        certainty, why = GAP, IMPORTED_WHY
    elif before.version == after.version:
        certainty = OBSERVED
    after_until = after.last_at if after.outcome == GOOD else after.first_at
    following = Sighting(after.first_at, after.version)
    return Certainty(certainty, seen, following, since, before.last_at, after_until, why or None)


def _within(row: Stretch, at: datetime) -> Certainty:
    if row.outcome == GOOD:
        seen = Sighting(row.last_at, row.version)
        return Certainty(OBSERVED, seen, None, row.first_at, row.last_at)
    seen = Sighting(row.first_at, row.version)
    if at in (row.first_at, row.last_at):
        return Certainty(OBSERVED, Sighting(at, row.version), None, at, at)
    following = Sighting(row.last_at, row.version)
    return Certainty(GAP, seen, following, row.first_at, row.first_at, row.last_at, IMPORTED_WHY)
