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
        *("2026-11-23T25:00:00Z", "2026-W48-1", "２０２６-11-23", "0001-01-01T00:00:00+10:00"),
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
    ],
)
def test_what_is_no_time_since_1970_is_refused(text: str) -> None:
    with pytest.raises(TimeError, match="is not a time since 1970"):
        from_epoch(text)


def test_a_date_is_its_day_and_a_time_without_seconds_its_minute() -> None:
    day, minute = moment("2026-03-05"), moment("2026-03-05T10:11+01:00")
    assert (day.end, day.text) == (utc("2026-03-06"), "2026-03-05")
    assert (minute.start, minute.end) == (utc("2026-03-05T09:11:00Z"), utc("2026-03-05T09:12:00Z"))
    assert minute.text == "2026-03-05T09:11Z"
    assert moment("2026-03-05T10:11:00Z").end is None
    last = moment("9999-12-31").end
    assert last is not None
    assert last.year == 9999


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


def test_there_is_no_millisecond_behind_the_last() -> None:
    last = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    assert next_millisecond(last) == to_millisecond(last)
    assert next_millisecond(to_millisecond(last)) == to_millisecond(last)
