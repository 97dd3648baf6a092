"""The price file of genai-prices; that it is read so is `tests/oracles`' matter."""

import re
from decimal import Decimal
from typing import Any

from pricetrail.queries.formats.genai_prices import write
from pricetrail.queries.formats.priced import NO_PLACE, NOT_THEN, PricedCatalog, PricedModel
from tests.queries.formats.priced_models import FILM, IMAGE, TIERED, decimals, listed, priced
from tests.support.histories import tokens


def provider(catalog: PricedCatalog) -> Any:
    written: Any = write(catalog)
    return written.document[0]


def prices(model: PricedModel) -> Any:
    [found] = provider(listed(model))["models"]
    return found["prices"]


def left_out(model: PricedModel) -> dict[str | None, str]:
    return {item.path: item.why for item in write(listed(model)).left_out}


def tiered(base: str, price: str) -> dict[str, object]:
    tier = {"start": 200_000, "price": Decimal(price)}
    return {"base": Decimal(base), "tiers": [tier]}


def test_prices_are_a_million_and_tiered_where_a_long_prompt_costs_more() -> None:
    assert prices(priced("a", TIERED)) == {
        "input_mtok": tiered("3", "6"),
        "output_mtok": Decimal(15),
        "cache_read_mtok": tiered("0.3", "0.6"),
        "cache_write_mtok": Decimal("3.75"),
        "cache_write_1h_mtok": tiered("6", "12"),
    }
    assert left_out(priced("a", TIERED)) == {}


def test_reasoning_above_a_threshold_costs_what_the_audit_says() -> None:
    reasons = tokens("1", "2", tiers={"over_200k": {"text": {"completion": "3"}}})
    reasons["text"]["internal_reasoning"] = "2"
    assert prices(priced("a", reasons))["output_reasoning_mtok"] == tiered("2e6", "3e6")


def test_where_two_prices_meet_the_cache_or_reasoning_decides() -> None:
    images = {"input_image": "0.3", "output_image": "0.4"}
    cache = {"read": "0.1", "write": "0.2"}
    found = prices(priced("a", tokens("1", "2", multimodal=images, cache=cache)))
    assert {key: found[key] for key in found if key.startswith("cache_image")} == decimals(
        cache_image_read_mtok="1e5", cache_image_write_mtok="2e5"
    )
    assert "output_image_reasoning_mtok" not in found


def test_a_part_without_its_whole_is_left_out() -> None:
    parts = {"kind": "token", "cache": {"read": "1", "write_1h": "2"}, "text": {"completion": "3"}}
    found = left_out(priced("a", parts))
    assert list(found) == ["/pricing/cache/read", "/pricing/cache/write_1h"]
    assert all("part of" in why for why in found.values())


def test_seconds_of_audio_are_hours_and_the_rest_that_is_made_has_no_place() -> None:
    assert prices(priced("a", FILM)) == {"audio_hours": Decimal(36)}
    assert set(left_out(priced("a", FILM)).values()) == {NO_PLACE}
    assert provider(listed(priced("a", IMAGE)))["models"] == []
    assert None in left_out(priced("a", IMAGE))


def test_a_model_is_found_by_its_id_and_the_source_by_its_address() -> None:
    found = provider(listed(priced("A", context_length=8192), priced("a")))
    assert [model.pop("prices") for model in found["models"]] == [
        decimals(input_mtok="3", output_mtok="15")
    ]
    assert found["models"] == [
        {"id": "A", "name": "A", "match": {"equals": "A"}, "context_window": 8192}
    ]
    assert re.match(found["api_pattern"], "https://a.example/v1/chat/completions")
    assert not re.match(found["api_pattern"], "https://axexample/v1")
    assert (found["id"], found["provider_match"]) == ("pipellm", {"equals": "pipellm"})
    nowhere = provider(listed(url=None))["api_pattern"]
    assert not re.match(nowhere, "https://a.example/v1")


DATED = tokens("1", "2", tiers={"from_20260901": {"text": {"prompt": "3"}}})


def test_prices_from_a_day_on_have_a_constraint() -> None:
    assert prices(priced("a", DATED)) == [
        {"prices": decimals(input_mtok="1e6", output_mtok="2e6")},
        {
            "constraint": {"start_date": "2026-09-01"},
            "prices": decimals(input_mtok="3e6", output_mtok="2e6"),
        },
    ]
    assert left_out(priced("a", DATED)) == {}


def test_beside_a_service_tier_only_the_prices_of_one_day_are_written() -> None:
    dated = tokens("1", "2", tiers=DATED["tiers"] | {"batch": {"text": {"prompt": "0.5"}}})
    assert prices(priced("a", dated, day=20260831)) == decimals(input_mtok="1e6", output_mtok="2e6")
    assert left_out(priced("a", dated, day=20260831)) == {
        "/pricing/tiers/from_20260901/text/prompt": NOT_THEN
    }
    assert prices(priced("a", dated, day=20260901)) == decimals(input_mtok="3e6", output_mtok="2e6")
    assert left_out(priced("a", dated, day=20260901)) == {
        "/pricing/text/prompt": NOT_THEN,
        "/pricing/tiers/batch/text/prompt": NOT_THEN,
    }
