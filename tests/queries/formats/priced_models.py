"""Priced models for the writers, without a database."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pricetrail.catalog.strict_json import dumps
from pricetrail.queries.formats.priced import PricedCatalog, PricedModel
from tests.support.histories import model, tokens

DAY = date(2026, 3, 1)
CACHE = {"read": "0.0000003", "write": "0.00000375", "write_1h": "0.000006"}
OVER = {"text": {"prompt": "0.000006"}, "cache": {"read": "0.0000006", "write_1h": "0.000012"}}
TIERED = tokens("0.000003", "0.000015", cache=CACHE, tiers={"over_200k": OVER})
IMAGE = {"kind": "generation", "generation": {"image": {"per_image": "0.04"}}}
FILM = {
    "kind": "generation",
    "generation": {
        "video": {"per_second": "0.1", "per_second_with_audio": "0.2"},
        "audio": {"per_second": "0.01"},
    },
}


def priced(
    name: str, pricing: Mapping[str, Any] | None = None, day: int = 0, **more: Any
) -> PricedModel:
    return PricedModel(name, dumps(model(name, pricing, **more)), lambda: DAY, day)


def listed(*models: PricedModel, url: str | None = "https://a.example/v1/models") -> PricedCatalog:
    return PricedCatalog("pipellm", url, models)


def decimals(**amounts: str) -> dict[str, Decimal]:
    return {name: Decimal(amount) for name, amount in amounts.items()}
