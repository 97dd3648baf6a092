"""Times as people ask for them: absolute, without an offset, and in words."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from pricetrail.catalog.asked_times import absolute_time, asked_time
from pricetrail.catalog.times import TimeError, rfc3339

NOW = datetime(2026, 11, 25, 10, 0, 6, 123_000, UTC)
PAST = {
    "2026-11-23T10:00:06+01:00": "2026-11-23T09:00:06Z",
    "2026-11-23T10:00": "2026-11-23T10:00:00Z",
    " 2026-11-23 10:00:06.25 ": "2026-11-23T10:00:06.250Z",
    "2026-11-23": "2026-11-23T00:00:00Z",
}
WORDS = {
    "now": "2026-11-25T10:00:06.123Z",
    "Today": "2026-11-25T00:00:00Z",
    "yesterday": "2026-11-24T00:00:00Z",
    "yesterday 14:30": "2026-11-24T14:30:00Z",
    "yesterdayT14:30:05": "2026-11-24T14:30:05Z",
    "tomorrow": "2026-11-26T00:00:00Z",
    "3d ago": "2026-11-22T10:00:06.123Z",
    "3 days ago": "2026-11-22T10:00:06.123Z",
    "2 min ago": "2026-11-25T09:58:06.123Z",
    "1 hour 30 minutes ago": "2026-11-25T08:30:06.123Z",
    "in 2h30m": "2026-11-25T12:30:06.123Z",
}

ABSOLUTE = "2026-11-23T10:00:00Z, '2026-11-23 10:00' (UTC) or 2026-11-23"


@pytest.mark.parametrize("ahead", [False, True])
def test_a_person_s_time_is_understood(*, ahead: bool) -> None:
    for text, expected in {**PAST, **WORDS}.items():
        assert rfc3339(asked_time(text, NOW, ahead=ahead)) == expected, text


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose day is half a day ahead."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "UTC-14")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_east")
def test_a_day_is_that_of_utc_wherever_the_machine_stands() -> None:
    assert NOW.astimezone().day == 26
    assert rfc3339(asked_time("today", NOW)) == WORDS["Today"]
    assert rfc3339(asked_time("today", NOW.astimezone())) == WORDS["Today"]


def test_a_length_is_ago_or_from_now_on_by_what_is_asked_for() -> None:
    for text, length in {
        "3d": timedelta(3),
        "2h30m": timedelta(hours=2.5),
        "1w": timedelta(7),
    }.items():
        assert asked_time(text, NOW) == NOW - length
        assert asked_time(text, NOW, ahead=True) == NOW + length


def test_what_is_the_same_whenever_it_is_read_has_no_words() -> None:
    for text, expected in PAST.items():
        assert rfc3339(absolute_time(text)) == expected
    for text in (*WORDS, "3d"):
        with pytest.raises(TimeError) as refused:
            absolute_time(text)
        assert str(refused.value) == f"{text!r} is not a time: write {ABSOLUTE}"


def test_what_is_no_time_is_told_with_every_form() -> None:
    for text in (
        "",
        "soon",
        "2026-13-01",
        "3",
        "-3d",
        "9999y",
        "yesterday 25:00",
        "in",
        "in 3d ago",
        "20261123",
    ):
        for ahead, relative in (
            (False, "yesterday, 3d or 2h30m (so long ago)"),
            (True, "tomorrow, 3d or 2h30m (from now)"),
        ):
            with pytest.raises(TimeError) as refused:
                asked_time(text, NOW, ahead=ahead)
            assert str(refused.value) == f"{text!r} is not a time: write {ABSOLUTE}, {relative}"
