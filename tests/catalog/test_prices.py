"""A model's prices as values."""

from decimal import Decimal

import pytest

from pricetrail.catalog.prices import Price, prices_of, within

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
