"""What groups are called, and the order in which they and their prices stand."""

import random

import pytest

from pricetrail.catalog.conditions import Condition
from pricetrail.queries.price_groups import group_name, grouped
from pricetrail.queries.steps import PriceTrail

# In the order in which people look for them: group, unit, and the paths below `/pricing`.
ORDERED = [
    ("text", "USD/token", ["text/prompt", "text/completion", "text/internal_reasoning", "text/a"]),
    ("cache", "USD/token", ["cache/read", "cache/write", "cache/write_1h", "cache/a"]),
    (
        "multimodal",
        "USD/token",
        ["multimodal/input_image", "multimodal/output_image", "multimodal/a", "multimodal/b"],
    ),
    ("generation", "USD/image", ["generation/image/per_image"]),
    ("generation", "USD/second", ["generation/audio/per_second", "generation/video/per_second"]),
    ("native", "USD", ["native/a_search"]),
    ("another", "USD", ["another/b"]),
    ("other", "USD", ["a", "z"]),
    (
        "tiers.over_200k",
        "USD/token",
        ["tiers/over_200k/text/prompt", "tiers/over_200k/text/completion"],
    ),
    ("tiers.priority", "USD/token", ["tiers/priority/cache/read"]),
]


def test_groups_are_named_by_their_place() -> None:
    assert group_name("/pricing/cache/read") == "cache"
    assert group_name("/pricing/tiers/over_200k/text/prompt") == "tiers.over_200k"
    assert group_name("/pricing/tiers/priority/over_200k/cache/read") == "tiers.priority.over_200k"
    assert group_name("/pricing/tiers/utc_1630_0030/native/web/search") == "tiers.utc_1630_0030"
    assert group_name("/pricing/generation/image/per_image") == "generation"
    assert group_name("/pricing/native/web_search") == "native"
    assert group_name("/pricing/strange") == "other"


@pytest.mark.parametrize("seed", range(5))
def test_groups_and_prices_stand_as_people_look_for_them(seed: int) -> None:
    trails = [
        PriceTrail(f"/pricing/{path}", unit, (), None, None)
        for _, unit, paths in ORDERED
        for path in paths
    ]
    random.Random(seed).shuffle(trails)
    found = grouped(trails)
    told = [(one.name, one.unit, [price.path for price in one.prices]) for one in found]
    assert told == [(n, u, [f"/pricing/{path}" for path in paths]) for n, u, paths in ORDERED]
    assert {one.name: one.condition for one in found if one.condition} == {
        "tiers.over_200k": Condition(threshold=200_000),
        "tiers.priority": Condition(service="priority"),
    }
