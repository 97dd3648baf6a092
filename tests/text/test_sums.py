"""Sums for the eye."""

from decimal import Decimal

import pytest

from pricetrail.text.sums import counted, dollars, dollars_to, listed, places_of, signed


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("1234567.895", "$1,234,567.90"),
        ("1", "$1.00"),
        ("0.6", "$0.60"),
        ("0.000123", "$0.000123"),
        ("0.0000004", "under $0.000001"),
        ("0", "$0.00"),
        ("-3", "-$3.00"),
        ("99999999999999999999999999999.995", "$100,000,000,000,000,000,000,000,000,000.00"),
    ],
)
def test_dollars_are_rounded_to_cents_and_small_ones_to_millionths(amount: str, shown: str) -> None:
    assert dollars(Decimal(amount)) == shown


@pytest.mark.parametrize(
    ("amounts", "shown"),
    [
        (["2.2155", "1.62", "0.5955"], ["$2.2155", "$1.6200", "$0.5955"]),
        (["6", "2.5"], ["$6.00", "$2.50"]),
        (["1234.1234567", "1"], ["$1,234.123457", "$1.000000"]),
        # A difference that is less than a millionth is one all the same.
        (["1.00000015", "1", "-0.00000015"], ["$1.00000015", "$1.00000000"]),
        (["0", "0"], ["$0.00", "$0.00"]),
    ],
)
def test_sums_beside_each_other_are_equally_exact(amounts: list[str], shown: list[str]) -> None:
    sums = [Decimal(amount) for amount in amounts]
    positive = [amount for amount in sums if amount >= 0]
    assert [dollars_to(amount, places_of(sums)) for amount in positive] == shown


def test_more_has_a_sign() -> None:
    assert signed(Decimal(2)) == "+$2.00"
    assert signed(Decimal(-2)) == "-$2.00"


@pytest.mark.parametrize(
    ("zeros", "text"), [(True, "2 added, 0 removed, 1 repriced"), (False, "2 added, 1 repriced")]
)
def test_counts_are_listed_in_their_order(zeros: bool, text: str) -> None:
    assert listed({"added": 2, "removed": 0, "repriced": 1}, zeros=zeros) == text
    assert listed({}, zeros=zeros) == ""


@pytest.mark.parametrize(
    ("number", "noun", "plural", "text"),
    [
        (0, "row", None, "0 rows"),
        (1, "row", None, "1 row"),
        (1200, "row", None, "1,200 rows"),
        (1, "body", "bodies", "1 body"),
        (2, "body", "bodies", "2 bodies"),
    ],
)
def test_things_are_counted(number: int, noun: str, plural: str | None, text: str) -> None:
    assert counted(number, noun, plural) == text
