"""Together's list: numbers per million scaled exactly, 0 as none, examples in prose as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.dialects.readings import ABSENT, FLAGGED, NOT_UNDERSTOOD, SNAPPED
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

_ENTRY = """
{"id": "maker/Model-70B", "object": "model", "created": 1767225600, "type": "chat",
 "running": false, "display_name": "Maker Model 70B", "organization": "Maker",
 "context_length": 131072,
 "pricing": {"hourly": 0, "input": 0.18000000000000002, "output": 2.9999999999999996, "base": 0,
             "cached_input": 0.060000000000000005, "finetune": 0}}
"""


def priced(pricing: str) -> dict[str, str]:
    """The prices of a model with such a pricing, by dotted path."""
    return prices(one("together", f'{{"id": "m", "pricing": {pricing}}}'))


def said(pricing: str) -> list[tuple[str, str]]:
    return remarks("together", f'{{"id": "m", "pricing": {pricing}}}')


def test_what_is_no_list_is_refused() -> None:
    with pytest.raises(CatalogError, match="no list as together writes it"):
        read("together", "{}")


def test_prices_per_million_are_scaled_and_lose_the_noise_of_a_float() -> None:
    document = one("together", _ENTRY)

    assert document == {
        "id": "maker/Model-70B",
        "display_name": "Maker Model 70B",
        "created_at": "2026-01-01T00:00:00Z",
        "context_length": 131_072,
        "pricing": {
            "kind": "token",
            "text": {"prompt": "0.00000018", "completion": "0.000003"},
            "cache": {"read": "0.00000006"},
        },
    }
    assert sorted(remarks("together", _ENTRY)) == [
        (ABSENT, "/pricing/base"),
        (ABSENT, "/pricing/finetune"),
        (ABSENT, "/pricing/hourly"),
        (SNAPPED, "/pricing/cached_input"),
        (SNAPPED, "/pricing/input"),
        (SNAPPED, "/pricing/output"),
    ]


@pytest.mark.parametrize(
    ("number", "amount"),
    [
        ("0.2", "0.0000002"),
        ("65", "0.000065"),
        ("1e-1", "0.0000001"),
        ('"0.20"', "0.0000002"),
        ("0.123456789012345", "0.000000123456789012345"),
        ("0.1234567890123456", "0.000000123456789012"),
        ("0.20000000059999998", "0.0000002000000006"),
    ],
)
def test_an_amount_is_that_of_the_text(number: str, amount: str) -> None:
    assert priced(f'{{"input": {number}}}') == {"text.prompt": amount}


@pytest.mark.parametrize(
    "name",
    ["hourly", "input", "output", "cached_input", "base", "finetune", "image", "video", "new"],
)
@pytest.mark.parametrize("zero", ["0", "0.0", '"0"'])
def test_a_zero_is_no_price(name: str, zero: str) -> None:
    assert priced(f'{{"{name}": {zero}}}') == {}
    assert said(f'{{"{name}": {zero}}}') == [(ABSENT, f"/pricing/{name}")]


def test_a_model_without_any_price_has_no_pricing() -> None:
    assert one("together", '{"id": "m", "pricing": {"hourly": 0, "input": 0}}') == {"id": "m"}
    assert one("together", '{"id": "m", "pricing": null}') == {"id": "m"}
    assert one("together", '{"id": "m"}') == {"id": "m"}


def test_an_example_price_keeps_its_name_and_its_description_is_flagged() -> None:
    pricing = '{"input": 0, "video": {"example_price": 0.8, "example_description": "720p / 8s"}}'

    assert priced(pricing) == {
        "native.video.example_price": "0.8",
        "native.video.example_description": "720p / 8s",
    }
    assert (FLAGGED, "/pricing/video/example_description") in said(pricing)


def test_steps_are_no_price() -> None:
    pricing = '{"image_pixel": {"price_per_megapixel": 0.024999999999999998, "min_steps": 30}}'

    assert priced(pricing) == {"native.image_pixel.price_per_megapixel": "0.025"}
    assert sorted(said(pricing)) == [
        (ABSENT, "/pricing/image_pixel/min_steps"),
        (SNAPPED, "/pricing/image_pixel/price_per_megapixel"),
    ]
    told = read("together", f'[{{"id": "m", "pricing": {pricing}}}]').remarks
    assert told[0].text == "no price, but the steps that it is for: in the body alone"


@pytest.mark.parametrize(
    ("pricing", "found", "remarked"),
    [
        ('{"video": {}}', {}, [(ABSENT, "/pricing/video")]),
        (
            '{"transcribe": {"price_per_minute": 0.0015}, "hourly": 2.5}',
            {"native.transcribe.price_per_minute": "0.0015", "native.hourly": "2.5"},
            [],
        ),
        ('{"image_pixel": 0.5}', {"native.image_pixel": "0.5"}, []),
        ('{"image_pixel": {"min_steps": 4}}', {}, None),
        ('{"input": true}', {}, [(NOT_UNDERSTOOD, "/pricing/input")]),
        ('{"input": -1}', {"text.prompt": "-1"}, [(FLAGGED, "/pricing/input")]),
        (
            '{"input": {"day": 1, "night": 0.5}}',
            {"native.input.day": "1", "native.input.night": "0.5"},
            [],
        ),
        ("7", {"native.pricing": "7"}, []),
    ],
)
def test_other_shapes_are_kept_as_they_are(
    pricing: str, found: dict[str, str], remarked: list[tuple[str, str]] | None
) -> None:
    assert priced(pricing) == found
    if remarked is not None:
        assert said(pricing) == remarked


_pricing = values | st.dictionaries(
    st.sampled_from([*loads(_ENTRY)["pricing"], "image", "image_pixel"]) | names, values
).map(written)


@given(_pricing, values)
def test_whatever_a_pricing_holds_no_number_is_lost(pricing: str, created: str) -> None:
    entry = written({"id": '"m"', "pricing": pricing, "created": created})

    assert lost(read("together", f"[{entry}]"), loads(pricing), "/pricing", (0, -6)) == []
