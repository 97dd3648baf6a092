"""What is not certain about a row's cost."""

from decimal import Decimal

import pytest

from pricetrail.audit.uncertainty import (
    UNCERTAIN,
    Uncertainty,
    open_reasons,
    possible_bills,
    same_bills,
)
from pricetrail.catalog.times import utc
from pricetrail.storage.polls.certainty import BRACKETED, GAP, OBSERVED
from tests.audit.made import tariff, usage_row

TIERS = {
    "over_128k": {"text": {"prompt": "0.2"}},
    "over_200k": {"text": {"prompt": "0.4"}},
}
TIERED = tariff("0.1", tiers=TIERS)


@pytest.mark.parametrize(
    ("longest", "costs"),
    [(128_000, [1]), (128_001, [1, 2]), (900_000, [1, 2, 4])],
)
def test_a_sum_has_a_bill_for_each_tier_that_it_may_fall_under(
    longest: int, costs: list[int]
) -> None:
    bills = possible_bills(TIERED, usage_row(prompt=10, longest=longest))
    assert [bill.cost for bill in bills] == costs


def test_tiers_that_charge_the_same_are_one_bill() -> None:
    row = usage_row(completion=3, longest=900_000)
    assert [bill.cost for bill in possible_bills(TIERED, row)] == [3]


@pytest.mark.parametrize(
    ("prompt", "same"),
    [("0.1", True), ("0.1000000000000000055", True), ("0.1001", False)],
)
def test_the_noise_of_a_float_is_no_other_price(prompt: str, same: bool) -> None:
    row = usage_row()
    one, other = (possible_bills(tariff(price), row) for price in ("0.1", prompt))
    assert same_bills(one, other) == same


def test_the_worst_doubt_names_the_certainty_and_each_is_said_once() -> None:
    uncertainty = Uncertainty(possible_bills(tariff("0.1"), usage_row()))
    assert (uncertainty.certainty, uncertainty.why, uncertainty.other) == (OBSERVED, None, None)
    for certainty, why in ((UNCERTAIN, "a"), (GAP, "b"), (BRACKETED, "a"), (GAP, "c"), (GAP, "d")):
        uncertainty.add(certainty, why)
    assert (uncertainty.certainty, uncertainty.why) == (GAP, "a; b; c; and 1 more")


def test_the_other_bill_is_the_one_that_differs_most() -> None:
    row = usage_row()
    uncertainty = Uncertainty(possible_bills(tariff("0.1"), row))
    for price in ("0.2", "0.01", "0.3", "0.1"):
        uncertainty.compare(possible_bills(tariff(price), row))
    assert uncertainty.other is not None
    assert uncertainty.other.cost == Decimal(3)
    assert uncertainty.certainty == OBSERVED


def test_a_price_that_is_missing_for_a_part_of_the_time_is_a_doubt() -> None:
    row = usage_row(prompt=10, cache_read=5)
    uncertainty = Uncertainty(possible_bills(tariff("0.1", cache={"read": "0.01"}), row))
    uncertainty.compare(possible_bills(tariff("0.1"), row))
    assert (uncertainty.certainty, uncertainty.other) == (BRACKETED, None)
    assert uncertainty.why == "there is no price for cache read for a part of that time"


@pytest.mark.parametrize(
    ("requests", "text"),
    [(30, "it sums up 30 requests, "), (0, "it may sum up several requests, ")],
)
def test_an_open_tier_is_said_with_its_threshold(requests: int, text: str) -> None:
    row = usage_row(prompt=10, requests=requests, longest=150_000)
    (why,) = open_reasons(row, TIERED)
    assert why.startswith(text)
    assert "in prompts above 128,000 tokens" in why


DATED = {"from_20260901": {"text": {"prompt": "0.3"}}, "from_20260902": {"text": {"prompt": "0.5"}}}


@pytest.mark.parametrize(
    ("start", "end", "costs", "named"),
    [
        ("2026-08-31T23:00:00Z", None, [1], None),
        ("2026-09-01T00:00:00Z", None, [3], None),
        ("2026-08-31T00:00:00Z", "2026-09-01T00:00:00Z", [1], None),
        ("2026-09-01T00:00:00Z", "2026-09-02T00:00:00Z", [3], None),
        ("2026-08-31T23:00:00Z", "2026-09-01T01:00:00Z", [1, 3], "2026-09-01"),
        ("2026-08-01T00:00:00Z", "2026-10-01T00:00:00Z", [1, 3, 5], "2026-09-01, 2026-09-02"),
    ],
)
def test_a_stretch_over_a_day_from_which_on_other_prices_hold_is_open(
    start: str, end: str | None, costs: list[int], named: str | None
) -> None:
    row = usage_row(prompt=10)._replace(at=utc(start), until=utc(end) if end else None)
    dated = tariff("0.1", tiers=DATED)
    assert [bill.cost for bill in possible_bills(dated, row)] == costs
    whys = list(open_reasons(row, dated))
    said = f"it does not tell how much of it was from {named} on, when other prices hold"
    assert whys == ([said] if named else [])


def test_of_a_day_and_a_time_of_day_that_which_matters_is_said() -> None:
    night = {"utc_0000_0600": {"text": {"prompt": "0.2"}}}
    dated = {"from_20260901": {"text": {"prompt": "0.1"}, **night}}
    row = usage_row(prompt=10)._replace(at=utc("2026-08-31T23:00Z"), until=utc("2026-09-01T05:00Z"))
    (why,) = open_reasons(row, tariff("0.1", tiers=dated))
    assert "from 00:00 to 06:00 UTC" in why


def test_a_service_tier_is_known_from_the_day_on_that_names_it() -> None:
    dated = tariff("0.1", tiers={"from_20260901": {"flex": {"text": {"prompt": "0.05"}}}})
    row = usage_row(prompt=10)._replace(service="flex", at=utc("2026-08-31"))
    (why,) = open_reasons(row, dated)
    assert why.startswith("the service tier flex has no prices here")
    later = row._replace(at=utc("2026-09-01"))
    assert not list(open_reasons(later, dated))
    assert [bill.cost for bill in possible_bills(dated, later)] == [Decimal("0.5")]
