"""Refused values: each kind in our words, with what to do."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from pricetrail.text.refusals import KINDS, refusal


def _found(kind: Any, value: object) -> tuple[str, str]:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    (error,) = refused.value.errors()
    return error["type"], refusal(error)


CASES = [
    (str, 5, "string_type", 'not text: write it in quotes, as "a"'),
    (
        Annotated[str, Field(max_length=9)],
        "\ud800",
        "string_unicode",
        "not text: it holds half a character; write it in UTF-8",
    ),
    (Annotated[str, Field(min_length=1)], "", "string_too_short", "empty: write something"),
    (
        Annotated[str, Field(max_length=1200)],
        "a" * 1201,
        "string_too_long",
        "too long: write at most 1,200 characters",
    ),
    (
        Annotated[str, Field(pattern="^a$")],
        "b",
        "string_pattern_mismatch",
        "not in the required form: see /api/docs",
    ),
    (int, [], "int_type", "not a whole number: write one such as 20"),
    (int, "x", "int_parsing", "not a whole number: write one such as 20"),
    (int, "9" * 5000, "int_parsing_size", "too large a number: write a smaller one"),
    (int, 1.5, "int_from_float", "not a whole number: write one such as 20"),
    (int, float("nan"), "finite_number", "not a whole number: write one such as 20"),
    (bool, [], "bool_type", "neither true nor false: write one of them"),
    (bool, "x", "bool_parsing", "neither true nor false: write one of them"),
    (list[str], 5, "list_type", 'not a list: write one such as ["a", "b"]'),
    (tuple[str, ...], 5, "tuple_type", 'not a list: write one such as ["a", "b"]'),
    (
        dict[str, str],
        5,
        "dict_type",
        'not a table of names and values: write one such as { name = "value" }',
    ),
    (Literal["a", "b", "c"], "d", "literal_error", "must be one of a, b, c"),
    (Annotated[int, Field(gt=1)], 1, "greater_than", "too small: write a number above 1"),
    (Annotated[int, Field(ge=1)], 0, "greater_than_equal", "too small: write 1 or more"),
    (Annotated[int, Field(lt=1)], 1, "less_than", "too large: write a number below 1"),
    (Annotated[int, Field(le=1)], 2, "less_than_equal", "too large: write 1 or less"),
]


@pytest.mark.parametrize(("kind", "value", "type_", "said"), CASES)
def test_a_value_is_refused_in_our_words(kind: Any, value: object, type_: str, said: str) -> None:
    assert _found(kind, value) == (type_, said)


def test_every_kind_is_tried() -> None:
    assert {case[2] for case in CASES} | {"missing"} == KINDS
    assert refusal({"type": "missing"}) == "missing: it is required"


def test_what_we_said_ourselves_stays_and_what_nobody_expects_is_still_a_phrase() -> None:
    assert refusal({"type": "value_error", "msg": "Value error, not a size"}) == "not a size"
    assert refusal({"type": "url_scheme", "msg": "x"}) == "not a value that can be used here"
