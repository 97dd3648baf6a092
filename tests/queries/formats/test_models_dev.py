"""The price file of models.dev; that it is read so is `tests/oracles`' matter."""

from typing import Any

from pricetrail.queries.formats.models_dev import write
from pricetrail.queries.formats.priced import PricedCatalog, PricedModel
from tests.queries.formats.priced_models import FILM, TIERED, decimals, listed, priced
from tests.support.histories import tokens


def provider(catalog: PricedCatalog) -> Any:
    written: Any = write(catalog)
    return written.document["pipellm"]


def entry(model: PricedModel) -> Any:
    return provider(listed(model))["models"][model.id]


def left_out(model: PricedModel) -> list[str | None]:
    return [item.path for item in write(listed(model)).left_out]


def test_a_model_is_whole_and_costs_are_a_million() -> None:
    above = decimals(input="6", output="15", cache_read="0.6", cache_write="3.75")
    assert entry(priced("a", TIERED, context_length=1_000_000)) == {
        "id": "a",
        "name": "A",
        "attachment": False,
        "reasoning": False,
        "tool_call": False,
        "open_weights": False,
        "release_date": "2026-01-01",
        "last_updated": "2026-03-01",
        "modalities": {"input": ["text"], "output": ["text"]},
        "limit": {"context": 1_000_000, "output": 0},
        "cost": {
            **decimals(input="3", output="15", cache_read="0.3", cache_write="3.75"),
            "context_over_200k": above,
            "tiers": [{**above, "tier": {"type": "context", "size": 200_000}}],
        },
    }
    assert left_out(priced("a", TIERED)) == [
        "/pricing/cache/write_1h",
        "/pricing/tiers/over_200k/cache/write_1h",
    ]


def test_every_other_threshold_is_a_tier_of_what_all_costs_above_it() -> None:
    reasons = tokens("0.000001", "0.000002", tiers={"over_272k": {"text": {"completion": "1"}}})
    reasons["text"]["internal_reasoning"] = "0.000002"
    found = entry(priced("a", reasons))
    assert found["reasoning"] is True
    assert found["cost"]["tiers"] == [
        {
            **decimals(input="1", output="1000000", reasoning="1000000"),
            "tier": {"type": "context", "size": 272_000},
        }
    ]
    assert "context_over_200k" not in found["cost"]
    images = tokens("1", "2", tiers={"over_200k": {"multimodal": {"input_image": "3"}}})
    assert list(entry(priced("a", images))["cost"]) == ["input", "output"]


def test_what_is_read_and_made_is_known_by_its_price() -> None:
    images = tokens("1", "2", multimodal={"input_image": "3", "output_image": "4"})
    seen = entry(priced("a", images))
    assert seen["modalities"] == {"input": ["text", "image"], "output": ["text", "image"]}
    assert seen["attachment"] is True
    film = entry(priced("a", FILM))
    assert film["modalities"]["output"] == ["audio", "video"]
    assert "cost" not in film
    assert len(left_out(priced("a", FILM))) == 3


def test_it_is_updated_no_earlier_than_it_was_released() -> None:
    assert entry(priced("a", created_at="2027-01-01"))["last_updated"] == "2027-01-01"


def test_the_provider_is_the_source() -> None:
    found = provider(listed())
    assert found.pop("models") == {}
    assert found == {
        "id": "pipellm",
        "name": "pipellm",
        "env": ["PIPELLM_API_KEY"],
        "npm": "@ai-sdk/openai-compatible",
        "doc": "https://a.example/v1/models",
        "api": "https://a.example/v1",
    }
    imported = provider(listed(url=None))
    assert (imported["doc"], "api" in imported) == ("unknown", False)
    odd: Any = write(PricedCatalog("ä", None, ())).document
    assert odd["ä"]["env"] == ["GATEWAY_API_KEY"]
