"""What single rows tell of an invoice."""

from datetime import timedelta
from decimal import Decimal

import pytest

from pricetrail.audit.invoices.reading import Charge
from pricetrail.audit.invoices.second_look import SecondLook, look_again
from pricetrail.audit.invoices.units import Unit, uses_of
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.reconciliation import causes
from pricetrail.audit.reconciliation.causes import Cause
from pricetrail.audit.reconciliation.histories import PriceHistory
from pricetrail.audit.results import PricedRow
from pricetrail.audit.totals import Totals
from tests.audit.conftest import MakePricer
from tests.audit.made import unpriced_row
from tests.audit.reconciliation.made import asked
from tests.support.histories import catalog, model, tokens

HOUR = timedelta(hours=1)


@pytest.fixture
def pricer(pricer_of: MakePricer) -> Pricer:
    """`a` costs 1, and from noon 3."""
    old, new = (catalog(model("a", tokens(price, "1"))) for price in ("1", "3"))
    return pricer_of([("08:00", old), ("12:00", new), ("23:00", new)])


def looked(pricer: Pricer, charged: str, *uses: tuple[str, int]) -> Unit:
    """The one charge of a model, after a second look at its rows."""
    totals, results = Totals(), []
    for line, (when, prompt) in enumerate(uses, 2):
        priced = pricer.price(asked(when, None, prompt=prompt)._replace(line=line))
        assert isinstance(priced, PricedRow)
        totals.add(priced)
        results.append(priced)
    unit = Unit(
        None, Charge(Decimal(charged), Decimal("0.01")), tuple(uses_of(totals.by_model()["a"]))
    )
    history = PriceHistory(pricer.intervals("a"), pricer.change)
    look_again({"a": SecondLook(history, [unit])}, [unpriced_row(), *results])
    return unit


def test_the_row_that_costs_what_is_too_much_was_charged_twice(pricer: Pricer) -> None:
    found = looked(pricer, "137.00", ("09:00", 10), ("10:00", 37), ("11:00", 53))
    assert Cause(causes.TWICE, "line 3") in found.fits


def test_of_rows_that_cost_the_same_all_are_named(pricer: Pricer) -> None:
    found = looked(pricer, "120.00", *[("09:00", 20)] * 5)
    assert Cause(causes.TWICE, "one of the lines 2, 3, 4 and 2 more") in found.fits


def test_among_many_rows_of_all_costs_one_that_fits_is_chance(pricer: Pricer) -> None:
    """With rows for every hundredth around it, any difference is what some row costs."""
    rare = looked(pricer, "800.00", *[("09:00", number) for number in range(1, 40)])
    assert rare.difference == 20
    assert Cause(causes.TWICE, "line 21") in rare.fits
    unit = Unit(None, Charge(Decimal(800), Decimal(10)), rare.uses)
    history = PriceHistory(pricer.intervals("a"), pricer.change)
    rows = [pricer.price(asked("09:00", None, prompt=number)) for number in range(1, 40)]
    look_again({"a": SecondLook(history, [unit])}, rows)
    assert {cause.kind for cause in unit.fits} == set()
    assert {cause.kind for cause in unit.common} == {causes.TWICE}


def test_times_of_another_zone_give_the_charge(pricer: Pricer) -> None:
    found = looked(pricer, "50.00", ("09:30", 10), ("10:30", 1), ("11:30", 13))
    assert Cause(causes.ZONE, (HOUR, HOUR)) in found.fits


def test_where_both_agree_nothing_was_charged_twice(pricer: Pricer) -> None:
    found = looked(pricer, "10.00", ("09:00", 10))
    assert {cause.kind for cause in found.fits} == {causes.ZONE}
