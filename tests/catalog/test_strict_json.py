"""JSON that two readers could read as two things is refused; what is taken keeps every digit."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import dumps, loads

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20)
VALUES = st.recursive(
    st.none() | st.booleans() | TEXT | st.integers() | NUMBERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"a":1,"a":1}', "'a' appears twice"),
        (b'[{"b":[{"a":1,"a":2}]}]', "'a' appears twice"),
        # Found in one go: a bundle that somebody sends may have a million keys.
        (
            b'{%s"k":1,"k":2}' % b"".join(b'"%d":1,' % n for n in range(100_000)),
            "'k' appears twice",
        ),
        (b"NaN", "NaN is not JSON"),
        (b"[-Infinity]", "is not JSON"),
        (b"1e400", "out of range"),
        (b"1e999999999", "out of range"),
        (b"1e99999999999999999999", "out of range"),
        (b"0e-999999999", "out of range"),
        (b"0e-99999999999999999999", "out of range"),
        (b"9" * 5000, "out of range"),
        (b"[" * 100_000, "not valid JSON|nested too deeply"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'"\xff"', "not UTF-8 at byte 1"),
        (b'"\xed\xa0\x80"', "not UTF-8"),
        (rb'"\ud800"', "lone surrogate"),
        (rb'{"\udfff":1}', "lone surrogate"),
        (rb'["\u0000"]', "U\\+0000"),
        (b"\xef\xbb\xbf\xef\xbb\xbf1", "not valid JSON"),
        (b"{'a':1}", "not valid JSON"),
        (b"", "not valid JSON"),
        (b"01", "not valid JSON"),
    ],
)
def test_what_is_ambiguous_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(CatalogError, match=said):
        loads(body)


def test_one_byte_order_mark_passes() -> None:
    assert loads(b'\xef\xbb\xbf{"a":1}') == {"a": 1}


def test_a_pair_of_surrogates_is_a_character() -> None:
    assert loads(rb'"\ud83d\ude00"') == "😀"


@pytest.mark.parametrize("text", ["0.1", "0.0000030", "3E-6", "-1.50", "123456789012345678.10"])
def test_a_number_with_a_point_or_an_exponent_is_an_exact_decimal(text: str) -> None:
    found = loads(text)
    assert isinstance(found, Decimal)
    assert str(found) == str(Decimal(text))


@given(VALUES)
def test_what_is_written_is_read_back(value: Any) -> None:
    text = dumps(value)
    assert loads(text) == value
    json.loads(text)  # and is JSON for everybody else


def test_decimals_are_written_in_plain_notation() -> None:
    assert dumps({"a": Decimal("3E-6"), "b": [Decimal("1.50")]}) == '{"a":0.000003,"b":[1.50]}'


def test_a_float_has_no_exact_form() -> None:
    with pytest.raises(TypeError, match="float"):
        dumps({"a": 0.1})
