"""What native fields have in common: days, counts, service tiers, and prices without a place."""

from decimal import Decimal
from typing import Any

import pytest

from pricetrail.catalog.conditions import Condition
from pricetrail.catalog.dialects import fields
from pricetrail.catalog.dialects.dated_prices import flat
from pricetrail.catalog.dialects.readings import (
    FLAGGED,
    NOT_UNDERSTOOD,
    Entry,
    ModelReader,
    Remark,
)
from tests.support.price_leaves import kinds


@pytest.mark.parametrize(("value", "expected"), [(0, None), (-5, None), (1, 1), (8000, 8000)])
def test_no_context_is_none_that_is_known(value: int, expected: int | None) -> None:
    assert fields.tokens(value) == expected


@pytest.mark.parametrize("value", ["2027-06-25", "2027-06-25T10:00:00Z", None, ""])
def test_a_day_is_kept_as_it_is_written(value: str | None) -> None:
    reader = ModelReader("m")

    assert fields.day(reader, "/created", value) == (value or None)
    assert reader.remarks == []


@pytest.mark.parametrize(
    "value", ["soon", "2026-13-01", "2026-05", 20260501, True, [], {}, 80 * "x"]
)
def test_what_is_no_day_is_told_and_left_out(value: object) -> None:
    reader = ModelReader("m")

    assert fields.day(reader, "/created", value) is None
    assert reader.remarks == [Remark(NOT_UNDERSTOOD, "m", "/created", f"{str(value)!r} is no time")]


def test_a_long_text_that_is_no_day_is_told_in_part() -> None:
    reader = ModelReader("m")

    assert fields.day(reader, "/created", 81 * "x") is None
    assert reader.remarks[0].text == f"{80 * 'x'!r} is no time"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("priority", "priority"),
        ("batches", "batch"),
        ("batch", "batch"),
        ("Very Fast", None),
        ("over_200k", None),
        ("text", None),
        ("", None),
        ("x" * 50, None),
    ],
)
def test_a_service_tier_has_a_name_that_a_path_can_say(name: str, expected: str | None) -> None:
    found = fields.service(name)

    assert found == (None if expected is None else Condition(expected))


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("0.04", {"x": "0.04"}),
        ("-1", {"x": "-1"}),
        ({"a/b": "1", "c": {"d": "2"}, "note": "3 of 4"}, {"x": {"a/b": "1", "c": {"d": "2"}}}),
        ([1, "2"], {"x": {"0": "1", "1": "2"}}),
        (
            [{"cost": 1, "size": "s", "hd": True}, {"cost": 2, "size": "s", "hd": False}],
            {"x": {"hd_s": {"cost": "1"}, "no_hd_s": {"cost": "2"}}},
        ),
        (
            [{"cost": 1, "n": 4}, {"cost": 2, "n": 4}, {"cost": {"low_cost": 3}}],
            {"x": {"n_4": {"cost": "1"}, "n_4_2": {"cost": "2"}, "2": {"cost": {"low_cost": "3"}}}},
        ),
        ([{"low": 1}], {"x": {"0": {"low": "1"}}}),
        (
            [{"cost": 1, "n": Decimal("1.5")}, {"cost": 2, "z": None, "of": ["b", {"c": 1}, "a"]}],
            {"x": {"n_1.5": {"cost": "1"}, "of_b_a": {"cost": "2"}}},
        ),
        (
            [{"cost": 1, "n": "a"}, {"cost": 2, "n": "a_2"}, {"cost": 3, "n": "a"}],
            {"x": {"a": {"cost": "1"}, "a_2": {"cost": "2"}, "a_3": {"cost": "3"}}},
        ),
        (
            [{"cost": n, "n": name} for n, name in enumerate("aabab")],
            {
                "x": {
                    "a": {"cost": "0"},
                    "a_2": {"cost": "1"},
                    "b": {"cost": "2"},
                    "a_3": {"cost": "3"},
                    "b_2": {"cost": "4"},
                }
            },
        ),
        ([{"cost": 1, "n": 90 * "n"}], {"x": {80 * "n": {"cost": "1"}}}),
        ([{"cost": 1, "low_price": False}], {"x": {"no_low_price": {"cost": "1"}}}),
        ([{"cost": 1, "to": {"from": 2}}], {"x": {"0": {"cost": "1"}}}),
        ([{"by": {"day": {"cost": 1}}, "n": "a"}], {"x": {"a": {"by": {"day": {"cost": "1"}}}}}),
        ("$3" + 38 * ".", {"x": "$3" + 38 * "."}),
    ],
)
def test_a_price_without_a_place_keeps_its_names(value: object, kept: dict[str, Any]) -> None:
    reader = ModelReader("m")

    fields.keep_native(reader, ("x",), "/x", value)

    assert reader.pricing == {"native": kept}


