"""Prices in the order of people."""

from pricetrail.catalog.changes import ABSENT, Change
from pricetrail.text.price_order import place_of, prompt_first

PATHS = [
    "/pricing/text/prompt",
    "/pricing/text/completion",
    "/context_length",
    "/pricing/cache/read",
    "/pricing/tiers/over_200k/text/prompt",
]


def test_prompt_comes_first_and_then_completion() -> None:
    assert sorted(sorted(PATHS), key=place_of) == PATHS
    changes = [Change(path, ABSENT, None) for path in sorted(PATHS)]
    assert [change.path for change in prompt_first(changes)] == PATHS
