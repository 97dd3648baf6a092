"""Lines before any markup."""

import pytest

from pricetrail.text.lines import Line, Span, flat, joined, mark_of, name


@pytest.mark.parametrize(
    ("direction", "mark"),
    [("increase", "▲"), ("decrease", "▼"), ("mixed", "▲▼"), ("none", "•"), (None, "•")],
)
def test_up_and_down_are_seen_without_a_colour(direction: str | None, mark: str) -> None:
    assert mark_of(direction) == mark


def test_a_mark_stands_before_the_words_and_none_leaves_no_room() -> None:
    spans = (name("gpt-5"), Span(" — cut"))
    assert flat(Line("repriced", spans, "▼")) == "▼ gpt-5 — cut"
    assert flat(Line("repriced", spans)) == joined(spans) == "gpt-5 — cut"


def test_a_name_is_cleaned() -> None:
    assert name("a\nb").text == "a\ufffdb"
    assert len(name("x" * 500).text) == 120
