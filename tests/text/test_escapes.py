"""Text from outside for programs: nothing hidden, nothing lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.text.escapes import escape, unescape
from pricetrail.text.sanitize import hidden


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("gpt-5", "gpt-5"),
        ("Größe 中文 ①", "Größe 中文 ①"),
        ("abc\u202edcba", r"abc\u{202e}dcba"),
        ("one\ntwo\x1b[31m", r"one\u{a}two\u{1b}[31m"),
        ("tag\U000e0041", r"tag\u{e0041}"),
        (r"C:\users", r"C:\users"),
        (r"a\u{202e}b", r"a\u{5c}u{202e}b"),
    ],
)
def test_what_is_hidden_is_spelled_out(text: str, spelled: str) -> None:
    assert escape(text) == spelled
    assert unescape(spelled) == text


@given(
    st.lists(
        st.text(st.characters(codec="utf-8")) | st.sampled_from(["\\u{", "5c}", "\u202e", "\\"])
    ).map("".join)
)
def test_a_spelled_text_shows_everything_and_comes_back(text: str) -> None:
    assert not any(map(hidden, escape(text)))
    assert unescape(escape(text)) == text


@pytest.mark.parametrize("text", [r"\u{d800}", r"\u{110000}", r"\u{}", r"\u{2e", r"\u202e"])
def test_what_is_no_escape_stays(text: str) -> None:
    assert unescape(text) == text
