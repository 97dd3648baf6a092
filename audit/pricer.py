"""One usage row at the prices in force at its time, and how certain they are."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from pricetrail.audit.doubts import (
    UNCERTAIN,
    Doubts,
    Offer,
    bracketed,
    in_sum,
    offer,
    same,
)
from pricetrail.audit.usage.rows import BadRow, Row, UsageRow
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.bills import Bill, Tariff
from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.strict_json import loads
from pricetrail.catalog.times import rfc3339
from pricetrail.storage.database import Database
from pricetrail.storage.history import prices, versions
from pricetrail.storage.history.prices import PriceState, Timeline
from pricetrail.storage.polls import coverage
from pricetrail.storage.polls.coverage import BRACKETED, GAP, OBSERVED
from pricetrail.storage.sources import SourceState

_MANY_NAMES, _MANY_STRETCHES = 10_000, 1_000
_NO_SNAPSHOT = "a part of that time is before the first snapshot"


@dataclass(eq=False, slots=True)
class Interval:
    """A stretch of versions `first <= v < end` over which a model's pricing stood still.

    `end` is None while it still stands. `before` and `after` are the intervals next to it, where
    the model went from one to the other without being away.
    """

    model: str
    first: int
    tariff: Tariff
    end: int | None = None
    before: "Interval | None" = field(default=None, repr=False)
    after: "Interval | None" = field(default=None, repr=False)


class Priced(NamedTuple):
    """A row and its cost by the prices last seen before it (`interval`, seen as `version`).

    `passed` is the threshold of prompt length by whose prices it is charged. Where other prices
    may have been in force, or a higher threshold passed, `other` is the bill that differs most,
    or None where none is known. `why` says what is not certain.
    """

    row: UsageRow
    bill: Bill
    certainty: str
    version: int
    interval: Interval
    passed: int
    other: Bill | None
    why: str | None

    @property
    def uncertain(self) -> bool:
        """Whether the row may have cost something else."""
        return self.certainty != OBSERVED


class Unpriced(NamedTuple):
    """A row without a cost, and why. `row` is None where it could not be read."""

    line: int
    model: str | None
    at: str | None
    why: str
    row: UsageRow | None = None


Result: TypeAlias = Priced | Unpriced


class Pricer:
    """Prices the rows of one source's usage; each model's history is read once.

    An audit of millions of rows must not keep polls from writing: every read is a short
    transaction of its own. History only grows, and the calendar of the beginning bounds it.
    """

    def __init__(self, database: Database, source: SourceState) -> None:
        self._database = database
        self._source = source
        with database.read() as connection:
            self._calendar = coverage.calendar(connection, source.id)
        self._models: dict[str, _ModelPrices] = {}
        self._unknown: dict[str, str] = {}

    def price(self, row: Row) -> Result:
        """The row's cost, or why it has none."""
        if isinstance(row, BadRow):
            return Unpriced(row.line, row.model, row.at, row.why)
        model = self._models.get(row.model) or self._open(row.model)
        if model is None:
            return _unpriced(row, self._unknown[row.model])
        standings = model.standings(row)
        if standings[0].before is not None or any(s.before is not None for s in standings):
            return model.price(row, standings)
        known = [standing for standing in standings if standing.around is not None]
        return _unpriced(row, model.absence(known[0], row) if known else self._too_early())

    def intervals(self, model: str) -> list[Interval]:
        """All price intervals of a model, oldest first; none for one that was never seen."""
        found = self._models.get(model) or self._open(model)
        return found.intervals if found is not None else []

    def seen(self, version: int) -> tuple[datetime | None, datetime]:
        """The window in which a version came: last good poll before it, first that saw it."""
        with self._database.read() as connection:
            row = versions.require_version(connection, self._source.id, version)
        return row.not_before, row.not_after

    def _open(self, name: str) -> "_ModelPrices | None":
        if name in self._unknown:
            return None
        try:
            with self._database.read() as connection:
                timeline = prices.timeline(connection, self._source.id, name, self._calendar)
        except NotFoundError as error:
            if len(self._unknown) >= _MANY_NAMES:
                self._unknown.clear()
            self._unknown[name] = str(error)
            return None
        self._models[name] = _ModelPrices(timeline)
        return self._models[name]

    def _too_early(self) -> str:
        with self._database.read() as connection:
            first = versions.first_seen_before(connection, self._source.id)
        seen = rfc3339(first) if first is not None else "never"
        return f"before the first snapshot of {self._source.name} ({seen})"


