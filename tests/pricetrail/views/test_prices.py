"""Prices as people read them."""

from decimal import Decimal

from pricetrail.catalog.prices import Price
from pricetrail.views.prices import headline, rows_of

PROMPT = Price("/pricing/text/prompt", "USD/token", Decimal("0.0000025"))
IMAGE = Price("/pricing/generation/image/per_image", "USD/image", Decimal("0.05"))
ODD = Price("/pricing/text/completion", "USD/token", None, "free")
UNKNOWN = Price("/pricing/per_call", "USD", Decimal("1E-7"))


def test_each_price_has_its_name_a_readable_amount_and_the_exact_one() -> None:
    assert rows_of([PROMPT, IMAGE, UNKNOWN]) == [
        ("prompt", "$2.50 /1M", "0.0000025 USD/token"),
        ("image", "$0.05 per image", "0.05 USD/image"),
        ("per_call", "0.0000001 USD", "0.0000001 USD"),
    ]


def test_what_is_no_amount_is_said_to_be_none() -> None:
    assert rows_of([ODD]) == [("completion", "not an amount: free", "–")]


def test_a_headline_is_a_token_price_in_dollars_a_million() -> None:
    every = (PROMPT, IMAGE, ODD, UNKNOWN)
    assert headline(every, PROMPT.path) == "$2.50"
    assert [headline(every, path) for path in (IMAGE.path, ODD.path, "/pricing/x")] == [None] * 3
