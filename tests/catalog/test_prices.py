"""A model's prices as values."""

from decimal import Decimal

import pytest

from pricetrail.catalog.prices import Price, prices_of, within
from pricetrail.catalog.strict_json import loads

DOCUMENT = {
    "id": "a",
    "pricing": {
        "kind": "token",
        "text": {"prompt": "3e-6", "completion": "1,5"},
        "video": [2, {"per_second": "0.50"}],
    },
}


def test_prices_are_exact_in_order_of_their_paths_with_their_units() -> None:
    assert prices_of(DOCUMENT) == (
        Price("/pricing/text/completion", "USD/token", None, "1,5"),
        Price("/pricing/text/prompt", "USD/token", Decimal("0.000003")),
        Price("/pricing/video/0", "USD", Decimal(2)),
        Price("/pricing/video/1/per_second", "USD", Decimal("0.5")),
    )


@pytest.mark.parametrize("wrong", ["-1", "1_000", "１２", "", "1,5", "1e999999"])
def test_what_is_no_price_is_kept_as_text_and_flagged(wrong: str) -> None:
    document = {"pricing": {"text": {"prompt": wrong, "completion": "0.10"}}}
    assert [(price.amount, price.flagged) for price in prices_of(document)] == [
        (Decimal("0.1"), None),
        (None, wrong),
    ]


@pytest.mark.parametrize("notation", ["-1e-7", "-0.00000010"])
def test_a_negative_number_is_kept_as_the_same_text_whatever_its_notation(notation: str) -> None:
    [price] = prices_of(loads(f'{{"pricing":{{"x":{notation}}}}}'))
    assert (price.amount, price.flagged) == (None, "-0.0000001")


def test_null_and_empty_groups_are_no_price_and_zero_is_one() -> None:
    document = {"pricing": {"kind": "token", "text": {"a": None, "b": "0"}, "cache": {}}}
    assert prices_of(document) == (Price("/pricing/text/b", "USD", Decimal(0)),)
    assert prices_of({"id": "a"}) == ()


def test_two_prices_may_be_the_same_amount_or_the_same_words() -> None:
    one, other = Price("/pricing/a", "USD", Decimal(1)), Price("/pricing/b", "USD", Decimal(1))
    free = Price("/pricing/a", "USD", None, "free")
    assert one.same_amount(other)
    assert free.same_amount(Price("/pricing/b", "USD", None, "free"))
    assert not one.same_amount(free)


def test_a_field_is_a_leaf_or_the_leaves_below_it() -> None:
    assert [price.path for price in prices_of(DOCUMENT, "/pricing/video")] == [
        "/pricing/video/0",
        "/pricing/video/1/per_second",
    ]
    assert len(prices_of(DOCUMENT, "/pricing/text/prompt")) == 1
    assert prices_of(DOCUMENT, "/pricing/text/pro") == ()


@pytest.mark.parametrize(
    ("path", "field", "lies_within"),
    [("/a/b", None, True), ("/a/b", "/a", True), ("/ab", "/a", False), ("/a", "/a/b", False)],
)
def test_a_path_lies_within_whole_segments(path: str, field: str | None, lies_within: bool) -> None:
    assert within(path, field) is lies_within


def test_json_has_amounts_as_plain_text_and_flags_what_is_none() -> None:
    flagged, prompt, *_ = prices_of(DOCUMENT)
    assert prompt.as_json() == {
        "path": "/pricing/text/prompt",
        "unit": "USD/token",
        "amount": "0.000003",
    }
    assert flagged.as_json() == {
        "path": "/pricing/text/completion",
        "unit": "USD/token",
        "amount": None,
        "flagged": "1,5",
    }
