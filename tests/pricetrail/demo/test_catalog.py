"""The made-up catalog is a plausible one."""

from collections import Counter

import pytest

from pricetrail.catalog.prices import prices_of
from pricetrail.catalog.units import UNKNOWN
from pricetrail.demo import catalog


def test_the_catalog_has_some_sixty_models_of_both_kinds_and_three_families() -> None:
    models = catalog.models()
    assert 55 <= len(models) <= 65
    assert len({model["id"] for model in models}) == len(models)
    assert {model["type_target"] for model in models} == {"openai", "anthropic", "gemini"}
    kinds = Counter(model["pricing"]["kind"] for model in models)
    assert kinds["token"] > kinds["generation"] >= 6


def test_every_price_is_exact_and_its_unit_known() -> None:
    prices = [price for model in catalog.models() for price in prices_of(model)]
    assert all(price.amount is not None and price.amount > 0 for price in prices)
    assert UNKNOWN not in {price.unit for price in prices}
    groups = {price.path.split("/")[2] for price in prices}
    assert groups == {"text", "cache", "multimodal", "tiers", "generation"}


@pytest.mark.parametrize(
    ("dollars", "exact"),
    [("3.00", "0.000003"), ("0.025", "0.000000025"), ("120.00", "0.00012"), ("0", "0")],
)
def test_dollars_a_million_become_the_exact_price_of_one(dollars: str, exact: str) -> None:
    assert catalog.per_token(dollars) == exact
