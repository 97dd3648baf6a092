"""Text from outside, harmless to look at (fault 35)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.text.sanitize import REPLACEMENT, length, sanitize


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("gpt-5", "gpt-5"),
        ("Größe 中文 ①", "Größe 中文 ①"),
        ("\x1b[31mred", "�[31mred"),
        ("one\r\ntwo", "one��two"),
        ("abc\u202edcba", "abc�dcba"),
        ("zero\u200bwidth", "zero�width"),
        ("non\u00a0breaking", "non breaking"),
        ("ideographic\u3000space", "ideographic space"),
        ("line\u2028separator", "line�separator"),
        ("tag\U000e0041", "tag�"),
        ("", "(empty)"),
        ("   ", "(empty)"),
        (None, "None"),
        (400000, "400000"),
    ],
)
def test_only_what_can_be_seen_stays(text: object, shown: str) -> None:
    assert sanitize(text) == shown


@given(st.text(), st.integers(8, 200))
def test_the_result_is_one_visible_line_within_its_limit(text: str, limit: int) -> None:
    shown = sanitize(text, limit)
    assert 1 <= len(shown) <= max(limit, len("(empty)"))
    for character in shown.replace(REPLACEMENT, ""):
        assert unicodedata.category(character)[0] != "C"
        assert unicodedata.category(character) not in {"Zl", "Zp"}


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert sanitize(sanitize(text)) == sanitize(text)


def test_a_long_name_keeps_its_beginning_and_its_end() -> None:
    shown = sanitize("provider/" + "x" * 500 + "-2026-11-23", 40)
    assert len(shown) == 40
    assert shown.startswith("provider/")
    assert shown.endswith("2026-11-23")


def test_length_counts_as_the_strictest_channel_does() -> None:
    assert length("abc") == 3
    assert length("😀") == 2
