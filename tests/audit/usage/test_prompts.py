"""How long the prompts of a row can have been."""

from decimal import Decimal

import pytest

from pricetrail.audit.usage.prompts import Prompts, prompts

ENDLESS = Decimal("Infinity")


def lengths(window: object, total: int = 900_000, *, single: bool = False) -> tuple[Decimal, ...]:
    return tuple(prompts(Decimal(total), single=single, window=window))


@pytest.mark.parametrize(
    ("single", "shortest"),
    [(True, 900_000), (False, 0)],
)
def test_a_sum_says_only_that_no_prompt_was_longer(single: bool, shortest: int) -> None:
    assert prompts(Decimal(900_000), single=single) == Prompts(Decimal(shortest), Decimal(900_000))


@pytest.mark.parametrize(
    ("window", "shortest", "longest"),
    [
        ("0-200k", 0, 200_000),
        ("32-128k", 32_001, 128_000),
        ("128k to 1M", 128_001, 900_000),
        ("200000-1M", 200_001, 900_000),
        ("200k..400k", 200_001, 400_000),
        ("≤ 200k", 0, 200_000),
        ("up_to_200k", 0, 200_000),
        ("below 131072", 0, 131_072),
        ("> 200k", 200_001, 900_000),
        ("OVER_200K", 200_001, 900_000),
        ("200k+", 200_001, 900_000),
        ("long", 0, 900_000),
        (200, 0, 900_000),
    ],
)
def test_a_window_narrows_a_sum(window: object, shortest: int, longest: int) -> None:
    assert lengths(window) == (Decimal(shortest), Decimal(longest))


def test_a_window_that_the_total_contradicts_decides() -> None:
    assert lengths("0-200k", single=True) == (Decimal(0), Decimal(200_000))
    assert lengths("> 200k", total=5) == (Decimal(200_001), ENDLESS)
