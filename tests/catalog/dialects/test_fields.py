"""What native fields have in common: days, counts, service tiers, and prices without a place."""

from typing import Any

import pytest

from pricetrail.catalog.conditions import Condition
from pricetrail.catalog.dialects import fields
from pricetrail.catalog.dialects.readings import NOT_UNDERSTOOD, ModelReader
from tests.support.price_leaves import kinds


@pytest.mark.parametrize(("value", "expected"), [(0, None), (-5, None), (8000, 8000)])
def test_no_context_is_none_that_is_known(value: int, expected: int | None) -> None:
    assert fields.tokens(value) == expected


@pytest.mark.parametrize("value", ["2027-06-25", "2027-06-25T10:00:00Z", None, ""])
def test_a_day_is_kept_as_it_is_written(value: str | None) -> None:
    reader = ModelReader("m")

    assert fields.day(reader, "/created", value) == (value or None)
    assert reader.remarks == []


@pytest.mark.parametrize("value", ["soon", "2026-13-01", "2026-05", 20260501, True, [], {}])
def test_what_is_no_day_is_told_and_left_out(value: object) -> None:
    reader = ModelReader("m")

    assert fields.day(reader, "/created", value) is None
    assert kinds(reader.remarks) == [(NOT_UNDERSTOOD, "/created")]


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

    fields.keep_native(reader, ("x",), "/x", {"cost": "free", "other": [{"cost": "ask us"}]})

    assert reader.pricing == {}
    assert kinds(reader.remarks) == [
        (NOT_UNDERSTOOD, "/x/cost"),
        (NOT_UNDERSTOOD, "/x/other/0/cost"),
    ]


def test_there_is_an_end_to_nesting() -> None:
    deep: Any = 1
    for _ in range(200):
        deep = {"a": deep}
    reader = ModelReader("m")

    fields.keep_native(reader, ("x",), "/x", deep)

    assert [remark.kind for remark in reader.remarks] == [NOT_UNDERSTOOD]
