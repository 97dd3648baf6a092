"""What causes are called."""

from datetime import timedelta
from decimal import Decimal

import pytest

from pricetrail.audit.reconciliation import causes
from pricetrail.audit.reconciliation.causes import Cause, in_words
from pricetrail.audit.results import PriceChange
from tests.support.histories import at

HOUR = timedelta(hours=1)


def change(version: int) -> PriceChange:
    return PriceChange(version, None, at(f"{version + 10}:00"))


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (Cause(causes.BEFORE, 2), "the price before the change of 2026-03-01T12:00:00Z"),
        (Cause(causes.AFTER, 3), "the price after the change of 2026-03-01T13:00:00Z"),
        (Cause(causes.CACHED, "read"), "cached tokens at the full price"),
        (Cause(causes.TIER_OUT, 0), "tier left out"),
        (Cause(causes.TIER_IN, 200_000), "tier charged though not due: above 200k"),
        (Cause(causes.SERVICE, "batch"), "another service tier: batch"),
        (Cause(causes.SERVICE, ""), "another service tier: standard"),
        (Cause(causes.HOURS, 990), "another time of day"),
        (Cause(causes.TWICE), "charged twice"),
        (Cause(causes.TWICE, "line 7"), "charged twice: line 7"),
        (Cause(causes.FACTOR, Decimal("1.050")), "a constant factor of 1.05"),
        (Cause(causes.ZONE, (HOUR, HOUR)), "another time zone: times 1 hour later"),
        (
            Cause(causes.ZONE, (2 * HOUR, 5.5 * HOUR)),
            "another time zone: times 2 to 5.5 hours later",
        ),
        (Cause(causes.ZONE, (-3 * HOUR, -HOUR)), "another time zone: times 1 to 3 hours earlier"),
        (Cause(causes.UNCERTAIN), "within what is uncertain"),
    ],
)
def test_a_cause_is_said_with_what_it_is_of(cause: Cause, words: str) -> None:
    assert cause.words(change) == words


def test_what_nothing_decides_between_is_either_or() -> None:
    both = Cause(causes.CACHED, "read"), Cause(causes.BEFORE, 2)
    said = "the price before the change of 2026-03-01T12:00:00Z"
    assert in_words(both, change) == f"either cached tokens at the full price or {said}"
    assert in_words(both[:1], change) == "cached tokens at the full price"


def test_of_several_changes_the_nearest_comes_first() -> None:
    known = [Cause(kind, of) for kind in (causes.AFTER, causes.BEFORE) for of in (2, 5)]
    known += [Cause(causes.FACTOR, Decimal(2)), Cause(causes.CACHED, "read")]
    known.sort(key=lambda cause: cause.order)
    assert [(cause.kind, cause.of) for cause in known] == [
        (causes.CACHED, "read"),
        (causes.BEFORE, 5),
        (causes.BEFORE, 2),
        (causes.AFTER, 2),
        (causes.AFTER, 5),
        (causes.FACTOR, 2),
    ]


def test_an_odd_factor_is_one_that_nobody_would_choose() -> None:
    assert not Cause(causes.FACTOR, Decimal("1.055")).is_odd
    assert Cause(causes.FACTOR, Decimal("1.0837")).is_odd
    assert not Cause(causes.TWICE).is_odd
