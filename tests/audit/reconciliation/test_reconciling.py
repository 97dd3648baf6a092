"""Rows with costs: what explains each, by what all of them tell."""

import random
from decimal import Decimal

import pytest

from pricetrail.audit.pricer import Pricer
from pricetrail.audit.results import Explanation, PricedRow
from pricetrail.audit.usage.rows import UsageRow
from tests.audit.conftest import MakePricer
from tests.audit.reconciliation.made import asked, reconciled, whys
from tests.support.histories import catalog, model, tokens

TIERS = {"over_200k": {"text": {"prompt": "0.009"}}, "batch": {"text": {"prompt": "0.0005"}}}
OLD = "the price before the change of 2026-03-03T12:00:00Z"
NEW = "the price after the change of 2026-03-03T12:00:00Z"


@pytest.fixture
def pricer(pricer_of: MakePricer) -> Pricer:
    """`a` costs a tenth of a cent, and from noon of 3 March two; `b` never changes."""
    shown = [
        catalog(
            model("a", tokens(price, "0.01", cache={"read": "0.0001"}, tiers=TIERS)),
            model("b", tokens("0.003", "0.01")),
        )
        for price in ("0.001", "0.002")
    ]
    old, new = shown
    days = ("2026-03-01T00:00:00Z", "2026-03-03T11:00:00Z", "2026-03-03T12:00:00Z")
    return pricer_of(
        [(days[0], old), (days[1], old), (days[2], new), ("2026-03-09T00:00:00Z", new)]
    )


def on(day: int, reported: str, model: str = "a", **more: object) -> UsageRow:
    return asked(f"2026-03-0{day}T10:00:00Z", reported, model, **more)


def test_costs_that_are_due_need_no_explanation(pricer: Pricer) -> None:
    assert whys(pricer, on(1, "0.3", prompt=300), on(5, "0.6", prompt=300)) == [None, None]


def test_rounding_is_no_difference(pricer: Pricer) -> None:
    assert whys(pricer, on(1, "0.12", prompt=123), on(5, "0.25", prompt=123)) == [None, None]


def test_the_old_price_for_later_use_and_the_new_one_for_earlier_are_told_apart(
    pricer: Pricer,
) -> None:
    late = whys(
        pricer, on(1, "0.123", prompt=123), on(5, "0.321", prompt=321), on(6, "0.2", prompt=200)
    )
    assert late == [None, OLD, OLD]
    early = whys(pricer, on(1, "0.296", prompt=123, completion=5), on(5, "0.642", prompt=321))
    assert early == [NEW, None]


def test_each_row_can_have_a_cause_of_its_own(pricer: Pricer) -> None:
    rows = [
        on(1, "0.1234", prompt=1_234, completion=0),
        on(1, "1.234", prompt=1_234),
        on(2, "0.777", prompt=377, cache_read=400),
        on(2, "0.417", prompt=377, cache_read=400),
        on(5, "600.002", prompt=300_001),
        on(6, "1.5", prompt=3_000, service="batch"),
        on(6, "6.246", prompt=3_123, service="batch"),
        on(7, "4.444", prompt=1_111),
    ]
    assert whys(pricer, *rows) == [
        "unexplained",
        None,
        "cached tokens at the full price",
        None,
        "tier left out",
        None,
        "another service tier: standard",
        "charged twice",
    ]


def test_a_tier_that_is_charged_though_not_due_is_named(pricer: Pricer) -> None:
    rows = [on(1, "1.107", prompt=123), on(2, "0.321", prompt=321)]
    assert whys(pricer, *rows) == ["tier charged though not due: above 200k", None]


def test_a_request_that_comes_again_is_charged_twice(pricer: Pricer) -> None:
    rows = [on(1, "0.3", prompt=300, request="x"), on(1, "0.3", prompt=300, request="x")]
    reconciler, results = reconciled(pricer, rows)
    assert [row.explanation for row in results] == [
        Explanation(Decimal("0.3"), Decimal(0), None),
        Explanation(Decimal("0.3"), Decimal(0), "charged twice: as line 2"),
    ]
    # It is due once, so what is asked for it again is all too much.
    total = reconciler.sums.total
    assert (total.reported, total.due) == (Decimal("0.6"), Decimal("0.3"))
    (explained,) = reconciler.sums.explained
    assert (explained.explained_by, explained.amount) == ("charged twice", Decimal("0.3"))


