"""Prices that somebody claims, against the documents that are to prove them."""

from decimal import Decimal
from typing import Any

import pytest

from pricetrail.catalog.bundle_reading import Side
from pricetrail.catalog.claimed_prices import agree, claimed_prices, priced_as
from pricetrail.catalog.documents import Document
from pricetrail.catalog.prices import Price

PRICING = {"kind": "token", "text": {"prompt": "3e-6", "completion": "free"}}
DOCUMENT: Document = {"id": "a", "pricing": PRICING}
ENTRIES: list[dict[str, Any]] = [
    {
        "path": "/pricing/text/completion",
        "unit": "USD/token",
        "amount": None,
        "flagged": "free",
    },
    {"path": "/pricing/text/prompt", "unit": "USD/token", "amount": "0.000003"},
]


def side(pricing: object, prices: object) -> Side:
    return Side(1, None, pricing, prices)


def test_a_claim_is_true_whatever_notation_its_amounts_are_in() -> None:
    assert priced_as(DOCUMENT, side(PRICING, ENTRIES))
    assert priced_as(DOCUMENT, side(PRICING, [ENTRIES[0], ENTRIES[1] | {"amount": "3e-6"}]))


@pytest.mark.parametrize(
    "prices",
    [
        [],
        None,
        ENTRIES[:1],
        list(reversed(ENTRIES)),
        [ENTRIES[0], ENTRIES[1] | {"amount": "0.000004"}],
        [ENTRIES[0], ENTRIES[1] | {"unit": "USD"}],
        [ENTRIES[0] | {"flagged": "dear"}, ENTRIES[1]],
        [ENTRIES[0], "0.000003"],
    ],
)
def test_a_claim_that_says_anything_else_is_false(prices: object) -> None:
    assert not priced_as(DOCUMENT, side(PRICING, prices))


def test_a_claim_of_another_pricing_is_false() -> None:
    assert not priced_as(DOCUMENT, side({"kind": "token"}, ENTRIES))


def test_a_checked_claims_prices_are_exact() -> None:
    assert claimed_prices(side(PRICING, ENTRIES)) == (
        Price("/pricing/text/completion", "USD/token", None, "free"),
        Price("/pricing/text/prompt", "USD/token", Decimal("0.000003")),
    )


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({"kind": "token", "text": {"prompt": "0.0000030", "completion": "free"}}, True),
        (
            {
                "kind": "token",
                "text": {"prompt": "0.0000030000000000000001", "completion": "free"},
            },
            True,
        ),
        ({"kind": "token", "text": {"prompt": "0.0000031", "completion": "free"}}, False),
        ({"kind": "token", "text": {"prompt": "3e-6"}}, False),
    ],
)
def test_documents_agree_where_their_pricing_does(other: dict[str, Any], same: bool) -> None:
    assert agree(DOCUMENT, {"id": "a", "name": "x", "pricing": other}) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        # Words count, and not their order; amounts in a list have a place each.
        (["fast", "slow"], ["slow", "fast"], True),
        (["fast", "slow"], ["fast", "slower"], False),
        (["0.1", "0.2"], ["0.2", "0.1"], False),
        (["fast", "0.2"], ["0.2", "fast"], False),
        (["slow", 1, {"x": ["b", "a"]}], ["slow", 1, {"x": ["a", "b"]}], True),
        # Noise is that of amounts, and what is none is what it says.
        ("free until the end of May", "free until the end of May", True),
        ("free until the end of May", "free until the end of June", False),
        ("free", "0.123456789012345", False),
        ("free", "dear", False),
        (True, 1, False),
        (None, {}, False),
    ],
)
def test_what_is_no_amount_agrees_as_polls_compare_it(one: Any, other: Any, same: bool) -> None:
    documents = [{"pricing": {"kind": "token", "modes": modes}} for modes in (one, other)]
    assert (agree(*documents), agree(*reversed(documents))) == (same, same)
