"""How a native entry becomes a unified document: amounts exact, what is none noted."""

from decimal import Decimal

import pytest

from pricetrail.catalog.conditions import Condition
from pricetrail.catalog.dialects.readings import (
    ABSENT,
    FLAGGED,
    NOT_UNDERSTOOD,
    SNAPPED,
    ModelReader,
)


@pytest.mark.parametrize(
    ("value", "scale", "text"),
    [
        ("0.0000030", 0, "0.0000030"),
        ("3e-6", 0, "3e-6"),
        ("3", -6, "0.000003"),
        (3, -6, "0.000003"),
        (Decimal("0.15"), -6, "0.00000015"),
        (Decimal("3e-07"), 0, "0.0000003"),
        (0, -6, "0"),
        (12500, -10, "0.00000125"),
        (Decimal("0.123456789012345"), -6, "0.000000123456789012345"),
    ],
)
def test_an_amount_is_scaled_exactly(value: object, scale: int, text: str) -> None:
    reader = ModelReader("m")

    reader.price("text/prompt", "/pricing/input", value, scale=scale)

    document = reader.document()
    assert document["pricing"] == {"kind": "token", "text": {"prompt": text}}
    assert reader.remarks == []


def test_a_number_with_the_noise_of_a_float_is_read_to_twelve_digits_and_said() -> None:
    reader = ModelReader("m")

    reader.price("text/prompt", "/pricing/input", Decimal("2.9999999999999996"), scale=-6)

    assert reader.pricing == {"text": {"prompt": "0.000003"}}
    assert [(remark.kind, remark.path) for remark in reader.remarks] == [
        (SNAPPED, "/pricing/input")
    ]


@pytest.mark.parametrize("value", ["-1", "see the page", "1,5", -1])
def test_what_is_no_amount_stays_as_text_and_is_flagged(value: object) -> None:
    reader = ModelReader("m")

    reader.price("text/prompt", "/pricing/prompt", value)

    assert reader.pricing == {"text": {"prompt": str(value)}}
    assert [remark.kind for remark in reader.remarks] == [FLAGGED]


@pytest.mark.parametrize("value", [0, "0", Decimal("0.0")])
def test_a_zero_that_means_not_priced_so_is_absent(value: object) -> None:
    reader = ModelReader("m")

    reader.price("native/request", "/pricing/request", value, zero=False)

    assert "pricing" not in reader.document()
    assert [remark.kind for remark in reader.remarks] == [ABSENT]


@pytest.mark.parametrize("value", [True, {"a": 1}, [1]])
def test_what_is_neither_number_nor_text_is_named_and_not_taken(value: object) -> None:
    reader = ModelReader("m")

    reader.price("text/prompt", "/pricing/prompt", value)

    assert "pricing" not in reader.document()
    assert [remark.kind for remark in reader.remarks] == [NOT_UNDERSTOOD]


def test_null_is_nothing() -> None:
    reader = ModelReader("m")

    reader.price("text/prompt", "/pricing/prompt", None)

    assert reader.document(display_name=None) == {"id": "m"}
    assert reader.remarks == []


def test_a_condition_has_its_place_below_tiers() -> None:
    reader = ModelReader("m")

    reader.price("text/prompt", "/o/0", "1", condition=Condition("priority", None, 200_000))

    assert reader.pricing == {"tiers": {"priority": {"over_200k": {"text": {"prompt": "1"}}}}}


@pytest.mark.parametrize(("later", "told"), [("2", [(NOT_UNDERSTOOD, "/b")]), ("1.0", [])])
def test_of_two_prices_for_one_place_the_first_is_taken_and_a_difference_told(
    later: str, told: list[tuple[str, str]]
) -> None:
    reader = ModelReader("m")

    reader.price("text/prompt", "/a", "1")
    reader.price("text/prompt", "/b", later)

    assert reader.pricing == {"text": {"prompt": "1"}}
    assert [(remark.kind, remark.path) for remark in reader.remarks] == told


@pytest.mark.parametrize(
    ("places", "kind"),
    [
        (["generation/image/per_image"], "generation"),
        (["generation/image/per_image", "native/image_pixel"], "generation"),
        (["generation/image/per_image", "text/prompt"], "token"),
        (["native/hourly"], "token"),
        (["text/prompt"], "token"),
    ],
)
def test_the_kind_is_generation_where_only_such_prices_are_there(
    places: list[str], kind: str
) -> None:
    reader = ModelReader("m")
    for place in places:
        reader.price(place, "/x", "1")

    assert reader.document()["pricing"]["kind"] == kind