def test_a_factor_is_one_for_all_rows_or_it_is_none(pricer: Pricer) -> None:
    marked_up = [on(1, "0.129150", prompt=123), on(5, "0.674100", prompt=321)]
    assert set(whys(pricer, *marked_up)) == {"a constant factor of 1.05"}
    two = [on(1, "0.129150", prompt=123), on(5, "0.706200", prompt=321)]
    assert whys(pricer, *two) == ["unexplained", "unexplained"]


def test_an_odd_factor_is_told_by_many_rows_of_all_models(pricer: Pricer) -> None:
    rows = [on(1, "0.1332951", prompt=123), on(5, "1.0436031", "b", prompt=321)]
    assert set(whys(pricer, *rows)) == {"a constant factor of 1.0837"}


def test_times_of_another_zone_are_told_by_rows_near_a_change(pricer: Pricer) -> None:
    rows = [
        asked("2026-03-03T02:00:00Z", "0.123", prompt=123),
        # With completion, of which the price stays: no row costs twice as much.
        asked("2026-03-03T09:30:00Z", "0.692", prompt=321, completion=5),
        asked("2026-03-03T14:00:00Z", "0.4", prompt=200),
        on(6, "0.4", prompt=200),
    ]
    zone = "another time zone: times 3 to 9.5 hours later"
    assert whys(pricer, *rows) == [None, zone, None, None]


def test_what_nothing_decides_between_is_told_as_either_or(pricer: Pricer) -> None:
    """The price was doubled: all of it by the new one is all of it twice."""
    assert (
        whys(pricer, on(1, "0.246", prompt=123), on(2, "0.642", prompt=321))
        == [f"either {NEW} or charged twice or a constant factor of 2"] * 2
    )


def test_a_cost_within_what_is_uncertain_is_no_fault(pricer: Pricer) -> None:
    """The price changed between eleven and noon: nobody knows which holds at half past."""
    rows = [asked("2026-03-03T11:30:00Z", "0.246", prompt=123), on(1, "0.3", prompt=300)]
    assert whys(pricer, *rows) == ["within what is uncertain", None]


def test_rows_without_a_cost_or_a_price_are_not_compared(pricer: Pricer) -> None:
    rows = [on(1, "0.3", prompt=300), on(1, "9", "gone", prompt=1)]
    rows.append(rows[0]._replace(reported=None))
    reconciler, results = reconciled(pricer, rows)
    assert [row.explanation for row in results] == [
        Explanation(Decimal("0.3"), Decimal(0), None),
        Explanation(Decimal(9), None, None),
        Explanation(None, None, None),
    ]
    assert reconciler.sums.total.rows == 1
    assert reconciler.sums.unpriced.reported == 9
    assert isinstance(results[0], PricedRow)


@pytest.mark.parametrize("seed", range(4))
def test_costs_without_any_rule_are_unexplained(pricer: Pricer, seed: int) -> None:
    chance = random.Random(seed)
    rows = []
    for _ in range(12):
        prompt, day = chance.randrange(1_000, 90_000), chance.randrange(1, 8)
        reported = f"{prompt * (0.001 + 0.002 * chance.random()):.6f}"
        rows.append(on(day, reported, prompt=prompt, completion=0))
    assert set(whys(pricer, *rows)) == {"unexplained"}


def test_two_causes_on_the_same_rows_are_not_taken_for_one(pricer: Pricer) -> None:
    """The old price and a markup: the rows before the change show the markup alone."""
    rows = [on(1, "0.1353", prompt=123), on(5, "0.3531", prompt=321), on(6, "0.22", prompt=200)]
    assert set(whys(pricer, *rows)) == {"unexplained"}
