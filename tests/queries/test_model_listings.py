"""A model of a catalog, looked at from times."""

from datetime import datetime, timedelta
from decimal import Decimal

from pricetrail.queries.model_listings import (
    NEWS,
    SPARK,
    Begin,
    ModelListing,
    Moment,
    PriceListing,
    Step,
    Steps,
    seen_from,
)
from pricetrail.storage.history.trails import Window
from tests.support.histories import at

PROMPT, COMPLETION = "/pricing/text/prompt", "/pricing/text/completion"


def begin(version: int, *, silent: bool = False) -> Begin:
    """A version of each day of March."""
    return Begin(version, Window(None, at(f"2026-03-{version:02}")), silent)


def steps(**amounts: str | None) -> Steps:
    """`v3="2"` is what a price came to with version 3; None where it went."""
    found = [
        Step(begin(int(name[1:])), None if text is None else Decimal(text), None)
        for name, text in amounts.items()
    ]
    return tuple(reversed(found))


def listed(**of_prices: Steps) -> ModelListing:
    prices = tuple(
        PriceListing(path, "USD/token", some[0].amount, None, some[0].begin.window, None)
        for path, some in _paths(of_prices).items()
        if some[0].amount is not None
    )
    return ModelListing("m", "M", "openai", "token", begin(1), prices, _paths(of_prices))


def _paths(of_prices: dict[str, Steps]) -> dict[str, Steps]:
    names = {"prompt": PROMPT, "completion": COMPLETION}
    return {names[name]: some for name, some in of_prices.items()}


def when(day: str, version: int = 0, after: timedelta = timedelta(0)) -> Moment:
    moment: datetime = at(day)
    return Moment(moment + after, version)


def test_so_many_steps_are_looked_at_as_are_read() -> None:
    some = steps(v1="1", v2="2", v3="3", v4="4", v5="5", v6="6")
    assert seen_from(some, Moment(at("10:00"), 0)) == some
    # What stood then goes along, and three are looked at in any case.
    assert [step.begin.version for step in seen_from(some, Moment(at("10:00"), 2))] == [
        6,
        5,
        4,
        3,
        2,
    ]
    assert [step.begin.version for step in seen_from(some, Moment(at("10:00"), 6))] == [6, 5, 4]


def test_it_is_new_for_seven_days_unless_nobody_was_told() -> None:
    one, last = listed(prompt=steps(v1="1")), timedelta(milliseconds=1)
    assert one.is_new(when("2026-03-01", after=NEWS - last))
    assert not one.is_new(when("2026-03-01", after=NEWS))
    assert not begin(1, silent=True).is_news(at("2026-03-01"))


def test_it_changed_where_any_price_came_went_or_moved() -> None:
    now = when("2026-03-05")
    assert not listed(prompt=steps(v1="1")).is_changed(now)
    assert listed(prompt=steps(v1="1", v3="2")).is_changed(now)
    assert listed(prompt=steps(v1="1"), completion=steps(v3="2")).is_changed(now)
    assert listed(prompt=steps(v1="1", v3=None)).is_changed(now)
    assert not listed(prompt=steps(v1="1", v3="1.0")).is_changed(now)
    assert not listed(prompt=steps(v1="1", v3="2")).is_changed(when("2026-03-10"))
    there_and_back = steps(v1=None, v3=None)
    assert not listed(prompt=there_and_back).is_changed(now)


def test_its_last_change_is_that_of_any_price() -> None:
    assert listed().last_change == at("2026-03-01")
    one = listed(prompt=steps(v1="1", v3="2"), completion=steps(v1="1", v7=None))
    assert one.last_change == at("2026-03-07")


def test_its_spark_is_of_the_price_that_stands_for_it() -> None:
    one = listed(prompt=steps(v1="1", v3="2"), completion=steps(v1="5"))
    spark = one.spark(when("2026-03-02", after=SPARK))
    assert spark is not None
    assert spark.points == ((at("2026-03-02"), Decimal(1)), (at("2026-03-03"), Decimal(2)))
    assert listed(prompt=steps(v1="1", v3=None)).spark(when("2026-03-05")) is None


def test_a_price_has_a_direction_where_two_amounts_can_be_compared() -> None:
    price = PriceListing(PROMPT, "USD/token", Decimal(2), None, begin(1).window, Decimal(1))
    assert price.direction == "increase"
    assert price._replace(previous=Decimal(3)).direction == "decrease"
    assert price._replace(previous=None).direction is None
    assert price._replace(amount=None, flagged="free").direction is None
