"""What an agent reads: exact, nothing hidden, no text without an end."""

from decimal import Decimal

import pytest

from pricetrail.catalog.strict_json import loads
from pricetrail.mcp.data import LONGEST, as_data


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0.1", "0.1"),
        ("3e-6", "0.000003"),
        ("0.10", "0.10"),
        ("-1.5", "-1.5"),
        ("9007199254740993", "9007199254740993"),
        ("-9007199254740993", "-9007199254740993"),
        ("7", 7),
        ("true", True),
        ("null", None),
    ],
)
def test_a_number_that_a_double_would_change_is_its_text(text: str, shown: object) -> None:
    assert as_data(loads(text)) == shown


def test_names_and_texts_anywhere_show_what_they_hide() -> None:
    found = as_data({"a\u202e": [{"b": ("c\x1b[31m", iter(["d\n"]))}], "e": Decimal("0.5")})
    assert found == {"a\\u{202e}": [{"b": ["c\\u{1b}[31m", ["d\\u{a}"]]}], "e": "0.5"}


def test_a_long_text_keeps_its_beginning_and_end_and_says_what_is_missing() -> None:
    assert as_data("x" * LONGEST) == "x" * LONGEST
    found = as_data("a" * 600 + "m" * 5000 + "z" * 600)
    assert isinstance(found, str)
    assert found.startswith("a" * 500 + "…[5200 characters left out]…")
    assert found.endswith("z" * 500)
