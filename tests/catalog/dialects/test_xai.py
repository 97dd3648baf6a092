"""xAI's list: whole numbers of 1e-10 USD, above a length of prompt, and by image."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.dialects.readings import ABSENT, FLAGGED, NOT_UNDERSTOOD, Remark
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import loads
from tests.catalog.dialects.reading import (
    lost,
    names,
    one,
    prices,
    read,
    remarks,
    values,
    written,
)

_PRICES = """
 "prompt_text_token_price": 12500, "cached_prompt_text_token_price": 2000,
 "prompt_image_token_price": 12500, "completion_text_token_price": 25000, "search_price": 250000000,
 "prompt_text_token_price_long_context": 25000,
 "cached_prompt_text_token_price_long_context": 4000,
 "completion_text_token_price_long_context": 50000"""
_ENTRY = f"""
{{"id": "grokky-4", "aliases": ["grokky"], "created": 1767225600, "object": "model",
 "context_length": 2000000, "fingerprint": "fp_1", {_PRICES}, "long_context_threshold": 200000}}
"""


def priced(members: str) -> dict[str, str]:
    """The prices of a model with such members, by dotted path."""
    return prices(one("xai", f'{{"id": "m", {members}}}'))


def said(members: str) -> list[tuple[str, str]]:
    return remarks("xai", f'{{"id": "m", {members}}}')


def test_what_is_no_list_is_refused() -> None:
    with pytest.raises(CatalogError, match="no list as xai writes it"):
        read("xai", "{}")


@pytest.mark.parametrize("around", ['{"data": [%s], "object": "list"}', '{"models": [%s]}', "[%s]"])
def test_prices_are_whole_numbers_of_a_ten_billionth(around: str) -> None:
    [entry] = read("xai", around.replace("%s", _ENTRY)).entries

    assert entry.document == {
        "id": "grokky-4",
        "created_at": "2026-01-01T00:00:00Z",
        "context_length": 2_000_000,
        "pricing": {
            "kind": "token",
            "text": {"prompt": "0.00000125", "completion": "0.0000025"},
            "cache": {"read": "0.0000002"},
            "multimodal": {"input_image": "0.00000125"},
            "native": {"search_price": "0.025"},
            "tiers": {
                "over_200k": {
                    "text": {"prompt": "0.0000025", "completion": "0.000005"},
                    "cache": {"read": "0.0000004"},
                }
            },
        },
    }
    assert remarks("xai", _ENTRY) == []


@pytest.mark.parametrize("threshold", ["0", "null", '"long"', "1.5", "-1", "1e12"])
def test_without_a_threshold_nothing_is_charged_by_the_long_prices(threshold: str) -> None:
    members = f'{_PRICES}, "long_context_threshold": {threshold}'

    found = priced(members)

    assert not [path for path in found if path.startswith("tiers")]
    assert found["native.prompt_text_token_price_long_context"] == "0.0000025"
    field = "/prompt_text_token_price_long_context"
    unknown = Remark(NOT_UNDERSTOOD, "m", field, "no `long_context_threshold` says from where on")
    assert unknown in read("xai", f'[{{"id": "m", {members}}}]').remarks


def test_a_long_price_of_zero_is_the_usual_one() -> None:
    members = '"prompt_text_token_price": 5, "long_context_threshold": 128000, '
    members += '"prompt_text_token_price_long_context": 0, "new_price_long_context": 7'

    assert priced(members) == {
        "text.prompt": "0.0000000005",
        "tiers.over_128k.native.new_price_long_context": "0.0000000007",
    }
    assert said(members) == [(ABSENT, "/prompt_text_token_price_long_context")]


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ('"prompt_text_token_price": 0', {"text.prompt": "0"}),
        ('"completion_text_token_price": 0', {"text.completion": "0"}),
        ('"cached_prompt_text_token_price": 0', {}),
        ('"prompt_image_token_price": 0', {}),
        ('"search_price": 0', {}),
        ('"image_price": 0', {}),
        ('"prompt_text_token_price": null', {}),
        ('"prompt_text_token_price": "12500"', {"text.prompt": "0.00000125"}),
        ('"prompt_text_token_price": -1', {"text.prompt": "-1"}),
        ('"video_price": 500000000', {"native.video_price": "0.05"}),
        ('"price_note": "ask"', {"native.price_note": "ask"}),
        ('"fingerprint": "7", "max_prompt_length": 9', {}),
        ('"pricing": {"per_second": 500000000}', {"native.per_second": "0.05"}),
        ('"pricing": [1]', {"native.pricing.0": "0.0000000001"}),
    ],
)
def test_other_values_are_read_in_the_same_unit(members: str, found: dict[str, str]) -> None:
    assert priced(members) == found


def test_an_image_has_a_price_of_its_own() -> None:
    document = one("xai", '{"id": "m", "image_price": 200000000}')

    assert document["pricing"] == {
        "kind": "generation",
        "generation": {"image": {"per_image": "0.02"}},
    }


def test_images_of_several_qualities_have_a_price_each() -> None:
    rows = """[{"quality": "low", "resolution": "1k", "price_per_image": 400000000},
               {"quality": "high", "resolution": "2k", "price_per_image": 700000000, "extra": 3}]"""

    assert priced(f'"image_price": 600000000, "pricing": {rows}') == {
        "generation.image.per_image": "0.06",
        "native.pricing.low_1k.price_per_image": "0.04",
        "native.pricing.high_2k.price_per_image": "0.07",
        "native.pricing.high_2k.extra": "0.0000000003",
    }
    assert "generation.image.per_image" not in priced(f'"pricing": {rows}')


def test_the_only_price_of_an_image_is_that_of_an_image() -> None:
    assert priced('"pricing": [{"resolution": "1k", "price_per_image": 700000000}]') == {
        "generation.image.per_image": "0.07"
    }


def test_rows_without_a_word_are_known_by_their_place_and_a_zero_is_none() -> None:
    rows = '[{"price_per_image": 1}, {"price_per_image": 2}, {"price_per_image": 0}]'

    assert priced(f'"pricing": {rows}') == {
        "native.pricing.0.price_per_image": "0.0000000001",
        "native.pricing.1.price_per_image": "0.0000000002",
    }
    assert said(f'"pricing": {rows}') == [(ABSENT, "/pricing/2/price_per_image")]


def test_a_row_beside_the_price_of_an_image_keeps_its_name() -> None:
    members = '"image_price": 1, "pricing": [{"price_per_image": 2}], "long_context_threshold": 1'
    members += ', "search_price_long_context": 3'

    assert priced(members) == {
        "generation.image.per_image": "0.0000000001",
        "tiers.over_1.native.search_price_long_context": "0.0000000003",
        "native.pricing.0.price_per_image": "0.0000000002",
    }


def test_two_rows_of_one_name_are_told_apart_or_named() -> None:
    rows = '[{"quality": "a", "price_per_image": 1}, {"quality": "a", "price_per_image": 2}]'

    assert priced(f'"pricing": {rows}') == {"native.pricing.a.price_per_image": "0.0000000001"}
    assert said(f'"pricing": {rows}') == [(NOT_UNDERSTOOD, "/pricing/1/price_per_image")]


def test_a_text_where_a_price_should_be_is_flagged() -> None:
    assert said('"image_price": "free"') == [(FLAGGED, "/image_price")]


_fields = st.sampled_from([name for name in loads(_ENTRY) if "price" in name])
_rows = st.lists(
    st.dictionaries(
        st.sampled_from(["price_per_image", "quality", "resolution"]) | names, values
    ).map(written),
    max_size=3,
).map(lambda rows: f"[{','.join(rows)}]")


@given(st.dictionaries(_fields | st.just("long_context_threshold"), values), values | _rows)
def test_whatever_the_members_are_no_number_is_lost(flat: dict[str, str], pricing: str) -> None:
    members = {"id": '"m"', **flat, "pricing": pricing}
    reading = read("xai", f"[{written(members)}]")

    for name, text in members.items():
        if name != "long_context_threshold":
            assert lost(reading, loads(text), f"/{name}", (-10,)) == []