class _ModelPrices:
    """A model's timeline, and the price interval of each of its states."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.intervals: list[Interval] = []
        self._of_state: dict[int, Interval] = {}
        self._stretches: dict[tuple[datetime, datetime], list[PriceState]] = {}
        for state in timeline.states:
            self._add(state)
        # All that its prices ever had: rows that passed the same of them can be added up.
        every = {step for interval in self.intervals for step in interval.tariff.thresholds}
        self._thresholds = sorted(every)

    def _add(self, state: versions.ModelState) -> None:
        tariff = Tariff(loads(state.document).get("pricing"))
        last = self.intervals[-1] if self.intervals else None
        follows = last is not None and last.end == state.valid_from
        if last is None or not follows or last.tariff != tariff:
            before = last if follows else None
            self.intervals.append(Interval(state.model, state.valid_from, tariff, before=before))
            if before is not None:
                before.after = self.intervals[-1]
        self.intervals[-1].end = state.valid_to
        self._of_state[state.valid_from] = self.intervals[-1]

    def standings(self, row: UsageRow) -> Sequence[PriceState]:
        """What holds at the row's time, or one after the other during all of it."""
        if row.until is None:
            return (self.timeline.at(row.at),)
        stretch = (row.at, row.until)
        found = self._stretches.get(stretch)
        if found is None:
            if len(self._stretches) >= _MANY_STRETCHES:
                self._stretches.clear()
            found = self._stretches[stretch] = self.timeline.over(*stretch)
        return found

    def price(self, row: UsageRow, standings: Sequence[PriceState]) -> Result:
        """The cost by the first prices that are known; some must be."""
        around, state = next((s.around, s.before) for s in standings if s.around and s.before)
        interval = self._of_state[state.valid_from]
        first = offer(interval.tariff, row)
        if first[0].missing:
            return _unpriced(row, "; ".join(first[0].missing))
        place = bisect_left(self._thresholds, row.prompts.shortest)
        passed = self._thresholds[place - 1] if place else 0
        version = around.before.version
        if len(first) == len(standings) == 1 and standings[0].certainty == OBSERVED:
            return Priced(row, first[0], OBSERVED, version, interval, passed, None, None)
        doubts = Doubts(first)
        for standing in standings:
            self._judge(standing, row, doubts)
        if len(first) > 1:
            doubts.add(UNCERTAIN, in_sum(row, interval.tariff))
        certainty, other, why = doubts.certainty, doubts.other, doubts.why
        return Priced(row, first[0], certainty, version, interval, passed, other, why)

    def _judge(self, standing: PriceState, row: UsageRow, doubts: Doubts) -> None:
        """Add what is not certain at one instant, or while nothing else is known."""
        around, before, after = standing.around, standing.before, standing.after
        if around is None or before is None:
            doubts.add(GAP, _NO_SNAPSHOT if around is None else self.absence(standing, row))
            return
        here = offer(self._of_state[before.valid_from].tariff, row)
        doubts.compare(here)
        if standing.certainty == OBSERVED:
            return
        later = self._offer(after, row) if around.after is not None else None
        if standing.certainty == BRACKETED and later is not None and same(later, here):
            # What changed is not what was used.
            return
        why = around.why or bracketed(standing)
        if around.after is not None and after is None:
            why += "; no longer visible after that"
        doubts.add(standing.certainty, why, later or ())

    def absence(self, standing: PriceState, row: UsageRow) -> str:
        """Why a row at a time when the model was not visible has no price."""
        around = standing.around
        if around is not None and around.after is not None and standing.after is not None:
            text = f"not yet seen then: first seen {rfc3339(around.after.at)}"
            later = self._offer(standing.after, row)
            cost = "" if later is None else f", when it would cost {plain(later[0].cost)} USD"
            return text + cost
        return "the model was not visible to this key then"

    def _offer(self, state: versions.ModelState | None, row: UsageRow) -> Offer | None:
        if state is None:
            return None
        found = offer(self._of_state[state.valid_from].tariff, row)
        return None if found[0].missing else found


def other_cost(found: Priced) -> Decimal | None:
    """What the row may have cost instead, at the most different; None where that is not known."""
    return found.other.cost if found.other is not None else None


def _unpriced(row: UsageRow, why: str) -> Unpriced:
    return Unpriced(row.line, row.model, row.shown_at, why, row)
