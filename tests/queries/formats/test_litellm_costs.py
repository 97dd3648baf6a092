"""Conditions in the price file of LiteLLM: what it charges where it holds, and nothing else."""

from decimal import Decimal
from typing import Any

from pricetrail.queries.formats.litellm_costs import CostsOf
from pricetrail.queries.formats.priced import NO_PLACE
from tests.queries.formats.priced_models import priced
from tests.support.histories import tokens


def told(**tiers: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """The keys that name a condition, and why what is left out is."""
    pricing = tokens("1", "2", cache={"read": "0.1", "write": "3", "write_1h": "4"}, tiers=tiers)
    found = CostsOf(priced("a", pricing), free_with_text=False)
    usual = CostsOf(priced("a", {**pricing, "tiers": {}}), free_with_text=False).document
    named = {key: value for key, value in found.document.items() if key not in usual}
    return named, {path.removeprefix("/pricing/tiers/"): why for path, why in found.whys.items()}


def text(prompt: str, **more: str) -> dict[str, Any]:
    return {"text": {"prompt": prompt, **more}}


def test_a_service_tier_has_its_keys_and_keeps_its_price_above_a_threshold() -> None:
    named, whys = told(priority=text("5"), over_200k=text("7"))
    assert named == {
        "input_cost_per_token_priority": Decimal(5),
        "input_cost_per_token_above_200k_tokens": Decimal(7),
        # Without it LiteLLM would take the usual price for long prompts.
        "input_cost_per_token_above_200k_tokens_priority": Decimal(5),
    }
    assert whys == {}
    both, whys = told(flex={**text("5"), "over_272k": text("6")})
    assert both["input_cost_per_token_above_272k_tokens_flex"] == Decimal(6)
    assert whys == {}


def test_what_it_would_charge_for_something_else_too_is_left_out() -> None:
    named, whys = told(priority=text("5"), over_128k=text("7"))
    assert named == {"input_cost_per_token_above_128k_tokens": Decimal(7)}
    assert "wherever it holds" in whys["priority/text/prompt"]
    _, whys = told(fast=text("5"), flex={"cache": {"write_1h": "9"}})
    assert "no prices for that service tier" in whys["fast/text/prompt"]
    assert whys["flex/cache/write_1h"] == NO_PLACE


def test_a_batch_says_all_that_would_be_half_of_the_usual_price_otherwise() -> None:
    named, whys = told(batch={**text("0.5"), "cache": {"read": "0.05"}})
    assert named == {
        "input_cost_per_token_batches": Decimal("0.5"),
        "output_cost_per_token_batches": Decimal(2),
        "cache_read_input_token_cost_batches": Decimal("0.05"),
        "cache_creation_input_token_cost_batches": Decimal(3),
    }
    assert whys == {}
    _, whys = told(batch={"cache": {"write": "1", "write_1h": "2"}, **text("0.5")})
    assert whys == {"batch/cache/write_1h": NO_PLACE}
    # What lasts an hour costs the same as what does not there, whatever else is said.
    assert told(batch={"cache": {"write": "1"}, **text("0.5")})[1] == {}


def test_a_time_of_day_is_off_peak_pricing() -> None:
    named, whys = told(utc_1630_0030={**text("0.5", completion="1"), "cache": {"write_1h": "1"}})
    assert named == {
        "off_peak_pricing": {
            "hours_utc": ["16:30-00:30"],
            "input_cost_per_token": Decimal("0.5"),
            "output_cost_per_token": Decimal(1),
        }
    }
    assert whys == {"utc_1630_0030/cache/write_1h": NO_PLACE}


def test_there_is_one_other_price_a_day() -> None:
    named, whys = told(utc_0100_0400=text("3"), utc_0600_1000=text("3"), utc_2000_2100=text("0.5"))
    assert named["off_peak_pricing"]["hours_utc"] == ["01:00-04:00", "06:00-10:00"]
    assert list(whys) == ["utc_2000_2100/text/prompt"]
    assert "one other price a day" in whys["utc_2000_2100/text/prompt"]
    # Off-peak goes before a service tier there, but not in a bill.
    _, whys = told(utc_0100_0400=text("3"), flex=text("0.5"))
    assert list(whys) == ["flex/text/prompt"]


def test_reasoning_keeps_its_own_price_off_peak() -> None:
    pricing = tokens("1", "2", tiers={"utc_0100_0400": {"text": {"completion": "5"}}})
    pricing["text"]["internal_reasoning"] = "3"
    block: Any = CostsOf(priced("a", pricing), free_with_text=False).document["off_peak_pricing"]
    assert block == {"hours_utc": ["01:00-04:00"], "output_cost_per_token": Decimal(5)}
    pricing["text"]["internal_reasoning"] = "2"
    # It follows completion, and must do so then, too.
    block = CostsOf(priced("a", pricing), free_with_text=False).document["off_peak_pricing"]
    assert block["output_cost_per_reasoning_token"] == Decimal(5)
