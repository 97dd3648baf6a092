"""One row of usage: exact quantities, or what is wrong with it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from pricetrail.audit.usage.quantities import OPENAI
from pricetrail.audit.usage.rows import BadRow, UsageRow, row

AT = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


def read(style: str = "disjoint", **cells: Any) -> UsageRow:
    found = row(7, ({"time": AT, "model": "gpt-5"} | cells).items(), style)
    assert isinstance(found, UsageRow), found
    return found


def refused(style: str = "disjoint", **cells: Any) -> str:
    found = row(7, ({"time": AT, "model": "gpt-5"} | cells).items(), style)
    assert isinstance(found, BadRow)
    assert found.line == 7
    return found.why


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-01T10:00:00Z",
        "2026-03-01 11:00:00+01:00",
        AT,
        1772359200,
        "1772359200",
        "1772359200000",
    ],
)
def test_a_time_is_rfc_3339_or_seconds_or_milliseconds_since_1970(value: Any) -> None:
    assert read(time=value, prompt="1").at == AT


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("yesterday", "'yesterday' is not a time"),
        ("2026-03-01 10:00:00", "is not a time"),
        (datetime(2026, 3, 1), "is not a time: write"),  # noqa: DTZ001 - the point of it
        (True, "'True' is not a time"),
        (12, "'12' is not a time"),
        ("1,77267E+09", "'1,77267E+09' is a time that a spreadsheet has rounded"),
        ("1.8E+9", "'1.8E+9' is a time that a spreadsheet has rounded"),
        ("3/5/2026", "'3/5/2026' does not say which is the day and which the month"),
        ("05.03.2026 10:11", "does not say which is the day and which the month: write 2026-11-23"),
        ("", "it has no time"),
        (None, "it has no time"),
    ],
)
def test_a_time_is_never_guessed(value: Any, why: str) -> None:
    assert why in refused(time=value, prompt="1")


def test_a_row_needs_a_model_and_a_quantity() -> None:
    assert refused(model=" ", prompt="1") == "it names no model"
    assert refused(model=None, prompt="1") == "it names no model"
    assert refused(prompt="", completion=None) == "it has no quantity"
    assert read(prompt="0").used == {"prompt": 0}


@pytest.mark.parametrize("value", ["12", " 12 ", 12, 12.0, "12.0", Decimal("12.00"), "1.2e1"])
def test_a_quantity_is_read_exactly(value: Any) -> None:
    assert read(prompt=value).used == {"prompt": Decimal(12)}


def test_a_fraction_of_a_second_keeps_its_digits() -> None:
    assert read(seconds="4.05").used == {"seconds": Decimal("4.05")}
    assert read(seconds=4.05).used == {"seconds": Decimal("4.05")}


@pytest.mark.parametrize("value", ["1,200", "-5", "ten", "１２", "NaN", True, -1, [1], "1_000"])
def test_what_is_no_quantity_is_said_and_never_zero(value: Any) -> None:
    assert refused(prompt=value).startswith("prompt is ")
    assert ", which is no quantity" in refused(prompt=value)


def test_not_a_number_is_an_empty_cell() -> None:
    assert read(prompt=float("nan"), completion=3.0).used == {"completion": 3}


def test_openai_style_takes_the_parts_out_of_their_wholes() -> None:
    found = read(OPENAI, prompt="1000", cache_read="600", completion="300", reasoning="200")
    assert found.used == {"prompt": 400, "cache_read": 600, "completion": 100, "reasoning": 200}


def test_openai_style_knows_cache_writes_and_images_as_parts_too() -> None:
    found = read(OPENAI, prompt="1000", cache_write="100", input_image="50", output_image="0")
    assert found.used["prompt"] == 850


def test_openai_style_refuses_parts_that_are_more_than_the_whole() -> None:
    why = "cache read is 600, more than the 500 of prompt that include it"
    assert refused(OPENAI, prompt="500", cache_read="600") == why
    assert "more than the 0 of completion" in refused(OPENAI, reasoning="3")


def test_the_prompt_is_as_long_in_either_style() -> None:
    assert set(read(prompt="150000", cache_read="50001").prompts) == {200_001}
    assert set(read(OPENAI, prompt="200001", cache_read="50000").prompts) == {200_001}


def test_video_with_audio_has_its_own_quantity() -> None:
    assert read(video_seconds="8", audio="true").used == {"video_seconds_with_audio": 8}
    assert read(seconds="8", audio=True).used == {"video_seconds_with_audio": 8}
    assert read(seconds="8", audio="no").used == {"seconds": 8}
    both = read(video_seconds="8", video_seconds_with_audio="2", audio="1").used
    assert both == {"video_seconds_with_audio": 10}
    assert refused(seconds="8", audio="stereo") == "audio is 'stereo': write true or false"


def test_a_bad_row_keeps_what_could_be_read() -> None:
    found = row(3, [("time", AT), ("model", "gpt-5"), ("prompt", "x")])
    assert found == BadRow(
        3, "gpt-5", "2026-03-01T10:00:00Z", "prompt is 'x', which is no quantity"
    )
