"""Times read in another zone."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from pricetrail.audit.pricer import Pricer
from pricetrail.audit.reconciliation.causes import ZONE, Cause
from pricetrail.audit.reconciliation.histories import PriceHistory
from pricetrail.audit.reconciliation.zones import OFFSETS, ZoneFit, feels_zones, zone_of
from pricetrail.audit.results import PricedRow
from tests.audit.conftest import MakePricer
from tests.audit.reconciliation.made import asked
from tests.support.histories import catalog, model, tokens

HOUR = timedelta(hours=1)


@pytest.fixture
def pricer(pricer_of: MakePricer) -> Pricer:
    """`a` costs 1 before noon of 3 March and 2 after it, and of an evening half."""
    return pricer_of(
        [
            ("2026-03-01T00:00:00Z", catalog(model("a", tokens("1", "1")))),
            ("2026-03-03T12:00:00Z", catalog(model("a", tokens("2", "1")))),
            ("2026-03-06T00:00:00Z", catalog(model("a", tokens("2", "1")))),
        ]
    )


def fitted(pricer: Pricer, *rows: tuple[str, int]) -> Cause | None:
    """What fits rows of one token: their times, and what is asked for each."""
    history, fit = PriceHistory(pricer.intervals("a"), pricer.change), ZoneFit()
    for when, cost in rows:
        priced = pricer.price(asked(f"2026-03-{when}:00Z", str(cost), prompt=1))
        assert isinstance(priced, PricedRow)
        fit.add(priced, history, _is(cost))
    return fit.cause


def _is(cost: int) -> Callable[[Decimal], bool]:
    return lambda amount: amount == cost


def test_the_offsets_that_give_all_amounts_are_found(pricer: Pricer) -> None:
    later = Cause(ZONE, (3 * HOUR, 5.75 * HOUR))
    assert fitted(pricer, ("03T09:00", 2), ("03T06:00", 1)) == later
    earlier = Cause(ZONE, (-4 * HOUR, -3 * HOUR))
    assert fitted(pricer, ("03T14:00", 1), ("03T16:00", 2)) == earlier


def test_a_row_far_from_any_change_must_be_right(pricer: Pricer) -> None:
    assert fitted(pricer, ("03T09:00", 2), ("05T09:00", 2)) is not None
    assert fitted(pricer, ("03T09:00", 2), ("05T09:00", 1)) is None


def test_without_a_row_that_feels_it_there_is_none(pricer: Pricer) -> None:
    assert fitted(pricer, ("01T09:00", 1)) is None


def test_prices_of_a_time_of_day_feel_every_zone(pricer_of: MakePricer) -> None:
    tiers = {"utc_1200_1300": {"text": {"prompt": "5"}}}
    shown = catalog(model("a", tokens("1", "1", tiers=tiers)))
    pricer = pricer_of([("2026-03-01T00:00:00Z", shown), ("2026-03-06T00:00:00Z", shown)])
    history = PriceHistory(pricer.intervals("a"), pricer.change)
    assert feels_zones(asked("2026-03-03T09:00:00Z", "1", prompt=1), history)
    found = fitted(pricer, ("03T09:10", 5), ("04T12:10", 1))
    assert found == Cause(ZONE, (3 * HOUR, 3.5 * HOUR))


def test_a_day_is_of_no_zone(pricer: Pricer) -> None:
    history = PriceHistory(pricer.intervals("a"), pricer.change)
    row = asked("2026-03-03T00:00:00Z", "1", prompt=1)
    assert feels_zones(row, history)
    assert not feels_zones(row._replace(until=row.at + 24 * HOUR), history)


def test_of_several_runs_the_one_of_the_shortest_time_is_told() -> None:
    hours = {offset // HOUR: place for place, offset in enumerate(OFFSETS) if not offset % HOUR}
    assert zone_of([]) is None
    places = [hours[-14], hours[-13], hours[2]]
    assert zone_of(places) == Cause(ZONE, (2 * HOUR, 2 * HOUR))
    around_now = [place for place, offset in enumerate(OFFSETS) if abs(offset) <= HOUR]
    assert zone_of(around_now) == Cause(ZONE, (-HOUR, -HOUR))
