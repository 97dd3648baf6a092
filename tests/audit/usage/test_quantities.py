"""What comes whole has no fractions, and digits in groups are not guessed at."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.audit.usage.quantities import RowError, quantities

MARKS = [".", ",", " ", "'", "’", "_", "\u00a0", "\u202f"]


def why(name: str, value: Any) -> str:
    with pytest.raises(RowError) as caught:
        quantities({name: value}, "disjoint")
    return str(caught.value)


@given(st.integers(1000, 10**12), st.sampled_from(MARKS))
def test_digits_in_groups_are_refused_with_the_number_they_mean(number: int, mark: str) -> None:
    assert str(number) in why("prompt", f"{number:,}".replace(",", mark))


@given(st.integers(0, 999), st.integers(0, 999), st.sampled_from([".", ","]))
def test_both_readings_of_a_fraction_are_named(whole: int, rest: int, mark: str) -> None:
    said = why("prompt", f"{whole}{mark}{rest:03}")
    assert f"{whole}{rest:03}" in said
    assert f"{whole}.{rest:03}" in said


@pytest.mark.parametrize("name", ["prompt", "cache_read", "images", "requests"])
@pytest.mark.parametrize("value", ["12.5", "0.5", Decimal("12.345"), 12.5, "1.5e0"])
def test_a_fraction_of_what_comes_whole_has_no_price(name: str, value: Any) -> None:
    why(name, value)
    why("/pricing/text/prompt", value)


def test_json_that_is_a_fraction_names_both_readings_too() -> None:
    assert "12345" in why("prompt", Decimal("12.345"))


@pytest.mark.parametrize("value", ["1.2E+06", "1,2E+06", "1E+3"])
def test_what_a_spreadsheet_has_rounded_has_no_price(value: str) -> None:
    assert why("prompt", value)


@pytest.mark.parametrize("value", ["12.0", "12", 12, Decimal("12.000"), 12.0, "12.00"])
def test_a_whole_number_with_zeros_is_whole(value: Any) -> None:
    assert quantities({"prompt": value}, "disjoint") == {"prompt": 12}


@pytest.mark.parametrize("name", ["seconds", "audio_seconds", "/pricing/generation/x/per_minute"])
def test_a_fraction_of_a_second_is_a_quantity(name: str) -> None:
    assert quantities({name: "1.200"}, "disjoint") == {name: Decimal("1.2")}
