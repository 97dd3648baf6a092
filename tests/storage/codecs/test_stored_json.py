"""JSON in a column is read in the shape that it was written in, or said to be damaged."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.strict_json import dumps
from pricetrail.storage.codecs.stored_json import (
    decode_counts,
    decode_object,
    decode_text_lists,
    decode_texts,
)
from pricetrail.storage.errors import TamperedError

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
NEITHER = ("null", "1", "", None, 7, b"{}", b"[]")
VALUES = st.none() | st.booleans() | st.integers(-(2**40), 2**40) | TEXTS


@given(
    st.dictionaries(TEXTS, VALUES),
    st.dictionaries(TEXTS, st.integers(-(2**40), 2**40)),
    st.lists(st.lists(TEXTS)),
)
def test_what_was_written_comes_back(
    some: dict[str, object], counts: dict[str, int], lists: list[list[str]]
) -> None:
    assert decode_object(dumps(some)) == some
    assert decode_counts(dumps(counts)) == counts
    assert decode_text_lists(dumps(lists)) == lists
    for texts in lists:
        assert decode_texts(dumps(texts)) == texts


@pytest.mark.parametrize(
    ("read", "stored"),
    [
        *((decode_object, stored) for stored in ("[]", '"{}"', "{", *NEITHER)),
        *((decode_counts, stored) for stored in ('{"a":"1"}', '{"a":true}', "[]", *NEITHER)),
        *((decode_texts, stored) for stored in ("{}", '"[]"', "[", "[1]", '[["a"]]', *NEITHER)),
        *((decode_text_lists, stored) for stored in ("{}", '["a"]', "[[1]]", *NEITHER)),
    ],
)
def test_another_shape_is_damage(read: Callable[[object], object], stored: object) -> None:
    with pytest.raises(TamperedError, match="a stored JSON text is none"):
        read(stored)
