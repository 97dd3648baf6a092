"""What the sums of an invoice's models do not tell: single rows, and times in another zone.

The usage is read once more, for the models of which the invoice says something else.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from pricetrail.audit.invoices.units import AROUND, Unit
from pricetrail.audit.reconciliation.causes import TWICE, Cause
from pricetrail.audit.reconciliation.histories import PriceHistory
from pricetrail.audit.reconciliation.zones import OFFSETS, cost_at, feels_zones, zone_of
from pricetrail.audit.results import PricedRow, RowResult
from pricetrail.catalog.amounts import EXACT

_ZERO = Decimal(0)
_NAMED = 3
# Rows are many, and cost whatever they cost: rarer than what has a reason.
_RARE = 0.1


@dataclass
class _Doubles:
    """Rows that cost what a unit has too much."""

    unit: Unit
    number: int = 0
    near: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, row: PricedRow) -> None:
        """Look at a row."""
        apart = abs(EXACT.subtract(row.bill.cost, self.unit.difference))
        if apart <= self.unit.slack:
            self.number += 1
            if len(self.lines) < _NAMED:
                self.lines.append(row.row.line)
        elif apart <= self.unit.slack * AROUND:
            self.near += 1

    @property
    def cause(self) -> Cause | None:
        """The row that was charged twice; None where none costs as much."""
        if not self.number:
            return None
        named = ", ".join(map(str, self.lines))
        more = f" and {self.number - len(self.lines)} more" if self.number > _NAMED else ""
        one = f"line {named}" if self.number == 1 else f"one of the lines {named}{more}"
        return Cause(TWICE, one)


@dataclass
class SecondLook:
    """One model, as its rows pass once more."""

    history: PriceHistory
    units: Sequence[Unit]
    _doubles: dict[str | None, _Doubles] = field(default_factory=dict)
    _moved: dict[str | None, list[Decimal]] = field(default_factory=dict)
    _unmoved: dict[str | None, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    _unpriced: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        for unit in self.units:
            self._doubles[unit.day] = _Doubles(unit)
            self._moved[unit.day] = [_ZERO] * len(OFFSETS)

    def add(self, row: PricedRow) -> None:
        """Look at a row."""
        by_day = None not in self._doubles
        day = row.row.at.date().isoformat() if by_day else None
        if day in self._doubles:
            self._doubles[day].add(row)
        if row.row.until is not None or not (by_day or feels_zones(row.row, self.history)):
            self._unmoved[day] = EXACT.add(self._unmoved[day], row.bill.cost)
            return
        same = None if feels_zones(row.row, self.history) else row.bill.cost
        for place, offset in enumerate(OFFSETS):
            cost = cost_at(row.row, self.history, offset) if same is None else same
            day = (row.row.at + offset).date().isoformat() if by_day else None
            if cost is None:
                self._unpriced.add(place)
            elif day in self._moved:
                self._moved[day][place] = EXACT.add(self._moved[day][place], cost)

    def conclude(self) -> None:
        """Note with each unit what would explain it."""
        for unit in self.units:
            doubles = self._doubles[unit.day]
            if doubles.cause is not None and not unit.is_charge(unit.due):
                is_rare = doubles.near <= _RARE * AROUND
                (unit.fits if is_rare else unit.common).add(doubles.cause)
        places = [place for place in range(len(OFFSETS)) if self._fits_all(place)]
        zone = zone_of(places)
        if zone is not None:
            for unit in self.units:
                unit.fits.add(zone)

    def _fits_all(self, place: int) -> bool:
        return place not in self._unpriced and all(
            unit.is_charge(EXACT.add(self._moved[unit.day][place], self._unmoved[unit.day]))
            for unit in self.units
        )


def look_again(looks: Mapping[str, SecondLook], results: Iterable[RowResult]) -> None:
    """Show the rows of some models to those who ask for them, and let them conclude."""
    for result in results:
        if isinstance(result, PricedRow) and result.interval.model in looks:
            looks[result.interval.model].add(result)
    for look in looks.values():
        look.conclude()
