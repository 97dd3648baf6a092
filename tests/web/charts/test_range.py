"""Low, usual and high as a tiny picture."""

from decimal import Decimal

import pytest

from pricetrail.queries.steps import PriceTrail, Range
from pricetrail.web.charts.range import WIDTH, range_picture
from tests.web.charts.trails import BEGIN, parsed, steps, with_class


def trail(now: str | None, *amounts: str) -> PriceTrail:
    some = steps([(None, BEGIN, "1"), (BEGIN, BEGIN, now)])
    span = Range(*map(Decimal, amounts)) if amounts else None
    return PriceTrail("/pricing/text/prompt", "USD/token", some, span, None)


def test_marks_lie_between_the_lowest_and_the_highest() -> None:
    root = parsed(range_picture(trail("0.000004", "0.000002", "0.000003", "0.000006")))
    (usual,) = with_class(root, "usual")
    (now,) = with_class(root, "now")
    assert usual.get("d", "").startswith("M27 ")
    assert float(now.get("cx", "")) == pytest.approx(48)
    assert [one.get("d", "").partition(" ")[0] for one in with_class(root, "end")] == ["M6", "M90"]
    assert root.get("aria-label") == "low $2.00, usual $3.00, high $6.00, now $4.00 /1M"


def test_a_price_that_never_moved_is_one_mark() -> None:
    root = parsed(range_picture(trail("0.000003", *["0.000003"] * 3)))
    assert [one.get("class") for one in root] == ["usual", "now"]
    (now,) = with_class(root, "now")
    assert float(now.get("cx", "")) == WIDTH / 2


def test_what_is_gone_has_no_present() -> None:
    root = parsed(range_picture(trail(None, "0.000002", "0.000003", "0.000006")))
    assert [*with_class(root, "now")] == []
    assert root.get("aria-label") == "low $2.00, usual $3.00, high $6.00"
    assert range_picture(trail(None)) == ""
