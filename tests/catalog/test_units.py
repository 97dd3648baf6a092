"""Units and names of prices: the schema's own are known, and nothing is guessed."""

from decimal import Decimal

import pytest

from pricetrail.catalog.conditions import ALWAYS, Condition
from pricetrail.catalog.units import (
    bare_label,
    condition_of,
    is_named,
    known_prices,
    label,
    per_million,
    unit,
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/pricing/text/prompt", ("USD/token", "prompt")),
        ("/pricing/text/completion", ("USD/token", "completion")),
        ("/pricing/text/internal_reasoning", ("USD/token", "reasoning")),
        ("/pricing/cache/read", ("USD/token", "cache read")),
        ("/pricing/cache/write", ("USD/token", "cache write")),
        ("/pricing/cache/write_1h", ("USD/token", "cache write 1h")),
        ("/pricing/multimodal/input_image", ("USD/token", "input image tokens")),
        ("/pricing/multimodal/output_image", ("USD/token", "output image tokens")),
        ("/pricing/tiers/over_200k/text/prompt", ("USD/token", "prompt above 200k")),
        ("/pricing/tiers/over_200k/cache/read", ("USD/token", "cache read above 200k")),
        ("/pricing/generation/image/per_image", ("USD/image", "image")),
        ("/pricing/generation/audio/per_second", ("USD/second", "audio")),
        ("/pricing/generation/video/per_second", ("USD/second", "video")),
        (
            "/pricing/generation/video/per_second_with_audio",
            ("USD/second", "video with audio"),
        ),
        # Not in the schema: no unit is made up, and the name is the path's own.
        ("/pricing/text/per_search", ("USD", "text.per_search")),
        ("/pricing/tiers/over_1m/text/prompt", ("USD/token", "prompt above 1000k")),
        ("/pricing/tiers/batch/text/prompt", ("USD/token", "batch prompt")),
        (
            "/pricing/tiers/utc_1630_0030/text/prompt",
            ("USD/token", "prompt from 16:30 to 00:30 UTC"),
        ),
        (
            "/pricing/tiers/priority/utc_0100_0200/over_272k/cache/read",
            ("USD/token", "priority cache read above 272k from 01:00 to 02:00 UTC"),
        ),
        (
            "/pricing/tiers/from_20260901/batch/over_272k/cache/read",
            ("USD/token", "batch cache read above 272k from 2026-09-01 on"),
        ),
        ("/pricing/native/discount", ("ratio", "discount")),
        ("/pricing/tiers/batch/native/discount", ("ratio", "batch discount")),
        ("/pricing/native/offer/discount", ("ratio", "native.offer.discount")),
        ("/pricing/native/web_search_discount", ("USD", "native.web_search_discount")),
        ("/pricing/tiers/batch/native/web_search", ("USD", "batch native.web_search")),
        (
            "/pricing/tiers/flex/generation/image/per_image",
            ("USD/image", "flex image"),
        ),
        ("/pricing/generation/3d/per_mesh", ("USD", "generation.3d.per_mesh")),
        ("/text/prompt", ("USD", "text.prompt")),
    ],
)
def test_a_price_has_its_unit_and_its_name(path: str, expected: tuple[str, str]) -> None:
    assert (unit(path), label(path)) == expected


@pytest.mark.parametrize(
    ("path", "name", "condition", "named"),
    [
        ("/pricing/text/prompt", "prompt", ALWAYS, True),
        ("/pricing/tiers/over_200k/cache/read", "cache read", Condition("", None, 200_000), True),
        ("/pricing/tiers/batch/native/web", "native.web", Condition("batch"), False),
    ],
)
def test_a_name_can_stand_without_its_condition(
    path: str, name: str, condition: Condition, named: bool
) -> None:
    assert (bare_label(path), condition_of(path), is_named(path)) == (name, condition, named)


def test_every_price_that_the_schema_names_is_known_on_a_condition_of_each_kind() -> None:
    paths = list(known_prices())
    assert paths[:9] == [
        "/pricing/text/prompt",
        "/pricing/tiers/over_200k/text/prompt",
        "/pricing/tiers/utc_1630_0030/text/prompt",
        "/pricing/tiers/batch/text/prompt",
        "/pricing/tiers/fast/text/prompt",
        "/pricing/tiers/flex/text/prompt",
        "/pricing/tiers/priority/text/prompt",
        "/pricing/tiers/priority/over_200k/text/prompt",
        "/pricing/tiers/from_20260901/text/prompt",
    ]
    assert paths[-9] == "/pricing/generation/video/per_second_with_audio"
    assert len(set(paths)) == len(paths) == 12 * 9
    assert all(is_named(path) for path in paths)


def test_a_million_tokens_cost_exactly_a_million_times_one() -> None:
    assert per_million(Decimal("0.00000012345678901234567890")) == Decimal("0.12345678901234567890")
    long = "1234567890123456789012345678901234567890"
    assert per_million(Decimal(f"0.{long}")) == Decimal(f"{long[:6]}.{long[6:]}")
