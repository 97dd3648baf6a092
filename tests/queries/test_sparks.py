"""Few points, and none of the extremes lost."""

from datetime import timedelta
from decimal import Decimal

from pricetrail.queries.sparks import Point, main_price, spark
from tests.support.histories import at

BEGIN, END = at("2026-01-01"), at("2026-04-01")
PATH = "/pricing/text/prompt"


def points(count: int) -> list[Point]:
    apart = (END - BEGIN) / count
    return [(BEGIN + n * apart, Decimal(n * 7919 % 1009)) for n in range(count)]


def test_the_main_price_is_the_prompts_where_there_is_one() -> None:
    assert main_price(["/pricing/cache/read", "/pricing/text/completion", PATH]) == PATH
    assert main_price(["/pricing/b", "/pricing/a"]) == "/pricing/a"
    assert main_price([]) is None


def test_few_points_stay_as_they_are() -> None:
    some = points(60)
    assert list(spark(PATH, some, BEGIN, END).points) == some


def test_thousands_are_thinned_and_keep_their_extremes_and_their_end() -> None:
    some = points(5000)
    found = spark(PATH, some, BEGIN, END).points
    assert len(found) <= 65
    assert set(found) <= set(some)
    assert list(found) == sorted(found, key=some.index)
    amounts = [amount for _, amount in some if amount is not None]
    kept = [amount for _, amount in found if amount is not None]
    assert (min(kept), max(kept)) == (min(amounts), max(amounts))
    assert found[-1] == some[-1]


def test_a_price_that_was_no_amount_leaves_a_hole() -> None:
    some = [*points(3), (END - timedelta(days=1), None)]
    assert spark(PATH, some, BEGIN, END).points[-1] == (END - timedelta(days=1), None)
