"""How a native entry becomes a unified document: amounts exact, what is none noted."""

from decimal import Decimal

import pytest

from pricetrail.catalog.conditions import Condition
from pricetrail.catalog.dialects.readings import (
    ABSENT,
    FLAGGED,
    NATIVE,
    NOT_UNDERSTOOD,
    SNAPPED,
    Entry,
    Field,
    ModelReader,
    Reading,
    Remark,
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
        ("1234567890.1234567890123456789012", -6, "1234.5678901234567890123456789012"),
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


def test_a_model_stands_beside_its_native_entry_and_after_what_was_said_before() -> None:
    earlier = Remark(ABSENT, "other", "/x", "there is nothing in it")
    reading = Reading([], [earlier])
    reader = ModelReader("m")
    reader.tree(("native", "x"), "/x", {})
    native = {"id": "m", "x": {}}

    reading.add(reader, native, {"display_name": "M", "context_length": None})

    assert reading.entries == [Entry({"id": "m", "display_name": "M"}, native)]
    assert reading.remarks == [earlier, Remark(ABSENT, "m", "/x", "there is nothing in it")]


def test_null_is_nothing() -> None:
    reader = ModelReader("m")

    reader.price("text/prompt", "/pricing/prompt", None)

    assert reader.document(display_name=None) == {"id": "m"}
    assert reader.remarks == []


def test_a_condition_has_its_place_below_tiers() -> None:
    reader = ModelReader("m")

    reader.price("text/prompt", "/o/0", "1", condition=Condition("priority", None, 200_000))

    assert reader.pricing == {"tiers": {"priority": {"over_200k": {"text": {"prompt": "1"}}}}}


@pytest.mark.parametrize(
    ("first", "later", "differ"),
    [
        ("1", "2", True),
        ("1", "1.0", False),
        ("1", "ask", True),
        ("ask", "1", True),
        ("ask", "see", True),
        ("ask", "ask", False),
    ],
)
def test_of_two_prices_for_one_place_the_first_is_taken_and_a_difference_told(
    first: str, later: str, differ: bool
) -> None:
    reader = ModelReader("m")

    reader.price("text/prompt", "/a", first)
    reader.price("text/prompt", "/b", later)

    assert reader.pricing == {"text": {"prompt": first}}
    told = [each for each in reader.remarks if each.kind != FLAGGED]
    taken = Remark(NOT_UNDERSTOOD, "m", "/b", "its place is taken by another price")
    assert told == ([taken] if differ else [])


def test_a_price_below_another_one_has_no_place() -> None:
    reader = ModelReader("m")

    reader.price("native/image", "/a", "1")
    reader.price("native/image/large", "/b", "2")

    assert reader.pricing == {"native": {"image": "1"}}
    assert reader.remarks == [
        Remark(NOT_UNDERSTOOD, "m", "/b", "its place is taken by another price")
    ]


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (True, NOT_UNDERSTOOD, "neither a number nor a text"),
        (0, ABSENT, "0 means that there is no such price"),
        ([], ABSENT, "there is nothing in it"),
        ("1,5", FLAGGED, "'1,5' is no amount: kept as text"),
        (100 * "x", FLAGGED, f"'{80 * 'x'}' is no amount: kept as text"),
        (
            Decimal("2.9999999999999996"),
            SNAPPED,
            "2.9999999999999996 is a float's noise: read as 3",
        ),
        # An amount of which nobody could compute with the scaled one.
        (Decimal("1e-38"), FLAGGED, "'1E-38' is no amount: kept as text"),
    ],
)
def test_what_is_said_of_a_value_is_said_once(value: object, kind: str, text: str) -> None:
    reader = ModelReader("m")

    reader.tree(("native", "hourly"), "/hourly", value, scale=-6, zero=False)

    assert reader.remarks == [Remark(kind, "m", "/hourly", text)]


def test_members_keep_their_names_down_to_a_depth() -> None:
    reader = ModelReader("m")
    native = {"a/b": [5, {"c": 0, "d": "7"}], "e": None}
    night = Condition(threshold=9)

    reader.tree(("native", "x"), "/x", native, scale=-6, condition=night, zero=False)
    reader.tree(("native", *(23 * "a")), "/deep", "1")
    reader.tree(("native", *(24 * "b")), "/deeper", "1")
    reader.tree(("native", "free"), "/free", {"of": 0})

    kept = reader.pricing["tiers"]["over_9"]["native"]["x"]
    assert kept == {"a/b": {"0": "0.000005", "1": {"d": "0.000007"}}}
    assert reader.pricing["native"].keys() == {"a", "free"}
    assert reader.remarks == [
        Remark(ABSENT, "m", "/x/a~1b/1/c", "0 means that there is no such price"),
        Remark(NOT_UNDERSTOOD, "m", "/deeper", "nested too deeply"),
    ]


def test_of_an_object_of_prices_the_known_ones_have_their_places_and_the_others_their_names() -> (
    None
):
    reader = ModelReader("m")
    fields = {"input": Field("text/prompt", -6, zero=False), "output": Field("text/completion")}
    native = {"input": 3, "output": {"day": 4}, "hourly": 0, "rent": 5}
    others = Field(NATIVE, -3, zero=False)

    reader.prices(fields, "/pricing", native, condition=Condition("flex"), others=others)
    reader.prices(fields, "/cost/by_hour", [0, 2], others=others)
    reader.prices(fields, "/pricing", {"input": 0, "output": 0, "new": 0})
    reader.prices(fields, "/price", 0)

    assert reader.pricing == {
        "tiers": {
            "flex": {
                "text": {"prompt": "0.000003"},
                "native": {"output": {"day": "0.004"}, "rent": "0.005"},
            }
        },
        "native": {"by_hour": {"1": "0.002"}, "new": "0", "price": "0"},
        "text": {"completion": "0"},
    }
    assert [(each.kind, each.path) for each in reader.remarks] == [
        (ABSENT, "/pricing/hourly"),
        (ABSENT, "/cost/by_hour/0"),
        (ABSENT, "/pricing/input"),
    ]


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
