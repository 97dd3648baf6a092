"""Offers in order, and who asks least for each price."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pricetrail.catalog.prices import prices_of
from pricetrail.queries.offers import ComparedModel, Offer, cheapest_first
from pricetrail.queries.price import PriceAnswer, Side
from tests.support.histories import at, tokens

IMAGE = "/pricing/generation/image/per_image"


def offer(source: str, pricing: Mapping[str, Any]) -> Offer:
    now, prices = at("10:00"), prices_of({"pricing": dict(pricing)})
    side = Side(now, 1, pricing, prices)
    answer = PriceAnswer(source, "m", now, "observed", b"", now, now, side, None, None)
    return Offer(answer, None)


def ordered(**pricings: Mapping[str, Any]) -> list[str]:
    found = [offer(source, pricing) for source, pricing in pricings.items()]
    return [one.source for one in cheapest_first(found)]


def amounts(prompt: str, completion: str, **groups: Mapping[str, str]) -> dict[str, Any]:
    exact = {
        name: {key: Decimal(of) for key, of in group.items()} for name, group in groups.items()
    }
    text = {"prompt": Decimal(prompt), "completion": Decimal(completion)}
    return {"kind": "token", "text": text, **exact}


def test_the_prompt_decides_then_the_completion_then_other_prices_then_the_name() -> None:
    assert ordered(a=amounts("3", "1"), b=amounts("2", "9")) == ["b", "a"]
    assert ordered(a=amounts("2", "9"), b=amounts("2", "1")) == ["b", "a"]
    cached = {"read": "1"}
    assert ordered(a=amounts("2", "1"), b=amounts("2", "1", cache=cached)) == ["b", "a"]
    assert ordered(b=amounts("2", "1"), a=amounts("2.0", "1")) == ["a", "b"]
    # A larger discount is not the dearer.
    halved = amounts("2", "1", native={"discount": "0.5"})
    assert ordered(a=halved, b=amounts("2", "1", native={"discount": "0.1"})) == ["a", "b"]
    compared = ComparedModel("m", (offer("a", halved),))
    assert [ranking.path for ranking in compared.rankings()] == [
        "/pricing/text/prompt",
        "/pricing/text/completion",
    ]


def test_who_has_no_such_price_comes_last() -> None:
    only_completion = {"text": {"completion": Decimal(0)}}
    assert ordered(a=only_completion, b=amounts("9", "9")) == ["b", "a"]
    # What is no amount is never computed with.
    assert ordered(a=tokens("free", "free"), b=amounts("9", "9")) == ["b", "a"]


def test_each_price_names_who_asks_least() -> None:
    compared = ComparedModel(
        "m",
        (
            offer("a", amounts("2", "9", cache={"read": "1"})),
            offer("b", amounts("3", "9", generation={"x": "1"})),
            offer("c", amounts("4", "9.000000000000001")),
        ),
    )
    prompt, completion, *others = compared.rankings()
    assert (prompt.path, prompt.unit) == ("/pricing/text/prompt", "USD/token")
    assert [one.source for one in prompt.cheapest] == ["a"]
    assert [one[:2] for one in prompt.dearer] == [("b", Decimal(3)), ("c", Decimal(4))]
    # Apart by a binary float's noise alone.
    assert [one.source for one in completion.cheapest] == ["a", "b", "c"]
    assert completion.dearer == ()
    assert [ranking.path for ranking in others] == ["/pricing/cache/read", "/pricing/generation/x"]


def test_a_generation_price_is_judged_before_others() -> None:
    generation = {"kind": "generation", "a": {"b": Decimal(1)}}
    image = {"generation": {"image": {"per_image": Decimal("0.04")}}}
    compared = ComparedModel("m", (offer("a", {**generation, **image}),))
    assert [ranking.path for ranking in compared.rankings()] == [IMAGE, "/pricing/a/b"]
