"""The result of a row, as JSON."""

from decimal import Decimal

from pricetrail.audit.results import PriceChange
from tests.audit.made import interval, priced_row, unpriced_row
from tests.support.histories import at


def test_a_priced_row_says_each_part_exactly() -> None:
    assert priced_row(interval("0.0000030"), line=7, prompt=10, completion=2).as_json() == {
        "line": 7,
        "model": "a",
        "at": "2026-03-01T10:30:00Z",
        "cost": "2.00003",
        "certainty": "observed",
        "version": 1,
        "parts": [
            {
                "path": "/pricing/text/prompt",
                "quantity": "10",
                "amount": "0.000003",
                "cost": "0.00003",
            },
            {"path": "/pricing/text/completion", "quantity": "2", "amount": "1", "cost": "2"},
        ],
    }


def test_an_uncertain_row_says_what_else_it_may_have_cost() -> None:
    row = priced_row(interval("0.1", first=4), certainty="gap")
    assert (row.uncertain, row.other_cost) == (True, Decimal(2))
    assert row.doubt_as_json() == {
        "line": 2,
        "model": "a",
        "at": "2026-03-01T10:30:00Z",
        "certainty": "gap",
        "cost": "1",
        "cost_other": "2",
        "why": "503 from the gateway",
    }
    unknown = row._replace(other=None)
    assert (unknown.other_cost, unknown.doubt_as_json()["cost_other"]) == (None, None)


def test_a_row_without_a_price_says_why() -> None:
    assert unpriced_row(4, None).as_json() == {
        "line": 4,
        "model": None,
        "at": "2026-03-01T10:30:00Z",
        "why": "no model None was ever seen",
    }


def test_a_change_says_its_window() -> None:
    assert PriceChange(3, at("09:00"), at("10:00")).as_json() == {
        "version": 3,
        "not_before": "2026-03-01T09:00:00Z",
        "not_after": "2026-03-01T10:00:00Z",
    }
    assert PriceChange(1, None, at("10:00")).as_json()["not_before"] is None
