"""One model's prices over time, and what a row costs by those in force at its time."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

from pricetrail.audit.results import Interval, PricedRow, RowResult, UnpricedRow
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
from pricetrail.audit.usage.rows import UsageRow
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.bills import Tariff
from pricetrail.catalog.situations import USUAL, Divisions, Situation
from pricetrail.catalog.strict_json import loads
from pricetrail.catalog.times import rfc3339
from pricetrail.storage.history import versions
from pricetrail.storage.history.prices import PriceState, Timeline
from pricetrail.storage.polls.certainty import BRACKETED, GAP, OBSERVED

States: TypeAlias = Sequence[PriceState]

_MANY_STRETCHES = 1_000
_NO_SNAPSHOT = "a part of that time is before the first snapshot"


class ModelPrices:
    """A model's timeline, and the price interval of each of its states."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.intervals: list[Interval] = []
        self._of_state: dict[int, Interval] = {}
        self._stretches: dict[tuple[datetime, datetime], list[PriceState]] = {}
        for state in timeline.states:
            self._add(state)
        # All that its prices ever had: rows that are the same by these can be added up.
        self.conditions = frozenset(
            one for interval in self.intervals for one in interval.tariff.conditions
        )
        self._divisions = Divisions(self.conditions) if self.conditions else None
        self.has_days = any(one.since for one in self.conditions)

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

    def is_listed(self, moment: datetime) -> bool:
        """Whether the source listed the model when it was last seen before an instant."""
        return self.timeline.at(moment).before is not None

    def certain(self, moment: datetime) -> Interval | None:
        """The price interval of an instant; None where other prices may have been in force."""
        _, _, before, _ = state = self.timeline.at(moment)
        if before is None or state.certainty != OBSERVED:
            return None
        return self._of_state[before.valid_from]

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
            return unpriced(row, "; ".join(bills[0].missing))
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


def unpriced(row: UsageRow, why: str) -> UnpricedRow:
    """A row that is left without a cost."""
    return UnpricedRow(row.line, row.model, row.time_text, why, row.reported)
