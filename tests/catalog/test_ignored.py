"""Which fields a source may call noise, and what its patterns cover."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.ignored import NOTHING, IgnoreError, parse
from pricetrail.catalog.pointers import join

TOKENS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


@pytest.mark.parametrize(
    ("pattern", "covered", "left"),
    [
        ("/created_at", ["/created_at"], ["/created", "/created_at2", "/a/created_at"]),
        ("/*_at", ["/created_at", "/updated_at", "/_at"], ["/created_ats", "/x/created_at"]),
        ("/architecture", ["/architecture", "/architecture/modality/0"], ["/architectures"]),
        ("/a/*/c", ["/a/b/c", "/a//c", "/a/b/c/d"], ["/a/c", "/a/b/x/c"]),
        ("/tags/?", ["/tags/0", "/tags/9/x"], ["/tags/10", "/tags"]),
        ("/a~1b", ["/a~1b"], ["/a/b"]),
        ("/n*/**x", ["/n/x", "/native/aax"], ["/n/x~1y", "/native"]),
        ("/[x]", ["/[x]"], ["/x"]),
        ("/a*b**c*d", ["/abcd", "/a1b2c3d"], ["/acbd", "/abd", "/acd"]),
        ("/a?", ["/ab", "/a\n"], ["/a"]),
        ("/a?c*", ["/a\nc\n"], ["/ac\n"]),
    ],
)
def test_a_star_stays_within_one_segment(pattern: str, covered: list[str], left: list[str]) -> None:
    found = parse([pattern])
    assert [found.covers(path) for path in covered] == [True] * len(covered)
    assert [found.covers(path) for path in left] == [False] * len(left)


@pytest.mark.parametrize(
    "pattern",
    ["/pricing", "/pricing/text/prompt", "/pric*", "/*", "/*/text", "/???????", "/p*g/kind"],
)
def test_prices_cannot_be_ignored(pattern: str) -> None:
    with pytest.raises(IgnoreError, match="prices"):
        parse([pattern])


@pytest.mark.parametrize("pattern", ["", "created_at", "/", "/a/", "/a~2", "/a~", "id"])
def test_what_is_no_pointer_is_refused(pattern: str) -> None:
    with pytest.raises(IgnoreError, match="JSON Pointer"):
        parse([pattern])


@pytest.mark.parametrize("pattern", ["/id", "/i*", "/??"])
def test_the_id_cannot_be_ignored(pattern: str) -> None:
    with pytest.raises(IgnoreError, match="id"):
        parse([pattern])


@given(st.lists(TOKENS, min_size=1, max_size=4), st.lists(TOKENS, max_size=3))
def test_a_pattern_without_wildcards_covers_its_leaf_and_all_below(
    tokens: list[str], below: list[str]
) -> None:
    pointer = ""
    for token in tokens:
        pointer = join(pointer, token.replace("*", "-").replace("?", "-"))
    if pointer.endswith("/") or pointer.split("/")[1] in ("pricing", "id"):
        return
    found = parse([pointer])
    longer = pointer
    for token in below:
        longer = join(longer, token)
    assert found.covers(pointer)
    assert found.covers(longer)
    assert not found.covers(join("/pricing", "text"))


def test_without_a_pattern_nothing_is_covered() -> None:
    assert not NOTHING
    assert parse(["/a"])
    assert not NOTHING.covers("/created_at")
    assert parse(["/b", "/a", "/b"]).patterns == ("/b", "/a")


def test_an_error_names_the_pattern_by_its_place_and_repeats_no_value() -> None:
    with pytest.raises(IgnoreError, match="pattern 2 is not") as raised:
        parse(["/a", "canary"])
    assert "canary" not in str(raised.value)


def test_a_pattern_is_a_text() -> None:
    with pytest.raises(IgnoreError) as refusal:
        parse(["/a", 1])
    assert str(refusal.value) == "a pattern is no text"
