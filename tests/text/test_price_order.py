"""Prices in the order of people."""

from pricetrail.catalog.changes import ABSENT, Change
from pricetrail.text.price_order import place_of, prompt_first

PATHS = [
    "/pricing/text/prompt",
    "/pricing/text/completion",
    "/context_length",
    "/pricing/cache/read",
    # Each condition by itself: a number, not its digits, says which threshold is higher.
    "/pricing/tiers/over_32k/text/prompt",
    "/pricing/tiers/over_32k/text/completion",
    "/pricing/tiers/over_32k/cache/read",
    "/pricing/tiers/over_200k/text/prompt",
    "/pricing/tiers/over_1000001/text/prompt",
    "/pricing/tiers/utc_0100_0200/text/completion",
    "/pricing/tiers/utc_1630_0030/text/prompt",
    "/pricing/tiers/utc_1630_0030/over_32k/text/prompt",
    "/pricing/tiers/batch/text/prompt",
    "/pricing/tiers/batch/over_32k/text/prompt",
    "/pricing/tiers/priority/text/completion",
    "/pricing/tiers/from_20260115/text/prompt",
    "/pricing/tiers/from_20260115/batch/text/prompt",
    "/pricing/tiers/from_20260901/text/prompt",
]


def test_prompt_comes_first_and_then_completion() -> None:
    assert sorted(sorted(PATHS), key=place_of) == PATHS
    changes = [Change(path, ABSENT, None) for path in sorted(PATHS)]
    assert [change.path for change in prompt_first(changes)] == PATHS
