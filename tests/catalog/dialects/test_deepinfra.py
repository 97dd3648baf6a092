"""DeepInfra's list: prices below `metadata`, per million tokens or per unit; noise, discounts."""

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
{"id": "maker/Model-8B", "object": "model", "created": 0, "owned_by": "deepinfra", "root": "x",
 "metadata": {"description": "A model", "context_length": 163840, "max_tokens": 163840,
   "pricing": {"input_tokens": 0.1300000002, "output_tokens": 2.9999999999999996,
               "cache_read_tokens": 0.20000000059999998},
   "tags": ["chat"], "deprecation_date": "2026-09-30"}}
"""


def inside(metadata: str) -> str:
    return f'{{"id": "m", "metadata": {metadata}}}'


def priced(pricing: str) -> dict[str, str]:
    """The prices of a model with such a pricing, by dotted path."""
    return prices(one("deepinfra", inside(f'{{"pricing": {pricing}}}')))


def test_what_is_no_list_is_refused() -> None:
    with pytest.raises(CatalogError, match="no list as deepinfra writes it"):
        read("deepinfra", "{}")


def test_prices_stand_below_metadata_and_lose_the_noise_of_a_float() -> None:
    document = one("deepinfra", _ENTRY)

    assert document == {
        "id": "maker/Model-8B",
        "context_length": 163_840,
        "sunset_at": "2026-09-30",
        "pricing": {
            "kind": "token",
            "text": {"prompt": "0.0000001300000002", "completion": "0.000003"},
            "cache": {"read": "0.0000002000000006"},
        },
    }
    assert remarks("deepinfra", _ENTRY) == [
        (SNAPPED, "/metadata/pricing/output_tokens"),
        (SNAPPED, "/metadata/pricing/cache_read_tokens"),
    ]


@pytest.mark.parametrize(
    ("pricing", "found", "kind"),
    [
        ('{"per_image_unit": 0.013999999999999999}', {"generation.image.per_image": "0.014"}, 1),
        (
            '{"input_seconds": 3.3300000000000003e-06}',
            {"generation.audio.per_second": "0.00000333"},
            1,
        ),
        ('{"output_seconds": 0.05}', {"generation.video.per_second": "0.05"}, 1),
        ('{"input_characters": 20}', {"native.input_characters": "20"}, 0),
        ('{"input_characters": 0}', {"native.input_characters": "0"}, 0),
        ('{"input_tokens": 0}', {"text.prompt": "0"}, 0),
        ('{"cache_write_tokens": "0.5"}', {"cache.write": "0.0000005"}, 0),
        (
            '{"input_tokens": 1, "output_seconds": 2}',
            {"text.prompt": "0.000001", "generation.video.per_second": "2"},
            0,
        ),
        (
            '{"per_image_unit": 1, "per_step": 0.1}',
            {"generation.image.per_image": "1", "native.per_step": "0.1"},
            1,
        ),
        ('{"input_tokens": -1}', {"text.prompt": "-1"}, 0),
        (
            '{"input_tokens": null, "tiers": [{"above": "1M", "price": 2}]}',
            {"native.tiers.0.above": "1M", "native.tiers.0.price": "2"},
            0,
        ),
        ("[3]", {"native.pricing.0": "3"}, 0),
    ],
)
def test_each_unit_has_its_place(pricing: str, found: dict[str, str], kind: int) -> None:
    document = one("deepinfra", inside(f'{{"pricing": {pricing}}}'))

    assert prices(document) == found
    assert document["pricing"]["kind"] == ("token", "generation")[kind]


def test_prices_may_stand_in_the_entry_itself() -> None:
    entry = '{"id": "m", "pricing": {"input_tokens": 2, "output_tokens": -1}}'

    assert prices(one("deepinfra", entry)) == {
        "text.prompt": "0.000002",
        "text.completion": "-1",
    }
    assert remarks("deepinfra", entry) == [(FLAGGED, "/pricing/output_tokens")]


def test_what_is_said_of_the_metadata_names_where_it_stands() -> None:
    entry = inside('{"pricing": {"input_tokens": -1}, "discount": -2, "created": "soon"}')

    assert remarks("deepinfra", entry) == [
        (FLAGGED, "/metadata/pricing/input_tokens"),
        (FLAGGED, "/metadata/discount"),
        (NOT_UNDERSTOOD, "/metadata/created"),
    ]


@pytest.mark.parametrize("metadata", ["null", "{}", '{"pricing": {}}', '{"pricing": null}', "[1]"])
def test_a_model_without_prices_is_a_model(metadata: str) -> None:
    assert one("deepinfra", inside(metadata)) == {"id": "m"}


def test_a_discount_is_shown_and_multiplied_into_nothing() -> None:
    metadata = '{"pricing": {"input_tokens": 0.4}, "discount": 0.5}'

    assert prices(one("deepinfra", inside(metadata))) == {
        "text.prompt": "0.0000004",
        "native.discount": "0.5",
    }


@pytest.mark.parametrize(
    ("discount", "found", "kinds"),
    [
        ("0", {}, [ABSENT]),
        ("null", {}, []),
        ('"half price"', {"native.discount": "half price"}, [FLAGGED]),
        (
            '{"percent": 25, "until": "2026-07-01"}',
            {"native.discount.percent": "25", "native.discount.until": "2026-07-01"},
            [FLAGGED],
        ),
    ],
)
def test_a_discount_may_be_anything(discount: str, found: dict[str, str], kinds: list[str]) -> None:
    entry = inside(f'{{"discount": {discount}}}')

    assert prices(one("deepinfra", entry)) == found
    assert [kind for kind, _ in remarks("deepinfra", entry)] == kinds


def test_what_the_entry_itself_says_goes_before_its_metadata() -> None:
    entry = (
        '{"id": "m", "context_length": 1, "metadata": {"context_length": 2, "created": 1767225600}}'
    )

    assert one("deepinfra", entry) == {
        "id": "m",
        "context_length": 1,
        "created_at": "2026-01-01T00:00:00Z",
    }


_pricing = values | st.dictionaries(
    st.sampled_from([*loads(_ENTRY)["metadata"]["pricing"], "input_seconds"]) | names, values
).map(written)


@given(_pricing, values, values)
def test_whatever_a_pricing_holds_no_number_is_lost(
    pricing: str, discount: str, context: str
) -> None:
    metadata = written({"pricing": pricing, "discount": discount, "context_length": context})
    reading = read("deepinfra", f"[{inside(metadata)}]")

    assert lost(reading, loads(pricing), "/metadata/pricing", (0, -6)) == []
    assert lost(reading, loads(discount), "/metadata/discount") == []
