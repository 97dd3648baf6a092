"""Prices by date and by time of day: when they hold, and what can be said without a clock."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.bills import Tariff
from pricetrail.catalog.conditions import ALWAYS, Condition, Window
from pricetrail.catalog.dialects.dated_prices import Flat, Listed, effective, flat, merge, when
from pricetrail.catalog.dialects.readings import (
    APART,
    FLAGGED,
    NOT_UNDERSTOOD,
    ModelReader,
    Remark,
)
from pricetrail.catalog.situations import USUAL, Situation

_NIGHT = Condition(window=Window(990, 30))


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        (None, ("", ALWAYS)),
        ({"start_date": "2026-09-01"}, ("2026-09-01", ALWAYS)),
        ({"start_date": "2026-09-01", "end_time": None}, ("2026-09-01", ALWAYS)),
        ({"start_time": "16:30:00Z", "end_time": "00:30:00Z"}, ("", _NIGHT)),
        ({"start_time": "16:30", "end_time": "00:30:00.000+00:00"}, ("", _NIGHT)),
        ({"start_time": "18:30:00+02:00", "end_time": "22:30:00-02:00"}, ("", _NIGHT)),
        (
            {"start_date": "2026-09-01", "start_time": "16:30Z", "end_time": "00:30Z"},
            ("2026-09-01", _NIGHT),
        ),
    ],
)
def test_a_constraint_says_from_when_on_and_at_which_time(
    constraint: object, expected: object
) -> None:
    assert when(constraint) == expected


@pytest.mark.parametrize(
    "constraint",
    [
        *({}, [], "2026-09-01", {"start_date": "2026-9-1"}, {"start_date": 20260901}),
        *({"start_date": "2026-02-30"}, {"start_date": "0900-01-01"}),
        {"start_time": "16:30Z"},
        {"start_time": 1630, "end_time": "17:30Z"},
        {"start_time": "16:30Z", "end_time": "24:30Z"},
        {"start_time": "16:30:15Z", "end_time": "17:30Z"},
        {"start_date": "2026-09-01", "end_date": "2026-10-01"},
    ],
)
def test_a_constraint_that_says_something_else_is_not_guessed_at(constraint: object) -> None:
    assert when(constraint) is None


def test_the_last_that_is_met_holds_and_else_the_first() -> None:
    first, day, night, later = (
        Listed("", ALWAYS, "0", {}),
        Listed("2026-01-01", ALWAYS, "1", {}),
        Listed("", _NIGHT, "2", {}),
        Listed("2027-01-01", ALWAYS, "3", {}),
    )
    listed = [first, day, night, later]

    assert effective(listed, "") == [night, first]
    assert effective(listed, "2026-01-01") == [night, day]
    assert effective(listed, "2027-01-01") == [later]
    assert effective([night, day], "") == [night, night._replace(condition=ALWAYS)]
    assert effective([day], "") == [day]
    assert effective([], "") == []


def test_a_price_is_said_anew_from_each_date_on_which_it_changes() -> None:
    reader = ModelReader("m")

    merge(
        reader,
        {
            "": {("text", "prompt"): "1", ("text", "completion"): "2"},
            "2026-01-01": {
                ("text", "prompt"): "1.0",
                ("text", "completion"): "3",
                ("tiers", "batch", "text", "completion"): "1",
            },
            "2026-02-01": {("text", "prompt"): "4", ("text", "completion"): "3"},
        },
    )

    assert flat(reader.pricing) == {
        ("text", "prompt"): "1",
        ("text", "completion"): "2",
        ("tiers", "from_20260101", "text", "completion"): "3",
        ("tiers", "from_20260101", "batch", "text", "completion"): "1",
        ("tiers", "from_20260201", "text", "prompt"): "4",
        ("tiers", "from_20260201", "text", "completion"): "3",
    }
    assert reader.remarks == []


def test_a_price_that_ends_is_kept_by_its_dates_and_not_charged() -> None:
    reader = ModelReader("m")

    merge(
        reader,
        {
            "": {("cache", "read"): "1", ("native", "web_search"): "7"},
            "2026-01-01": {("cache", "read"): "2", ("tiers", "batch", "cache", "read"): "1"},
            "2026-02-01": {("text", "prompt"): "4"},
        },
    )

    assert flat(reader.pricing) == {
        ("native", "cache", "read", "until", "2026-01-01"): "1",
        ("native", "cache", "read", "from", "2026-01-01"): "2",
        ("tiers", "batch", "native", "cache", "read", "from", "2026-01-01"): "1",
        ("native", "web_search", "until", "2026-01-01"): "7",
        ("tiers", "from_20260201", "text", "prompt"): "4",
    }
    said = "cache.read, native.web_search ends on a date: kept by date, and not charged"
    assert reader.remarks == [Remark(APART, "m", "/prices", said)]
    tariff = Tariff(reader.pricing)
    for name in ("cache_read", "web_searches"):
        assert not any(isinstance(tariff.on(day).price(name), tuple) for day in (0, 20260201))


def test_requests_that_a_later_list_has_no_price_for_cost_nothing() -> None:
    reader = ModelReader("m")

    merge(reader, {"": {("native", "request"): "1"}, "2026-01-01": {}})

    assert flat(reader.pricing) == {
        ("native", "request"): "1",
        ("tiers", "from_20260101", "native", "request"): "0",
    }


def test_a_text_among_prices_by_date_is_not_flagged_once_more() -> None:
    reader = ModelReader("m")

    reader.remark(FLAGGED, "/prices/0/prices/input_mtok", "'-1' is no amount: kept as text")
    later: Flat = {("text", "prompt"): "-1"}
    merge(reader, {"": {("cache", "read"): "-2", **later}, "2026-01-01": later})

    assert flat(reader.pricing) == {
        ("text", "prompt"): "-1",
        ("native", "cache", "read", "until", "2026-01-01"): "-2",
    }
    assert [remark.kind for remark in reader.remarks] == [FLAGGED, APART]


def test_of_two_prices_that_end_under_one_name_the_first_is_kept() -> None:
    reader = ModelReader("m")

    both: Flat = {("cache", "read"): "1", ("native", "cache", "read"): "2"}
    merge(reader, {"": both, "2026-01-01": {}})

    assert flat(reader.pricing) == {("native", "cache", "read", "until", "2026-01-01"): "1"}
    said = [(remark.kind, remark.path) for remark in reader.remarks]
    assert said == [(NOT_UNDERSTOOD, "/prices"), (APART, "/prices")]


def test_of_two_lasting_prices_at_one_place_the_first_is_kept() -> None:
    reader = ModelReader("m")

    both: Flat = {("native", "search"): "1", ("native", "search", "image"): "2"}
    merge(reader, {"": both, "2026-01-01": both})

    assert flat(reader.pricing) == {("native", "search"): "1"}
    assert reader.remarks == [
        Remark(NOT_UNDERSTOOD, "m", "/prices", "its place is taken by another price")
    ]


_AMOUNTS = st.sampled_from(["1", "2", "3"])
_PATHS = st.sampled_from(
    [
        (*below, *place)
        for below in ((), ("tiers", "batch"), ("tiers", "over_200k"))
        for place in (
            ("text", "prompt"),
            ("text", "completion"),
            ("text", "internal_reasoning"),
            ("native", "request"),
        )
    ]
)
_LISTS = st.dictionaries(_PATHS, _AMOUNTS, max_size=8)


@given(st.tuples(_LISTS, _LISTS, _LISTS))
def test_on_each_day_its_own_list_is_charged_or_nothing(lists: tuple[Flat, ...]) -> None:
    by_date = dict(zip(("", "2026-01-01", "2026-02-01"), lists, strict=True))
    reader = ModelReader("m")
    merge(reader, {since: dict(prices) for since, prices in by_date.items()})
    told = Tariff(reader.pricing)
    for since, prices in by_date.items():
        alone = ModelReader("m")
        for path, amount in prices.items():
            alone.tree(path, "", amount)
        own = Tariff(alone.pricing)
        for situation in (USUAL, Situation("batch"), Situation("batch", None, 200_000)):
            on_day = situation._replace(since=int(since.replace("-", "") or 0))
            for name in ("prompt", "completion", "reasoning", "requests"):
                found, expected = told.price(name, on_day), own.price(name, situation)
                if isinstance(found, tuple):
                    # Requests that a list has no price for cost nothing.
                    assert found[1] == (expected[1] if isinstance(expected, tuple) else 0)
                elif name == "requests":
                    assert isinstance(expected, str)


def test_dates_that_change_nothing_are_not_worth_a_word() -> None:
    reader = ModelReader("m")

    merge(reader, {"": {("text", "prompt"): "1"}, "2026-01-01": {("text", "prompt"): "1"}})

    assert reader.pricing == {"text": {"prompt": "1"}}
    assert reader.remarks == []
