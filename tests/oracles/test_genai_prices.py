"""genai-prices fetches the file with its own updater and works out the same cost, exactly."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from genai_prices import UpdatePrices
from genai_prices.data_snapshot import DataSnapshot
from genai_prices.types import Usage

from pricetrail.catalog import bills
from tests.oracles.catalogs import SOURCE, PricedFile, Use

Files = Callable[[str], list[PricedFile]]
Serve = Callable[[str], str]


def test_every_use_costs_the_same(price_files: Files, serve: Serve) -> None:
    for file in price_files("genai-prices"):
        snapshot = fetched(file, serve)
        costs = {
            use: snapshot.calc(
                usage(use), use.model, SOURCE, None, use.request.at, asked(use.request.service)
            )
            for use in file.uses()
        }
        assert {use.model for use in costs} == {name for name, _ in file.models()}
        for use, found in costs.items():
            # It reads JSON's numbers as binary floats before it makes decimals of them.
            exact = use.survives_floats
            expected = use.cost if exact else pytest.approx(use.cost, rel=Decimal("1e-14"))
            assert found.total_price == expected, (use.model, use.used, found)


def test_the_source_is_found_by_its_address_and_the_model_whatever_its_case(
    price_files: Files, serve: Serve
) -> None:
    file = price_files("genai-prices")[0]
    snapshot = fetched(file, serve)
    for name, _ in file.models():
        provider, model = snapshot.find_provider_model(
            name.upper(), None, None, "http://127.0.0.1/v1/chat/completions"
        )
        assert (provider.id, model.id) == (SOURCE, name)


def fetched(file: PricedFile, serve: Serve) -> DataSnapshot:
    found = UpdatePrices(url=serve(file.answer.as_text())).fetch()
    assert found is not None
    return found


def asked(service: str) -> dict[str, str] | None:
    """How a request says its service tier."""
    if not service:
        return None
    return {"processing": "batch"} if service == "batch" else {"service_tier": service}


def usage(use: Use) -> Usage:
    """The use in its words: the whole, and the parts of it that it tells apart."""
    priced: dict[str, Any] = {
        "input_tokens": use.input,
        "output_tokens": use.output,
        "cache_read_tokens": use[bills.CACHE_READ],
        "cache_write_tokens": use[bills.CACHE_WRITE] + use[bills.CACHE_WRITE_1H],
        "cache_write_1h_tokens": use[bills.CACHE_WRITE_1H],
        "input_image_tokens": use[bills.INPUT_IMAGE],
        "output_image_tokens": use[bills.OUTPUT_IMAGE],
        "output_reasoning_tokens": use[bills.REASONING],
        # No token is two of these at once.
        "cache_image_read_tokens": 0,
        "cache_image_write_tokens": 0,
        "cache_image_write_1h_tokens": 0,
        "output_image_reasoning_tokens": 0,
        "audio_seconds": use[bills.AUDIO_SECONDS],
        "web_searches": use[bills.WEB_SEARCHES],
    }
    return Usage(**priced)
