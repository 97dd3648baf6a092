"""One model's prices in a map, beside the gateway's."""

from decimal import Decimal
from typing import Any

from pricetrail.catalog.strict_json import dumps
from pricetrail.queries.map_prices import Outcome, compared
from pricetrail.queries.price_maps import PriceMap
from tests.support.histories import model, tokens

CACHE = {"read": "0.1", "write_1h": "9"}


def outcome(theirs: dict[str, Any], ours: dict[str, Any], form: str = "genai-prices") -> Outcome:
    price_map = PriceMap(form, {"x": model("x", theirs)})
    return compared(price_map, "x", "a", dumps(model("a", ours)))


def unequal(found: Outcome) -> dict[str, tuple[Decimal | None, Decimal]]:
    return {one.path: (one.in_map, one.at_gateway) for one in found.unequal}


def whys(found: Outcome) -> dict[str, str]:
    return {one.path: one.why for one in found.not_compared}


def test_the_same_prices_differently_written_agree() -> None:
    repeated = tokens("1.0", "2", tiers={"over_200k": {"text": {"prompt": "3", "completion": "2"}}})
    listed = tokens("1", "2.0", tiers={"over_200k": {"text": {"prompt": "3"}}})
    assert outcome(repeated, listed) == Outcome(4, (), ())
    noise = tokens("0.00000020000000000000002", "2")
    assert outcome(noise, tokens("0.0000002", "2")) == Outcome(2, (), ())


def test_what_the_map_has_otherwise_or_not_at_all_differs() -> None:
    found = outcome(tokens("1", "3"), tokens("1", "2", cache={"read": "0.1"}))
    assert unequal(found) == {
        "/pricing/text/completion": (Decimal(3), Decimal(2)),
        "/pricing/cache/read": (None, Decimal("0.1")),
    }
    assert found.agreeing == 1


def test_a_threshold_that_one_side_does_not_know_is_compared_with_its_usual_price() -> None:
    tiered = tokens("1", "2", tiers={"over_200k": {"text": {"prompt": "3"}}})
    path = "/pricing/tiers/over_200k/text/prompt"
    assert unequal(outcome(tiered, tokens("1", "2"))) == {path: (Decimal(3), Decimal(1))}
    assert unequal(outcome(tokens("1", "2"), tiered)) == {path: (Decimal(1), Decimal(3))}
    timed = tokens("1", "2", tiers={"utc_0100_0400": {"text": {"prompt": "3"}}})
    assert list(unequal(outcome(timed, tokens("1", "2")))) == [
        "/pricing/tiers/utc_0100_0400/text/prompt"
    ]


def test_what_one_of_both_says_nothing_of_is_not_compared() -> None:
    batch = {"text": {"prompt": "0.5"}}
    found = outcome(tokens("1", "2", tiers={"batch": batch}, native={"x": "1"}), tokens("1", "2"))
    assert set(whys(found)) == {"/pricing/tiers/batch/text/prompt", "/pricing/native/x"}
    assert unequal(found) == {}
    # The format cannot have it, so that its absence says nothing.
    cached = outcome(tokens("1", "2", cache={"read": "0.1"}), tokens("1", "2", cache=CACHE))
    assert "part of" in whys(cached)["/pricing/cache/write_1h"]
    odd = outcome(tokens("1", "2"), tokens("1", "free"))
    assert whys(odd) == {"/pricing/text/completion": "what stands there is no amount"}


def test_reasoning_that_follows_completion_is_no_price_of_its_own() -> None:
    theirs, ours = tokens("1", "2"), tokens("1", "3")
    theirs["text"]["internal_reasoning"] = "2"
    assert list(unequal(outcome(theirs, ours))) == ["/pricing/text/completion"]
    theirs["text"]["internal_reasoning"] = "4"
    assert list(unequal(outcome(theirs, ours))) == [
        "/pricing/text/completion",
        "/pricing/text/internal_reasoning",
    ]


def test_where_images_meet_the_cache_it_is_the_price_of_the_cache() -> None:
    images = {"input_image": "0.3"}
    ours = tokens("1", "2", cache={"read": "0.1"}, multimodal=images)
    theirs = {**ours, "native": {"cache_image_read": "0.1"}}
    assert outcome(theirs, ours) == Outcome(5, (), ())
