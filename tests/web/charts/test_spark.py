"""A price's last months in a row of a table."""

from decimal import Decimal

import pytest

from pricetrail.queries.sparks import Point, Spark
from pricetrail.web.charts.spark import HEIGHT, WIDTH, sparkline
from tests.support.histories import at
from tests.web.charts.trails import parsed, points

BEGIN, END = at("2026-01-01"), at("2026-04-01")


def spark(*some: Point) -> Spark:
    return Spark("/pricing/text/prompt", "USD/token", BEGIN, END, some)


def test_it_steps_from_the_lowest_to_the_highest() -> None:
    moved = at("2026-02-15")
    root = parsed(sparkline(spark((BEGIN, Decimal("0.000001")), (moved, Decimal("0.000002")))))
    assert root.get("viewBox") == f"0 0 {WIDTH} {HEIGHT}"
    assert root.get("aria-label") == "prompt, 90 days: $1.00 to $2.00 /1M"
    (line,) = points(root[0].get("d", ""))
    assert line == [(3, 17), (pytest.approx(40), 17), (pytest.approx(40), 3), (77, 3)]
    assert (root[1].get("cx"), root[1].get("cy")) == ("77", "3")


def test_an_amount_that_never_moved_is_a_level_line() -> None:
    root = parsed(sparkline(spark((BEGIN, Decimal("0.000001")))))
    assert root.get("aria-label") == "prompt, 90 days: $1.00 /1M, unchanged"
    assert points(root[0].get("d", "")) == [[(3, 10), (77, 10)]]


def test_where_there_was_no_amount_there_is_no_line() -> None:
    one = Decimal("0.000001")
    root = parsed(sparkline(spark((BEGIN, one), (at("2026-02-01"), None), (at("2026-03-01"), one))))
    assert len(points(root[0].get("d", ""))) == 2
    assert sparkline(None) == sparkline(spark((BEGIN, None))) == ""
