"""Times that were read in another zone: prices of some hours earlier or later, for everything."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import groupby

from pricetrail.audit.reconciliation.causes import ZONE, Cause
from pricetrail.audit.reconciliation.histories import PriceHistory
from pricetrail.audit.results import PricedRow
from pricetrail.audit.uncertainty import situations_of
from pricetrail.audit.usage.rows import UsageRow

# The offsets of the world's zones in minutes (IANA, 2026), either way: UTC taken for local time, or
# local time for UTC.
_ZONES = (
    *range(-12 * 60, 15 * 60, 60),
    *(-570, -210, 210, 270, 330, 345, 390, 525, 570, 630, 765),
)
OFFSETS = tuple(
    timedelta(minutes=minutes)
    for minutes in sorted({way * zone for zone in _ZONES for way in (1, -1) if zone})
)
FARTHEST = max(OFFSETS)
_ALL = (1 << len(OFFSETS)) - 1


@dataclass
class ZoneFit:
    """Which offsets give all amounts so far: one bit each, once a row felt them."""

    mask: int = _ALL
    felt: bool = False

    def add(
        self, row: PricedRow, history: PriceHistory, is_asked: Callable[[Decimal], bool]
    ) -> None:
        """Take in a row; `is_asked` tells whether a cost is what the file says of it."""
        if not self.mask:
            return
        if not feels_zones(row.row, history):
            if not is_asked(row.bill.cost):
                self.mask = 0
            return
        self.felt = True
        known: dict[object, bool] = {}
        for place, offset in enumerate(OFFSETS):
            if self.mask >> place & 1:
                cost = cost_at(row.row, history, offset)
                if cost not in known:
                    known[cost] = cost is not None and is_asked(cost)
                if not known[cost]:
                    self.mask &= ~(1 << place)

    @property
    def cause(self) -> Cause | None:
        """The offsets that fit, next to each other: those of the shortest time."""
        if not self.felt:
            return None
        return zone_of([place for place in range(len(OFFSETS)) if self.mask >> place & 1])


def zone_of(places: list[int]) -> Cause | None:
    """The cause of the offsets at some places of `OFFSETS`, as far as they are neighbours."""
    if not places:
        return None
    # Neighbours have the same distance to their place in the list; before and after noon part.
    runs = [
        [place for _, place in run]
        for _, run in groupby(
            enumerate(places), lambda pair: (pair[1] - pair[0], OFFSETS[pair[1]] > timedelta(0))
        )
    ]
    best = min(runs, key=lambda run: min(abs(OFFSETS[place]) for place in run))
    return Cause(ZONE, (OFFSETS[best[0]], OFFSETS[best[-1]]))


def feels_zones(row: UsageRow, history: PriceHistory) -> bool:
    """Whether a row, read in another zone, could have other prices."""
    if row.until is not None:
        return False
    near = history.changes_within(row.at - FARTHEST, row.at + FARTHEST)
    return near or history.has_hours


def cost_at(row: UsageRow, history: PriceHistory, offset: timedelta) -> Decimal | None:
    """What a row would cost by the prices some time later; None where one lacks."""
    moved = row._replace(at=row.at + offset)
    tariff = history.at(moved.at).tariff
    bill = tariff.bill(row.used, situations_of(tariff, moved)[0])
    return None if bill.missing else bill.cost
