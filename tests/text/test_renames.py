"""Other names for models, as globs."""

import pytest

from pricetrail.text.renames import Rename, parse_rename, renamed


@pytest.mark.parametrize(
    ("renames", "name", "found"),
    [
        (["openai/*=*"], "openai/gpt-5", "gpt-5"),
        (["*/*=*:*"], "a/b/c", "a:b/c"),
        (["gpt-?=new"], "gpt-5", "new"),
        (["a=b", "*=c"], "a", "b"),
        (["a=b", "*=c"], "x", "c"),
        (["a.c=b"], "abc", "abc"),
        ([], "a", "a"),
    ],
)
def test_the_first_that_matches_says_what_it_is_called(
    renames: list[str], name: str, found: str
) -> None:
    assert renamed(name, [parse_rename(text) for text in renames]) == found


def test_a_name_that_is_nobodys_is_left_alone() -> None:
    long = "a" * 513
    assert renamed(long, [Rename("*a", "b")]) == long


@pytest.mark.parametrize("text", ["a", "=b", "a=", "a=*", "*=*/*"])
def test_what_has_no_two_sides_says_how_to_write_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"old=new|more \*"):
        parse_rename(text)


def test_many_stars_take_no_time() -> None:
    # A pattern that goes back over what it matched would not end within the age of the universe.
    many = Rename("*a" * 60 + "*b", "found")
    assert renamed("a" * 512, [many]) == "a" * 512
    assert renamed("a" * 511 + "b", [many]) == "found"
