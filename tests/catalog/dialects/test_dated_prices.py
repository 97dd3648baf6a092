"""Prices by date and by time of day: when they hold, and what can be said without a clock."""

import pytest

from pricetrail.catalog.conditions import ALWAYS, Condition, Window
from pricetrail.catalog.dialects.dated_prices import Listed, effective, flat, merge, when
from pricetrail.catalog.dialects.readings import APART, ModelReader

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
        {"start_time": "16:30Z"},
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


def test_what_all_dates_agree_on_is_the_price() -> None:
    reader = ModelReader("m")

    merge(
        reader,
        {
            "": {("text", "prompt"): "1", ("text", "completion"): "2"},
            "2026-01-01": {("text", "prompt"): "1.0", ("text", "completion"): "3"},
        },
    )

    assert flat(reader.pricing) == {
        ("text", "prompt"): "1",
        ("native", "until", "2026-01-01", "text", "completion"): "2",
        ("native", "from", "2026-01-01", "text", "completion"): "3",
    }
    assert [remark.kind for remark in reader.remarks] == [APART]


def test_dates_that_change_nothing_are_not_worth_a_word() -> None:
    reader = ModelReader("m")

    merge(reader, {"": {("text", "prompt"): "1"}, "2026-01-01": {("text", "prompt"): "1"}})

    assert reader.pricing == {"text": {"prompt": "1"}}
    assert reader.remarks == []
