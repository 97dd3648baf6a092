"""Values that stand in the environment or in a file."""

from decimal import Decimal
from pathlib import Path

import pytest

from pricetrail.settings.references import MissingError, as_written, is_reference, resolved


def test_every_reference_is_replaced_wherever_it_stands(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-1\r\n", encoding="utf-8")
    value = {"a": "env:A", "b": ["file:key", "plain", 5], "c": {"d": "env:A"}}
    assert resolved(value, tmp_path, {"A": "x"}) == {
        "a": "x",
        "b": ["sk-1", "plain", 5],
        "c": {"d": "x"},
    }
    assert [is_reference(it) for it in ("env:A", "file:b", "http://c", 5)] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("env:NO", "the environment variable NO is not set"),
        ("env:EMPTY", "the environment variable EMPTY is not set"),
        ("file:no", "cannot read"),
        ("file:", "cannot read"),
        ("file:a\0b", "names no file"),
        ("file:empty", "is empty or over 1 MiB"),
        ("file:large", "is empty or over 1 MiB"),
        ("file:bytes", "is not UTF-8 text"),
    ],
)
def test_what_is_not_there_is_told(tmp_path: Path, value: str, said: str) -> None:
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    (tmp_path / "bytes").write_bytes(b"\xff")
    if value == "file:large":
        (tmp_path / "large").write_text("x" * (1024 * 1024 + 1), encoding="utf-8")
    with pytest.raises(MissingError, match=said):
        resolved(value, tmp_path, {"EMPTY": ""})
    with pytest.raises(MissingError, match=said) as refusal:
        resolved({"a": {"b": [value]}}, tmp_path, {"EMPTY": ""})
    assert refusal.value.member == "a.b"


def test_a_text_that_quotes_a_value_quotes_the_reference_instead() -> None:
    given, actual = {"a": ["env:X", "y"], "b": "z"}, {"a": ["secret", "y"]}
    assert as_written("'secret', 'y' and 'z'", given, actual) == "env:X, 'y' and 'z'"
    # Equal to nothing, not even to itself.
    nan = Decimal("NaN")
    assert as_written("'z'", {"a": nan}, {"a": nan}) == "'z'"