@pytest.mark.parametrize("value", [None, True, {}, [], {"a": None, "b": "a note"}])
def test_what_holds_no_price_leaves_nothing(value: object) -> None:
    reader = ModelReader("m")

    fields.keep_native(reader, ("x",), "/x", value)

    assert reader.pricing == {}
    assert reader.remarks == []


def test_words_where_a_price_should_be_are_told() -> None:
    reader = ModelReader("m")

    said = {"cost": "free", "a/b": [{"cost": "3 dollars a month, but for the first week"}]}
    fields.keep_native(reader, ("x",), "/x", said)

    assert reader.pricing == {}
    assert reader.remarks == [
        Remark(NOT_UNDERSTOOD, "m", field, "a text and no amount")
        for field in ("/x/cost", "/x/a~1b/0/cost")
    ]


def test_a_price_without_a_place_has_its_condition() -> None:
    reader = ModelReader("m")
    batch = Condition("batch")

    fields.keep_native(reader, ("x",), "/x", {"a": [1, {"cost": "-1"}]}, condition=batch)

    assert reader.pricing == {
        "tiers": {"batch": {"native": {"x": {"a": {"0": "1", "1": {"cost": "-1"}}}}}}
    }
    assert kinds(reader.remarks) == [(FLAGGED, "/x/a/1/cost")]


def test_there_is_an_end_to_nesting() -> None:
    deep: Any = 1
    for _ in range(200):
        deep = {"a": deep}
    reader = ModelReader("m")

    fields.keep_native(reader, tuple("xyzuvwpq"), "/q", 7)
    fields.keep_native(reader, ("x",), "/x", deep)

    assert flat(reader.pricing) == {("native", *"xyzuvwpq"): "7"}
    assert reader.remarks == [
        Remark(NOT_UNDERSTOOD, "m", "/x" + 8 * "/a", "nested too deeply"),
    ]


def test_what_is_said_of_each_model_is_gathered() -> None:
    readers = [ModelReader("a"), ModelReader("b")]
    for reader in readers:
        reader.remark(FLAGGED, "/x", "said")
    read = fields.gathered((Entry(reader.document(), {}), reader) for reader in readers)

    assert [entry.document for entry in read.entries] == [{"id": "a"}, {"id": "b"}]
    assert read.remarks == [Remark(FLAGGED, model, "/x", "said") for model in "ab"]


@pytest.mark.parametrize(("value", "expected"), [("", None), ("a", "a"), (3, None)])
def test_a_text_says_something(value: object, expected: str | None) -> None:
    assert fields.text(value) == expected


def test_a_value_is_as_large_as_all_that_is_in_it() -> None:
    assert fields.size("text") == 1
    assert fields.size({"a": [1, 2, {}], "b": {"c": None}}) == 7


@pytest.mark.parametrize(
    ("first", "limit"),
    [(0, 0), (1, 0), (1000, 1000), (1001, 1000), (1025, 1024), (2049, 2048), (1500, 1500)],
)
def test_a_band_begins_at_a_round_limit_or_behind_it(first: int, limit: int) -> None:
    assert fields.threshold(first) == limit


@pytest.mark.parametrize(
    ("name", "priced"), [("Input_COST", True), ("pricing", True), ("size", False), ("", False)]
)
def test_a_name_says_whether_there_is_a_price(name: str, priced: bool) -> None:
    assert fields.is_priced(name) is priced
