"""Times: RFC 3339 or a date from a person, UTC with a Z to everybody."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.times import (
    TimeError,
    duration,
    find_zone,
    from_epoch,
    in_words,
    moment,
    next_millisecond,
    rfc3339,
    to_millisecond,
    utc,
)

MOMENTS = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001 - likewise
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda n: timezone(timedelta(minutes=n))),
)


@given(MOMENTS)
def test_what_is_stored_is_written_and_read_back_unchanged(moment: datetime) -> None:
    stored = to_millisecond(moment)
    assert utc(rfc3339(moment)) == moment
    assert next_millisecond(moment) in (stored, stored + timedelta(milliseconds=1))
    assert next_millisecond(moment) >= moment
    text = rfc3339(stored)
    assert text.endswith("Z")
    assert utc(text) == stored
    assert utc(moment.isoformat()) == moment
    assert timedelta(0) <= moment - stored < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T10:00:06Z", "2026-11-23T10:00:06Z"),
        ("2026-11-23t10:00:06z", "2026-11-23T10:00:06Z"),
        (" 2026-11-23 10:00:06+01:00 ", "2026-11-23T09:00:06Z"),
        ("2026-11-23T10:00Z", "2026-11-23T10:00:00Z"),
        ("2026-11-23T10:00:06.25-05:30", "2026-11-23T15:30:06.250Z"),
        ("2026-11-23T10:00:06.123456789Z", "2026-11-23T10:00:06.123456Z"),
        ("2024-02-29", "2024-02-29T00:00:00Z"),
    ],
)
def test_a_time_or_a_date_is_understood(text: str, expected: str) -> None:
    found = utc(text)
    assert found.tzinfo is UTC
    assert rfc3339(found) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2026-11-23T10:00:06", "2026-02-30", "2026-13-01", "20261123", "1764000000"),
        *("2016-12-31T23:59:60Z", "2026-11-23T24:00:00Z", "26-11-23", "2026-11-23T10:00:00 EST"),
        *(
            "20261123T100000+0100",
            "2026-11-23T25:00:00Z",
            "2026-W48-1",
            "２０２６-11-23",
            "0001-01-01T00:00:00+10:00",
        ),
    ],
)
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(TimeError, match="is not a time: write 2026-11-23T10:00:00Z"):
        utc(text)


NANOSECONDS = st.integers(10**17, 10**19 - 1)


@given(NANOSECONDS, NANOSECONDS)
def test_no_digit_moves_a_time_across_a_stored_millisecond(one: int, other: int) -> None:
    for number in (one, other, one // 10**6 * 10**6, one // 10**6 * 10**6 + 1):
        found = from_epoch(number)
        whole, rest = divmod(number, 10**6)
        stored = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=whole)
        assert (found.start == stored) == (not rest)
        assert stored <= found.start < stored + timedelta(milliseconds=1)
        assert moment(found.text) == found


@given(st.integers(10**8, 10**10 - 1), st.text("0123456789", min_size=1, max_size=12))
def test_seconds_since_1970_are_alike_in_every_notation(second: int, digits: str) -> None:
    found = from_epoch(Decimal(f"{second}.{digits}"))
    assert from_epoch(f"{second}.{digits}") == found
    assert from_epoch(f"{second}{digits[:3]:0<3}.{digits[3:] or '0'}") == found
    assert moment(found.text) == found


@pytest.mark.parametrize(
    "text",
    [
        "12",
        "17731440007",
        "1.77314E+12",
        "-1773144000",
        "1_773_144_000",
        "nan",
        "１７７３１４４０００",
        *("1e", "1.77314400012E+12", "1.77314400012E+15", "1773144000." + "1" * 70, "9" * 81),
    ],
)
def test_what_is_no_time_since_1970_is_refused(text: str) -> None:
    with pytest.raises(TimeError) as refusal:
        from_epoch(text)
    assert str(refusal.value) == f"{text[:80]!r} is not a time since 1970"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.773144000E+9", 1_773_144_000),
        ("1.773144000123E+12", 1_773_144_000_123),
        ("1.773144000123e12", 1_773_144_000_123),
        ("1.773144000123E+15", 1_773_144_000_123_000),
    ],
)
def test_a_spreadsheets_number_counts_where_it_has_all_digits(text: str, number: int) -> None:
    assert from_epoch(text) == from_epoch(number)


@pytest.mark.parametrize(
    ("digits", "microsecond"),
    [("25", 250_000), ("123456", 123_456), ("1234567", 123_456), ("1230000001", 123_001)],
)
def test_a_moment_is_shown_with_all_digits_that_were_given(digits: str, microsecond: int) -> None:
    found = moment(f"2026-11-23T10:00:06.{digits}Z")
    shown = "250" if digits == "25" else digits
    assert (found.start.microsecond, found.end) == (microsecond, None)
    assert found.text == f"2026-11-23T10:00:06.{shown}Z"


def test_what_is_stored_is_cut_to_the_millisecond() -> None:
    finer = datetime(2026, 11, 23, 10, 0, 6, 123_999, tzinfo=UTC)
    assert to_millisecond(finer) == finer.replace(microsecond=123_000)
    assert next_millisecond(finer) == finer.replace(microsecond=124_000)


@pytest.mark.usefixtures("in_tokyo")
def test_where_the_machine_stands_makes_no_difference() -> None:
    berlin = find_zone("Europe/Berlin")
    day = moment("2026-03-05", berlin)
    assert (day.start.isoformat(), day.end and day.end.isoformat()) == (
        "2026-03-04T23:00:00+00:00",
        "2026-03-05T23:00:00+00:00",
    )
    noon = moment("2026-03-05T12:00:00", berlin).start
    assert noon.isoformat() == "2026-03-05T11:00:00+00:00"
    offset = moment("2026-03-05T12:00:00-01:00").start
    assert offset.isoformat() == "2026-03-05T13:00:00+00:00"
    elsewhere = noon.astimezone(berlin)
    assert rfc3339(elsewhere) == "2026-03-05T11:00:00Z"
    assert to_millisecond(elsewhere).isoformat() == "2026-03-05T11:00:00+00:00"


def test_a_time_may_have_eighty_characters() -> None:
    longest = "2026-11-23T10:00:00." + "1" * 59 + "Z"
    assert moment(longest).text == longest
    with pytest.raises(TimeError, match="is not a time"):
        moment(longest.replace(".", ".1"))
    epoch = "1773144000." + "1" * 69
    assert from_epoch(epoch).text == "2026-03-10T12:00:00." + "1" * 69 + "Z"


def test_a_zone_says_whose_clock_and_days_they_are() -> None:
    berlin = find_zone("Europe/Berlin")
    day, noon = moment("2026-03-29", berlin), moment("2026-07-01T12:00:00", berlin)
    assert (day.start, day.end) == (utc("2026-03-28T23:00:00Z"), utc("2026-03-29T22:00:00Z"))
    assert (day.text, noon.text) == ("2026-03-29", "2026-07-01T10:00:00Z")
    assert noon.start == utc("2026-07-01T10:00:00Z")
    assert day.start.tzinfo is noon.start.tzinfo is UTC
    assert day.end is not None
    assert day.end.tzinfo is UTC
    # An offset that is written counts, whatever the zone.
    assert moment("2026-07-01T12:00:00Z", berlin).start == utc("2026-07-01T12:00:00Z")


@pytest.mark.parametrize("text", ["2026-10-25T02:30:00", "2026-03-29 02:30"])
def test_a_time_that_a_zone_had_twice_or_never_is_refused(text: str) -> None:
    with pytest.raises(TimeError) as refusal:
        moment(text, find_zone("Europe/Berlin"))
    assert str(refusal.value) == (
        f"{text!r} is a time that Europe/Berlin had twice, or never: write its offset"
    )


def test_a_date_is_its_day_and_a_time_without_seconds_its_minute() -> None:
    day, minute = moment("2026-03-05"), moment("2026-03-05T10:11+01:00")
    assert (day.end, day.text) == (utc("2026-03-06"), "2026-03-05")
    assert (minute.start, minute.end) == (utc("2026-03-05T09:11:00Z"), utc("2026-03-05T09:12:00Z"))
    assert minute.text == "2026-03-05T09:11Z"
    assert moment("2026-03-05T10:11:00Z").end is None
    assert moment("9999-12-31").end == datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize("offset", ["Z", "z", "+00", "+0000", "+00:00", " UTC", " +0000", "-00:00"])
def test_the_offsets_of_exports_are_understood(offset: str) -> None:
    assert rfc3339(utc(f"2026-03-05 10:11:12.345{offset}")) == "2026-03-05T10:11:12.345Z"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0),
        ("90s", 90),
        ("250ms", 0.25),
        ("15m", 900),
        ("1.5h", 5400),
        ("1h30m", 5400),
        ("2d", 172_800),
        ("1w", 604_800),
        ("1y", 31_536_000),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "-5m", "m", "1 year", "1e3s", "1h x", "１s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(TimeError, match="is not a duration"):
        duration(text)


def test_a_duration_beyond_all_bounds_is_refused() -> None:
    with pytest.raises(TimeError, match="too long"):
        duration("999999999w")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (45, "45 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7200, "2 h"),
        (86400, "1 d"),
        (90000, "1 d 1 h"),
    ],
)
def test_durations_in_words(seconds: int, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words


def test_a_zone_is_found_by_its_name() -> None:
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    for name, hours in (("UTC", 0), ("Europe/Berlin", 2), ("America/New_York", -4)):
        zone = find_zone(name)
        assert zone is not None
        assert summer.astimezone(zone).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "Europe", "../etc/passwd", "a\x00b"])
def test_what_is_no_zone_is_not_found(name: str) -> None:
    assert find_zone(name) is None


def test_utc_needs_no_zone_data() -> None:
    assert find_zone("UTC") is UTC


def test_there_is_no_millisecond_behind_the_last() -> None:
    last = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert next_millisecond(last) == to_millisecond(last)
    assert next_millisecond(to_millisecond(last)) == to_millisecond(last)
