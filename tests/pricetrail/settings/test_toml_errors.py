"""What is no TOML is told in our words, with line and column."""

import ast
import inspect
import re
import tomllib
from pathlib import Path

import pytest

from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import parsed
from pricetrail.settings.toml_errors import in_our_words

# A text, where it goes wrong, and words of what is said: one for each of tomllib's messages.
CASES = [
    ("a = 1\n[x]\nb = 1\n[x]\n", (4, 3), "a table that is there twice"),
    ("[a.b]\n[[a.b.c]]\n[a.b.c.d]\n[a]\n[[a.b]]\n", (5, 6), "is there twice"),
    ("[a]\n[a]\n", (2, 3), "a table that is there twice"),
    ("a = 1\na = 2\n", (2, 6), "a key that is there twice: remove one of them"),
    ("a = 1\n[a]\nb = 1\n", (2, 3), "a key that is there twice"),
    ("a = { b = 1 }\na.c = 1\n", (2, 8), "added to an inline table"),
    ("a = { b = 1, b = 2 }\n", (1, 19), "there twice within { }"),
    ("[[a]\n", (1, 4), "close it with ]]"),
    ("[a\nb = 1\n", (1, 3), "close it with ]"),
    ("a\n", (1, 2), 'write key = "value"'),
    ("a = 1 b = 2\n", (1, 7), "begin a new line"),
    ("a = [1, 2\nb = 3\n", (2, 1), "and ] ends it"),
    ("a = [1,", (1, 8), "cannot be read"),
    ("a = { b = 1\n}\n", (1, 12), "it is one line"),
    ('a = "x', (1, 7), "close them"),
    ('a = "x\n', (1, 7), "close them"),
    ("a = '''x", (1, 9), "close"),
    ('a = "C:\\Users"\n', (1, 10), "hex digits"),
    ('a = "C:\\Games"\n', (1, 10), "single quotes"),
    ('a = "\\uD800"\n', (1, 12), "stands for no character"),
    ('a = "\x01"\n', (1, 6), "control character"),
    ("# \x01\n", (1, 3), "control character"),
    ("a = 2026-02-30\n", (1, 5), "date or time"),
    ("a = \n", (1, 5), "text stands in quotes"),
    ("a = yes\n", (1, 5), "text stands in quotes"),
    ("a.= 1\n", (1, 3), "others stand in quotes"),
    ("!\n", (1, 1), "neither a key nor a [table]"),
    ("\n\n\nhold = 1h\n", (4, 9), "begin a new line"),
]
LIBRARYS = ("Cannot", "Expected", "Invalid", "Unclosed", "Illegal", "Found", "namespace", "at line")


@pytest.mark.parametrize(("text", "place", "said"), CASES)
def test_every_kind_has_its_words_and_place(text: str, place: tuple[int, int], said: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        parsed(Path("p.toml"), text)
    [problem] = refusal.value.problems
    assert said in problem.text
    assert problem.place == place
    assert str(problem).startswith(f"p.toml: line {place[0]}, column {place[1]}: not TOML: ")
    assert not any(word in problem.text for word in LIBRARYS)


def test_every_message_of_the_library_has_words_of_ours() -> None:
    source = inspect.getsource(tomllib._parser)  # type: ignore[attr-defined]  # not public
    messages = re.findall(r"suffixed_err\(\s*\w+, \w+, f?(\"[^\"]+\"|'[^']+')", source)
    assert len(messages) > 20
    for message in messages:
        error = tomllib.TOMLDecodeError(ast.literal_eval(message) + " (at line 1, column 1)")
        assert "does not know" not in in_our_words(error), message


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = " + "9" * 5000])
def test_what_is_too_deep_or_too_long_is_refused_like_the_rest(text: str) -> None:
    with pytest.raises(SettingsError, match=r"p\.toml: is not TOML: it is nested too deeply"):
        parsed(Path("p.toml"), text)
