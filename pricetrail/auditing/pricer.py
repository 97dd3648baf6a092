"""One usage row at the prices in force at its time, and how certain they are."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from catalog.amounts import plain
from catalog.bills import Bill, Tariff
from catalog.strict_json import loads
from catalog.times import rfc3339
from pricetrail.usage_rows.rows import BadRow, Row, UsageRow
from storage import coverage, history, prices
from storage.coverage import BRACKETED, OBSERVED
from storage.database import Database
from storage.errors import NothingThereError
from storage.prices import Standing, Timeline
from storage.sources import SourceState

_MANY_NAMES = 10_000


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

    Where those after it may have been in force already, `later` is the bill by them, or None
    where there is none. `why` says what is not certain.
    """

    row: UsageRow
    bill: Bill
    certainty: str
    version: int
    interval: Interval
    later: Bill | None
    why: str | None

    @property
    def uncertain(self) -> bool:
        """Whether polls do not vouch for the prices."""
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
        standing = model.timeline.at(row.at)
        if standing.around is None:
            return _unpriced(row, self._too_early())
        if standing.before is None:
            return _unpriced(row, model.absence(standing, row))
        return model.price(row, standing)

    def intervals(self, model: str) -> list[Interval]:
        """All price intervals of a model, oldest first; none for one that was never seen."""
        found = self._models.get(model) or self._open(model)
        return found.intervals if found is not None else []

    def seen(self, version: int) -> tuple[datetime | None, datetime]:
        """The window in which a version came: last good poll before it, first that saw it."""
        with self._database.read() as connection:
            row = history.require_version(connection, self._source.id, version)
        return row.not_before, row.not_after

    def _open(self, name: str) -> "_ModelPrices | None":
        if name in self._unknown:
            return None
        try:
            with self._database.read() as connection:
                timeline = prices.timeline(connection, self._source.id, name, self._calendar)
        except NothingThereError as error:
            if len(self._unknown) >= _MANY_NAMES:
                self._unknown.clear()
            self._unknown[name] = str(error)
            return None
        self._models[name] = _ModelPrices(timeline)
        return self._models[name]

    def _too_early(self) -> str:
        with self._database.read() as connection:
            first = history.first_seen_before(connection, self._source.id)
        seen = rfc3339(first) if first is not None else "never"
        return f"before the first snapshot of {self._source.name} ({seen})"


class _ModelPrices:
    """A model's timeline, and the price interval of each of its states."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.intervals: list[Interval] = []
        self._of_state: dict[int, Interval] = {}
        for state in timeline.states:
            self._add(state)

    def _add(self, state: history.ModelState) -> None:
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

    def price(self, row: UsageRow, standing: Standing) -> Result:
        around, before, after = standing.around, standing.before, standing.after
        if around is None or before is None:
            raise ValueError("there is no state to price by")
        interval = self._of_state[before.valid_from]
        bill = interval.tariff.bill(row.used, long_prompt=row.long_prompt)
        if bill.missing:
            return _unpriced(row, "; ".join(bill.missing))
        version = around.before.version
        if standing.certainty == OBSERVED:
            return Priced(row, bill, OBSERVED, version, interval, None, None)
        later = self._bill(after, row) if around.after is not None else None
        if standing.certainty == BRACKETED and later is not None and later.parts == bill.parts:
            # What changed is not what was used.
            return Priced(row, bill, OBSERVED, version, interval, None, None)
        why = around.why or _bracketed(standing)
        if around.after is not None and after is None:
            why += "; no longer visible after that"
        return Priced(row, bill, standing.certainty, version, interval, later, why)

    def absence(self, standing: Standing, row: UsageRow) -> str:
        """Why a row at a time when the model was not visible has no price."""
        around = standing.around
        if around is not None and around.after is not None and standing.after is not None:
            text = f"not yet seen then: first seen {rfc3339(around.after.at)}"
            later = self._bill(standing.after, row)
            return text if later is None else f"{text}, when it would cost {plain(later.cost)} USD"
        return "the model was not visible to this key then"

    def _bill(self, state: history.ModelState | None, row: UsageRow) -> Bill | None:
        if state is None:
            return None
        tariff = self._of_state[state.valid_from].tariff
        bill = tariff.bill(row.used, long_prompt=row.long_prompt)
        return None if bill.missing else bill


def later_cost(found: Priced) -> Decimal | None:
    """What the row costs by the prices after it; None where those are not known."""
    return found.later.cost if found.later is not None else None


def _bracketed(standing: Standing) -> str:
    around = standing.around
    if around is None or around.after is None:
        return ""
    ends = f"{rfc3339(around.before.at)} and {rfc3339(around.after.at)}"
    return f"the price changed between {ends}"


def _unpriced(row: UsageRow, why: str) -> Unpriced:
    return Unpriced(row.line, row.model, rfc3339(row.at), why, row)
