"""A class of rows costs what its rows do, or is refused."""

from decimal import Decimal

import pytest

from pricetrail.audit.engines.classes import Classes
from pricetrail.audit.engines.plan import LEFT_OUT, REST, Plan, RowClass
from pricetrail.audit.engines.stretches import PriceStretch, micros, stretches
from pricetrail.audit.groups import Groups
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.totals import Totals
from tests.audit.conftest import MakePricer
from tests.support.histories import at, catalog, model, tokens

pytestmark = pytest.mark.slow

TIERS = {"over_200k": {"text": {"prompt": "0.3"}}, "batch": {"text": {"prompt": "0.05"}}}
ALIKE = RowClass(0, 0, None, None, 1, (" t ",), micros(at("00:00")), 3, (Decimal(30), Decimal(0)))


@pytest.fixture
def pricer(pricer_of: MakePricer) -> Pricer:
    tiered = catalog(model("a", tokens("0.1", "1", tiers=TIERS)))
    return pricer_of([("10:00", tiered), ("11:00", tiered)])


def classes(pricer: Pricer) -> Classes:
    plan = Plan(("prompt", "cache_read"), ("team",), daily=True, thresholds=1)
    found: list[PriceStretch] = stretches(pricer, [("v/a", "a")])
    return Classes(pricer, plan, found, Totals(), Groups(("day", "team", "model")))


def test_a_class_costs_what_one_row_with_its_sums_does(pricer: Pricer) -> None:
    added = classes(pricer)
    added.add(ALIKE)
    added.add(ALIKE._replace(passed=1, sums=(Decimal(300_000), Decimal(0))))
    added.add(ALIKE._replace(batch="true", rows=1))
    assert added.totals.total == Decimal(3) + Decimal(90_000) + Decimal("1.5")
    assert (added.totals.rows, added.rest, added.refused) == (7, 0, [])
    (group,) = added.groups.sorted
    assert dict(group.by) == {"day": "2026-03-01", "team": "t", "model": "a"}
    assert (group.rows, group.total) == (7, added.totals.total)


def test_what_is_not_certain_is_refused(pricer: Pricer) -> None:
    added = classes(pricer)
    no_price = ALIKE._replace(used=2, sums=(Decimal(0), Decimal(5)))
    no_tier, no_word = ALIKE._replace(tier="priority"), ALIKE._replace(batch="maybe")
    for each in (no_price, no_tier, no_word):
        added.add(each)
    assert added.refused == [no_price, no_tier, no_word]
    assert no_price.key == (0, 0, None, None, 2)
    assert (added.totals.rows, added.rest) == (0, 9)


def test_rows_without_a_stretch_and_those_of_other_times_are_counted(pricer: Pricer) -> None:
    added = classes(pricer)
    added.add(ALIKE._replace(number=REST, rows=4))
    added.add(ALIKE._replace(number=LEFT_OUT, rows=2))
    assert (added.rows, added.rest, added.left_out, added.totals.rows) == (6, 4, 2, 0)


def test_what_says_no_service_tier_is_a_row_of_any_time(pricer: Pricer) -> None:
    added, odd = classes(pricer), ALIKE._replace(number=LEFT_OUT, tier="!!")
    added.add(odd)
    assert added.refused == [odd]
    assert (added.rest, added.left_out) == (3, 0)
