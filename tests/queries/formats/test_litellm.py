"""The price file of LiteLLM; that it reads it so is `tests/oracles`' matter."""

from decimal import Decimal
from typing import Any

from pricetrail.queries.formats.litellm import write
from pricetrail.queries.formats.priced import NO_PLACE, NO_PRICES, PricedModel
from tests.queries.formats.priced_models import FILM, IMAGE, TIERED, decimals, listed, priced
from tests.support.histories import tokens

CHAT = {"litellm_provider": "openai", "mode": "chat"}


def entry(model: PricedModel) -> tuple[Any, dict[str | None, str]]:
    """The entry of one model, and why each price is left out."""
    written = write(listed(model))
    assert isinstance(written.document, dict)
    return written.document.get(model.id), {item.path: item.why for item in written.left_out}


def test_tokens_the_cache_and_long_prompts_have_their_keys() -> None:
    assert entry(priced("a", TIERED)) == (
        CHAT
        | decimals(
            input_cost_per_token="0.000003",
            input_cost_per_token_above_200k_tokens="0.000006",
            output_cost_per_token="0.000015",
            cache_read_input_token_cost="0.0000003",
            cache_read_input_token_cost_above_200k_tokens="0.0000006",
            cache_creation_input_token_cost="0.00000375",
            cache_creation_input_token_cost_above_1hr="0.000006",
            cache_creation_input_token_cost_above_1hr_above_200k_tokens="0.000012",
        ),
        {},
    )


def test_another_threshold_is_written_as_it_is_read() -> None:
    tiers = {name: {"text": {"prompt": "0.1"}} for name in ("over_131072", "over_272k", "over_1m")}
    found, _ = entry(priced("a", tokens("0.2", "0.3", tiers=tiers)))
    assert [key for key in found if "above" in key] == [
        "input_cost_per_token_above_131072_tokens",
        "input_cost_per_token_above_272k_tokens",
        "input_cost_per_token_above_1000k_tokens",
    ]


def test_reasoning_has_one_price_or_follows_completion() -> None:
    reasons = tokens("0.1", "0.2")
    reasons["text"]["internal_reasoning"] = "0.2"
    assert entry(priced("a", reasons))[0]["output_cost_per_reasoning_token"] == Decimal("0.2")
    # With a tier for completion it would hold above it as well, where completion's does.
    tiered = {**reasons, "tiers": {"over_200k": {"text": {"completion": "0.4"}}}}
    assert "output_cost_per_reasoning_token" not in entry(priced("a", tiered))[0]
    assert entry(priced("a", tiered))[1] == {}
    path = "/pricing/tiers/over_200k/text/internal_reasoning"
    for above, left_out in (("0.5", {path: NO_PLACE}), ("0.2", {})):
        apart = {**reasons, "tiers": {"over_200k": {"text": {"internal_reasoning": above}}}}
        assert entry(priced("a", apart))[1] == left_out
    reasons["text"]["internal_reasoning"] = "0.3"
    own = {**reasons, "tiers": {"over_200k": {"text": {"completion": "0.4"}}}}
    assert entry(priced("a", own))[0]["output_cost_per_reasoning_token"] == Decimal("0.3")


def test_where_text_is_free_nothing_else_is_charged_but_for_three_protocols() -> None:
    cached = tokens("0", "0", cache={"read": "0.1", "write": "0"})
    found, left_out = entry(priced("a", cached, type_target="elsewhere"))
    assert "cache_read_input_token_cost" not in found
    assert list(left_out) == ["/pricing/cache/read"]
    assert "nothing where text is free" in left_out["/pricing/cache/read"]
    assert entry(priced("a", cached, type_target="gemini"))[1] == {}


def test_image_tokens_have_one_price_and_none_beside_free_text() -> None:
    images = {"input_image": "0.3", "output_image": "0.4"}
    tiers = {"over_200k": {"multimodal": {"input_image": "0.5"}}}
    found, left_out = entry(priced("a", tokens("0.1", "0.2", multimodal=images, tiers=tiers)))
    assert found["input_cost_per_image_token"] == Decimal("0.3")
    assert found["output_cost_per_image_token"] == Decimal("0.4")
    assert left_out == {"/pricing/tiers/over_200k/multimodal/input_image": NO_PLACE}
    found, left_out = entry(priced("a", tokens("0", "0", multimodal=images)))
    assert "output_cost_per_image_token" not in found
    assert "free" in left_out["/pricing/multimodal/output_image"]


def test_what_is_made_has_its_mode() -> None:
    image, _ = entry(priced("a", IMAGE))
    assert (image["mode"], image["output_cost_per_image"]) == ("image_generation", Decimal("0.04"))
    film, left_out = entry(priced("a", FILM))
    assert film == {
        "litellm_provider": "openai",
        "mode": "video_generation",
        **decimals(output_cost_per_video_per_second="0.1", output_cost_per_second="0.01"),
    }
    assert left_out == {"/pricing/generation/video/per_second_with_audio": NO_PLACE}


def test_the_provider_is_the_protocol_if_that_is_a_plain_word() -> None:
    providers = [
        entry(priced("a", type_target=target, context_length=8192))[0]["litellm_provider"]
        for target in ("anthropic", "gemini", "else_where", "A b", None)
    ]
    assert providers == ["anthropic", "gemini", "else_where", "openai", "openai"]
    assert entry(priced("a", context_length=8192))[0]["max_input_tokens"] == 8192


def test_a_model_with_prices_for_some_conditions_alone_would_be_free_otherwise() -> None:
    batches = {"kind": "token", "tiers": {"batch": {"text": {"prompt": "1", "completion": "2"}}}}
    found, left_out = entry(priced("a", batches))
    assert (found, left_out) == (None, {None: NO_PRICES})


def test_a_model_without_a_price_would_be_free_and_is_left_out() -> None:
    written = write(listed(priced("a", {"kind": "new"}), priced("B"), priced("b")))
    assert isinstance(written.document, dict)
    assert list(written.document) == ["B"]
    assert {item.model: item.path for item in written.left_out} == {"b": None, "a": None}
    assert written.left_out[1].why == NO_PRICES
