"""Pointers lead there and back; people may leave out the prefix and write dots."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.pointers import dotted, from_person, join, split


@given(st.lists(st.text(alphabet="a~/01é.", max_size=4), max_size=4))
def test_what_is_joined_is_split_again(keys: list[str]) -> None:
    pointer = ""
    for key in keys:
        pointer = join(pointer, key)
    assert split(pointer) == keys


@pytest.mark.parametrize(
    ("typed", "pointer"),
    [
        ("text.prompt", "/pricing/text/prompt"),
        ("pricing.text.prompt", "/pricing/text/prompt"),
        ("/pricing/text/prompt", "/pricing/text/prompt"),
        ("tiers.over_200k.cache.read", "/pricing/tiers/over_200k/cache/read"),
        ("/display_name", "/display_name"),
    ],
)
def test_a_person_may_write_a_price_path_short(typed: str, pointer: str) -> None:
    assert from_person(typed) == pointer


def test_the_short_form_is_what_a_person_would_type() -> None:
    assert dotted("/pricing/tiers/over_200k/text/prompt") == "tiers.over_200k.text.prompt"
    assert dotted("/display_name") == "display_name"
    assert from_person(dotted("/pricing/text/prompt")) == "/pricing/text/prompt"
