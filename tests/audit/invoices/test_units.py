"""A charge, and what would be that amount."""

from decimal import Decimal

import pytest

from pricetrail.audit.invoices.reading import Charge
from pricetrail.audit.invoices.units import Unit, close, uses_of
from pricetrail.audit.reconciliation import causes
from pricetrail.audit.reconciliation.causes import Cause
from pricetrail.audit.reconciliation.histories import PriceHistory
from pricetrail.audit.results import PriceChange
from pricetrail.audit.totals import IntervalSum
from tests.audit.made import interval, priced_row
from tests.support.histories import at

CENT = Decimal("0.01")
HISTORY = PriceHistory([interval("0.1")], lambda version: PriceChange(version, None, at("10:00")))


def unit(charged: str, *prompts: int, step: Decimal = CENT) -> Unit:
    within, summed = HISTORY.intervals[0], IntervalSum()
    for prompt in prompts:
        summed.add(priced_row(within, prompt=prompt, cache_read=0))
    return Unit(None, Charge(Decimal(charged), step), tuple(uses_of([(within, summed)])))


def test_what_differs_is_more_than_the_rounding() -> None:
    found = unit("1.25", 5, 7)
    assert (found.due, found.difference, found.slack) == (
        Decimal("1.2"),
        Decimal("0.05"),
        CENT / 2,
    )
    assert found.differs
    assert not unit("1.20", 5, 7).differs
    assert close(Charge(Decimal("1.205"), CENT), Decimal("1.2"))


def test_a_cause_that_gives_the_charge_fits() -> None:
    found = unit("2.40", 5, 7)
    found.try_all(HISTORY)
    assert found.fits == {Cause(causes.TWICE)}
    assert found.exactly
    found = unit("2.41", 5, 7)
    found.try_all(HISTORY)
    assert (found.fits, found.exactly) == (set(), False)


@pytest.mark.parametrize(("charged", "step"), [("2.40", "0.01"), ("2.4000", "0.0001")])
def test_the_finer_the_charge_the_more_it_tells(charged: str, step: str) -> None:
    found = unit(charged, 5, 7, step=Decimal(step))
    assert found.bits > unit("1.21", 5, 7).bits
    assert unit("2.4000", 12, step=Decimal("0.0001")).bits > unit("2.40", 12).bits
