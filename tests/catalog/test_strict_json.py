"""JSON that two readers could read as two things is refused; what is taken keeps every digit."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import dumps, indented, loads, printable

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
        (rb'{"a":[{"b":"\ud800"}]}', "lone surrogate"),
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


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("", "not valid JSON: Expecting value: line 1 column 1 (char 0)"),
        (
            f'{{"{"k" * 81}":1,"{"k" * 81}":1}}',
            f"the key '{'k' * 80}' appears twice in one JSON object",
        ),
        ("1e400", "a JSON number out of range: 1e400"),
        ("1." + "2" * 399, f"a JSON number out of range: 1.{'2' * 38}"),
        ("9" * 401, "a JSON number out of range: 401 digits"),
        ("NaN", "NaN is not JSON"),
        ('"\\u0000"', "U+0000 inside a string"),
        ('"\\ud800"', "a lone surrogate inside a string"),
        ("[" * 100_000 + "]" * 100_000, "JSON nested too deeply"),
        (b'"\xff"', "not UTF-8 at byte 1"),
    ],
)
def test_a_refusal_says_what_it_found(body: str | bytes, said: str) -> None:
    with pytest.raises(CatalogError) as refusal:
        loads(body)
    assert str(refusal.value) == said


@pytest.mark.parametrize(
    ("longest", "too_long"),
    [
        ("9" * 400, "9" * 401),
        ("0." + "1" * 398, "0." + "1" * 399),
        ("1e308", "1e309"),
        ("1e-308", "1e-309"),
        ("0e-400", "0e-401"),
    ],
)
def test_numbers_have_their_bounds(longest: str, too_long: str) -> None:
    assert loads(longest) == Decimal(longest)
    with pytest.raises(CatalogError, match="out of range"):
        loads(too_long)


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
    assert dumps({"a": Decimal("3E-9"), "b": [Decimal("1.50")]}) == '{"a":0.000000003,"b":[1.50]}'


def test_a_float_has_no_exact_form() -> None:
    with pytest.raises(TypeError, match="float"):
        dumps({"a": 0.1})


def test_json_for_people_stands_in_lines() -> None:
    value = {"a": [1, {"é": Decimal("1.50")}], "none": [], "nor": {}, "pair": (None, True)}
    assert indented(value).splitlines() == [
        "{",
        '  "a": [',
        "    1,",
        "    {",
        '      "é": 1.50',
        "    }",
        "  ],",
        '  "none": [],',
        '  "nor": {},',
        '  "pair": [',
        "    null,",
        "    true",
        "  ]",
        "}",
    ]


def test_what_is_invisible_is_shown_by_its_escape() -> None:
    text = '{"é": "a\u202eb\x7f\U000e0041 😀"}'
    assert printable(text) == r'{"é": "a\u202eb\u007f\udb40\udc41 😀"}'
    assert json.loads(printable(text)) == json.loads(text)
    assert printable('["\x7f",\n1]') == r'["\u007f",' + "\n1]"
    assert printable('{"a": 1}') == '{"a": 1}'
