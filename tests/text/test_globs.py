"""Patterns over model ids, event types and price paths."""

import fnmatch
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.text.globs import exactly, matches, selects


@pytest.mark.parametrize(
    ("glob", "name", "expected"),
    [
        ("gpt-*", "gpt-5", True),
        ("gpt-*", "GPT-5", False),
        ("gpt-*", "my-gpt-5", False),
        ("*", "", True),
        ("openai/*", "openai/gpt-5/preview", True),
        ("gpt-5[preview]", "gpt-5[preview]", True),
        ("gpt-5[preview]", "gpt-5p", False),
        ("gpt-?", "gpt-5", True),
        ("gpt-?", "gpt-", False),
        ("gpt-5.1", "gpt-5x1", False),
        ("text.*", "text.prompt", True),
        ("text.*", "tiers.over_200k.text.prompt", False),
        ("*.text.*", "tiers.over_200k.text.prompt", True),
        ("*", "two\nlines", True),
        ("a*a", "a", False),
        ("model.*", "model.repriced", True),
        (r"router\*auto", "router*auto", True),
        (r"router\*auto", "router-auto", False),
        (r"router\*auto", r"router\-auto", False),
        (r"what\?*", "what?!", True),
        (r"what\?*", "whatever", False),
        (r"a\\*", "a\\b", True),
        (r"a\\*", "a*", False),
        (r"a\b", r"a\b", True),
        ("a\\", "a\\", True),
        (r"\!a", "!a", True),
    ],
)
def test_a_glob_matches_whole_names(glob: str, name: str, expected: bool) -> None:
    assert matches(glob, name) is expected


@given(st.text("ab*?.", max_size=12), st.text("ab.", max_size=12))
def test_stars_and_question_marks_mean_what_they_mean_in_a_shell(glob: str, name: str) -> None:
    expected = re.fullmatch(fnmatch.translate(glob), name) is not None
    assert matches(glob, name) is expected


NAMES = st.text("ab*?!\\", max_size=6)


@given(NAMES, NAMES)
def test_a_name_is_matched_by_its_own_glob_alone(name: str, other: str) -> None:
    for asked in (name, other):
        assert matches(exactly(name), asked) is (asked == name)
        assert selects([exactly(name)], asked) is (asked == name)


@given(st.text("".join(set(string.printable) - set("*?\\")), max_size=20))
def test_all_other_characters_are_themselves(name: str) -> None:
    assert matches(name, name)
    assert not matches(name, name + "x")


def test_many_stars_do_not_take_for_ever() -> None:
    assert not matches("*a" * 40 + "b", "a" * 5000)


@pytest.mark.parametrize(
    ("globs", "name", "expected"),
    [
        ((), "gpt-5", True),
        (("gpt-*", "claude-*"), "claude-4", True),
        (("gpt-*", "claude-*"), "grok-4", False),
        (("gpt-*", "!gpt-4*"), "gpt-5", True),
        (("gpt-*", "!gpt-4*"), "gpt-4o", False),
        (("!gpt-4*", "gpt-*"), "gpt-4o", False),
        (("!gpt-4*",), "grok-4", True),
        (("!gpt-4*",), "gpt-4", False),
        (("!*",), "anything", False),
    ],
)
def test_an_exclusion_wins_wherever_it_stands(
    globs: tuple[str, ...], name: str, expected: bool
) -> None:
    assert selects(globs, name) is expected
