"""What a price depends on: contexts, and what holds in each."""

from typing import Any

from pricetrail.catalog.prices import prices_of
from pricetrail.queries.formats.contexts import (
    ANY_TIME,
    ConditionalPrices,
    Context,
    Span,
    conditioned,
)
from tests.support.histories import model, tokens

PROMPT = "/pricing/text/prompt"


def conditional(**tiers: Any) -> ConditionalPrices:
    priced = {name: {"text": {"prompt": amount}} for name, amount in tiers.items()}
    return ConditionalPrices(prices_of(model("a", tokens("1", "2", tiers=priced))))


def found(prices: ConditionalPrices, *context: Any) -> str | None:
    price = prices.find([PROMPT], Context(*context))
    return None if price is None else str(price.amount)


def test_without_conditions_there_is_one_context() -> None:
    prices = ConditionalPrices(prices_of(model("a")))
    assert list(prices.contexts([""])) == [Context()]
    assert (prices.services, prices.thresholds, prices.spans) == ((), (), (ANY_TIME,))
    assert ANY_TIME.is_whole_day


def test_a_day_falls_into_spans_of_which_the_first_is_the_usual_one() -> None:
    prices = conditional(utc_1630_0030="3")
    assert prices.spans == (Span(30, 990), Span(990, 30))
    assert [span.clock for span in prices.spans] == [("00:30", "16:30"), ("16:30", "00:30")]
    both = conditional(utc_0000_0600="3", utc_0400_0800="4")
    assert both.spans == (Span(480, 0), Span(0, 240), Span(240, 360), Span(360, 480))
    assert [found(both, "", span) for span in both.spans] == ["1", "3", "3", "4"]
    assert found(both, "", None) == "1"


def test_an_hour_that_lasts_all_day_divides_none() -> None:
    always = conditional(utc_0400_0400="3")
    assert always.spans == (ANY_TIME,)
    assert found(always) == "3"


def test_a_service_tier_goes_before_a_time_of_day_and_that_before_a_threshold() -> None:
    prices = conditional(flex="3", over_200k="4", over_272k="5", utc_0000_0600="6")
    night = Span(0, 360)
    assert found(prices, "", Span(360, 0), 200_000) == "4"
    assert found(prices, "", Span(360, 0), 272_000) == "5"
    assert found(prices, "", night, 272_000) == "6"
    assert found(prices, "flex", night, 272_000) == "3"
    assert found(prices, "batch", Span(360, 0), 0) == "1"
    assert len(list(prices.contexts(["", "flex"]))) == 2 * 2 * 3


def test_of_several_names_the_most_special_condition_counts_then_their_order() -> None:
    prices = conditional(over_200k="4")
    names = [PROMPT, "/pricing/text/completion"]
    above = prices.find(names[::-1], Context("", ANY_TIME, 200_000))
    assert above is not None
    assert above.path == "/pricing/tiers/over_200k/text/prompt"
    below = prices.find(names[::-1], Context())
    assert below is not None
    assert below.path == names[1]
    without = prices.find(names, Context("", ANY_TIME, 200_000), {above.path})
    assert without is not None
    assert without.path == PROMPT
    assert prices.find(["/pricing/x"], Context()) is None


def test_a_path_is_told_with_its_condition_apart() -> None:
    condition, path = conditioned("/pricing/tiers/batch/over_200k/native/a~1b")
    assert (condition.words, path) == ("batch, above 200k", "/pricing/native/a~1b")
    assert prices_named(conditional(), "prompt") == [PROMPT]


def prices_named(prices: ConditionalPrices, word: str) -> list[str]:
    return prices.named((word,))
