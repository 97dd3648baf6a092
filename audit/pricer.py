"""One usage row at the prices in force at its time, and how certain they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from pricetrail.audit.results import Interval, PriceChange, PricedRow, RowResult, UnpricedRow
from pricetrail.audit.uncertainty import (
    UNCERTAIN,
    Bills,
    Uncertainty,
    change_reason,
    open_reasons,
    possible_bills,
    same_bills,
    situations_of,
)
from pricetrail.audit.usage.rows import BadRow, Row, UsageRow
from pricetrail.catalog.aliases import NO_ALIASES, Aliases
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.bills import Tariff
from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.merkle import hash_text
from pricetrail.catalog.situations import USUAL, Divisions, Situation
from pricetrail.catalog.strict_json import loads
from pricetrail.catalog.times import rfc3339
from pricetrail.storage.database import Database
from pricetrail.storage.history import prices, versions
from pricetrail.storage.history.prices import PriceState, Timeline
from pricetrail.storage.polls import coverage
from pricetrail.storage.polls.certainty import BRACKETED, GAP, OBSERVED
from pricetrail.storage.sources import SourceState, choose

States: TypeAlias = Sequence[PriceState]

_MANY_NAMES, _MANY_STRETCHES = 10_000, 1_000
_NO_SNAPSHOT = "a part of that time is before the first snapshot"


class Pricer:
    """Prices the rows of one source's usage; each model's history is read once.

    An audit of millions of rows must not keep polls from writing: every read is a short
    transaction of its own. History only grows, and the calendar of the beginning bounds it.
    """

    def __init__(
        self, database: Database, source: SourceState, aliases: Aliases = NO_ALIASES
    ) -> None:
        self._database = database
        self._source = source
        self.aliases = aliases
        with database.read() as connection:
            self._calendar = coverage.calendar(connection, source.id)
        self._models: dict[str, _ModelPrices] = {}
        self._unknown: dict[str, str] = {}
        self._heads: dict[int, str] = {}

    @classmethod
    def of(cls, database: Database, name: str | None, aliases: Aliases = NO_ALIASES) -> "Pricer":
        """Make the pricer of a source; None for the only one.

        Args:
            aliases: names that stand for one model: what the source lists under another one of
                them is priced by that.

        Raises:
            NotFoundError, InvalidInputError: as `storage.sources.choose`.
        """
        with database.read() as connection:
            source = choose(connection, name)
        return cls(database, source, aliases)

    @property
    def source(self) -> str:
        """The name of the source."""
        return self._source.name

    def require(self, model: str) -> None:
        """Refuse a model that this source has never shown.

        Raises:
            NotFoundError: it has not; near names are suggested.
        """
        if not any(self._models.get(name) or self._open(name) for name in self._names(model)):
            raise NotFoundError(self._unknown[model])

    def price(self, row: Row, as_of: datetime | None = None) -> RowResult:
        """The row's cost, or why it has none.

        Args:
            as_of: by the prices of this time, not by those of the row's own; what its time of day
                and all else decides is as it was.
        """
        if isinstance(row, BadRow):
            return UnpricedRow(row.line, row.model, row.at, row.why)
        found = self._listed(row.model, row, as_of)
        if found is None:
            named = {
                name: self._listed(name, row, as_of) for name in self.aliases.others(row.model)
            }
            others = [it for it in named.values() if it is not None]
            if len(others) > 1:
                names = ", ".join(name for name, it in named.items() if it is not None)
                return _unpriced(row, f"{self.source} lists it under several other names: {names}")
            if not others:
                return _unpriced(row, self._absence(row, as_of))
            found = others[0]
        model, states = found
        if as_of is None or not model.has_days:
            return model.price(row, states)
        result = model.price(row.on_day(as_of), states)
        return result._replace(row=row) if isinstance(result, PricedRow) else result

    def _names(self, model: str) -> tuple[str, ...]:
        return (model, *self.aliases.others(model))

    def _listed(
        self, name: str, row: UsageRow, as_of: datetime | None
    ) -> "tuple[_ModelPrices, States] | None":
        """A model and what held of it at the row's time; None where it was not listed then."""
        model = self._models.get(name) or self._open(name)
        if model is None:
            return None
        states = model.states(row, as_of)
        if states[0].before is not None or any(state.before is not None for state in states):
            return model, states
        return None

    def _absence(self, row: UsageRow, as_of: datetime | None) -> str:
        """Why a row has no price whose model was not listed at its time."""
        model = self._models.get(row.model) or self._open(row.model)
        if model is None:
            return self._unknown[row.model]
        known = [state for state in model.states(row, as_of) if state.around is not None]
        return model.absence(known[0], row) if known else self._too_early()

    def intervals(self, model: str) -> list[Interval]:
        """All price intervals of a model, under the first of its names that was ever seen, oldest
        first; none for one that never was."""
        for name in self._names(model):
            history = self._models.get(name) or self._open(name)
            if history is not None:
                return history.intervals
        return []

    def head(self, version: int) -> str:
        """The chain's head at a version, which names all that was known then."""
        if version not in self._heads:
            with self._database.read() as connection:
                row = versions.get_version(connection, self._source.id, version)
            self._heads[version] = hash_text(row.chain_hash)
        return self._heads[version]

    def change(self, version: int) -> PriceChange:
        """The window in which a version came: last good poll before it, first that saw it."""
        with self._database.read() as connection:
            row = versions.get_version(connection, self._source.id, version)
        return PriceChange(version, row.not_before, row.not_after)

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
        # All that its prices ever had: rows that are the same by these can be added up.
        every = {one for interval in self.intervals for one in interval.tariff.conditions}
        self._divisions = Divisions(every) if every else None
        self.has_days = any(one.since for one in every)

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

    def states(self, row: UsageRow, as_of: datetime | None) -> Sequence[PriceState]:
        """What holds at the row's time, or one after the other during all of it."""
        if row.until is None or as_of is not None:
            return (self.timeline.at(as_of or row.at),)
        stretch = (row.at, row.until)
        states = self._stretches.get(stretch)
        if states is None:
            if len(self._stretches) >= _MANY_STRETCHES:
                self._stretches.clear()
            states = self._stretches[stretch] = self.timeline.over(*stretch)
        return states

    def price(self, row: UsageRow, states: Sequence[PriceState]) -> RowResult:
        """The cost by the first prices that are known; some must be."""
        around, before = next((s.around, s.before) for s in states if s.around and s.before)
        interval = self._of_state[before.valid_from]
        bills = possible_bills(interval.tariff, row)
        if bills[0].missing:
            return _unpriced(row, "; ".join(bills[0].missing))
        situation = self._situation(row, interval.tariff)
        version = around.before.version
        is_clear = len(bills) == 1 and (
            not row.service or interval.tariff.serves(row.service, row.at)
        )
        if is_clear and len(states) == 1 and states[0].certainty == OBSERVED:
            return PricedRow(row, bills[0], OBSERVED, version, interval, situation, None, None)
        uncertainty = Uncertainty(bills)
        for state in states:
            self._add_uncertainty(state, row, uncertainty)
        for reason in () if is_clear else open_reasons(row, interval.tariff):
            uncertainty.add(UNCERTAIN, reason)
        certainty, other, why = uncertainty.certainty, uncertainty.other, uncertainty.why
        return PricedRow(row, bills[0], certainty, version, interval, situation, other, why)

    def _situation(self, row: UsageRow, tariff: Tariff) -> Situation:
        """The situation by which a row is charged, in the terms of all prices there ever were."""
        if self._divisions is None:
            return Situation(row.service) if row.service else USUAL
        times = self._divisions.times(row.at, row.until)
        since, minute = times[0]
        if len(times) > 1:
            # One of several times: that of the prices by which it is charged.
            charged = situations_of(tariff, row)[0]
            since, minute = charged.since, charged.minute
        return Situation(row.service, minute, self._divisions.passed(*row.prompts)[0], since)

    def _add_uncertainty(self, state: PriceState, row: UsageRow, uncertainty: Uncertainty) -> None:
        """Add what is not certain at one instant, or while nothing else is known."""
        around, before, after = state.around, state.before, state.after
        if around is None or before is None:
            uncertainty.add(GAP, _NO_SNAPSHOT if around is None else self.absence(state, row))
            return
        bills = possible_bills(self._of_state[before.valid_from].tariff, row)
        uncertainty.compare(bills)
        if state.certainty == OBSERVED:
            return
        later = self._later(after, row) if around.after is not None else None
        if state.certainty == BRACKETED and later is not None and same_bills(later, bills):
            # What changed is not what was used.
            return
        why = around.why or change_reason(state)
        if around.after is not None and after is None:
            why += "; no longer visible after that"
        uncertainty.add(state.certainty, why, later or ())

    def absence(self, state: PriceState, row: UsageRow) -> str:
        """Why a row at a time when the model was not visible has no price."""
        around = state.around
        if around is not None and around.after is not None and state.after is not None:
            text = f"not yet seen then: first seen {rfc3339(around.after.at)}"
            later = self._later(state.after, row)
            cost = "" if later is None else f", when it would cost {plain(later[0].cost)} USD"
            return text + cost
        return "the model was not visible to this key then"

    def _later(self, state: versions.ModelState | None, row: UsageRow) -> Bills | None:
        """The row's bills by a later state; None where that has no price for it."""
        if state is None:
            return None
        bills = possible_bills(self._of_state[state.valid_from].tariff, row)
        return None if bills[0].missing else bills


def _unpriced(row: UsageRow, why: str) -> UnpricedRow:
    return UnpricedRow(row.line, row.model, row.time_text, why, row.reported)
