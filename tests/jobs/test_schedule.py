"""When a source is due: crontab as cron reads it, daylight saving, intervals, jitter."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.jobs.schedule import Schedule, ScheduleError, _last_answers, jitter

BERLIN = "Europe/Berlin"
MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    """A time in UTC: `2026-03-01 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slots(text: str, start: str, end: str, zone: str = "UTC") -> list[str]:
    """The slots after start, up to end, as UTC."""
    found = Schedule.parse(text, zone).slots(at(start), at(end))
    return [f"{slot:%Y-%m-%d %H:%M}" for slot in found]


# Crontab


@pytest.mark.parametrize(
    ("text", "start", "following"),
    [
        ("*/15 * * * *", "2026-03-01 10:00", "2026-03-01 10:15"),
        ("*/15 * * * *", "2026-03-01 10:14", "2026-03-01 10:15"),
        ("5,35 9-17/4 * * *", "2026-03-01 09:35", "2026-03-01 13:05"),
        ("0 9 * * 1-5", "2026-02-27 09:00", "2026-03-02 09:00"),
        ("0 9 * * mon-FRI", "2026-02-27 09:00", "2026-03-02 09:00"),
        ("0 0 1 jan *", "2026-03-01 00:00", "2027-01-01 00:00"),
        ("0 0 * * 0", "2026-03-01 00:00", "2026-03-08 00:00"),
        ("0 0 * * 7", "2026-03-01 00:00", "2026-03-08 00:00"),
        ("0 0 29 2 *", "2026-03-01 00:00", "2028-02-29 00:00"),
        ("@hourly", "2026-03-01 10:30", "2026-03-01 11:00"),
        ("@daily", "2026-03-01 10:30", "2026-03-02 00:00"),
        ("@weekly", "2026-03-01 10:30", "2026-03-08 00:00"),
        ("@monthly", "2026-03-01 10:30", "2026-04-01 00:00"),
        ("@Yearly", "2026-03-01 10:30", "2027-01-01 00:00"),
        ("  0   0 * * *  ", "2026-03-01 10:30", "2026-03-02 00:00"),
    ],
)
def test_a_crontab_means_what_cron_makes_of_it(text: str, start: str, following: str) -> None:
    assert Schedule.parse(text).next_after(at(start)) == at(following)


def test_day_and_weekday_are_either_or_when_both_are_given() -> None:
    found = slots("0 0 13 * 5", "2026-03-01 00:00", "2026-04-14 00:00")
    fridays = ["03-06", "03-13", "03-20", "03-27", "04-03", "04-10"]
    assert found == [f"2026-{day} 00:00" for day in [*fridays, "04-13"]]


def test_a_day_with_any_weekday_is_that_day_alone() -> None:
    assert slots("0 0 13 * *", "2026-03-01 00:00", "2026-05-01 00:00") == [
        "2026-03-13 00:00",
        "2026-04-13 00:00",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "five crontab fields"),
        ("* * * *", "five crontab fields"),
        ("* * * * * *", "five crontab fields"),
        ("@reboot", "five crontab fields"),
        ("60 * * * *", "minute"),
        ("* 24 * * *", "hour"),
        ("* * 0 * *", "day"),
        ("* * * 13 *", "month"),
        ("* * * * 8", "day-of-week"),
        ("*/0 * * * *", "minute"),
        ("canary * * * *", "minute"),
        ("9" * 450 + " * * * *", "minute"),
        ("9" * 5000 + " * * * *", "five crontab fields"),
        ("0 0 30 2 *", "never comes"),
        ("0 0 31 4,6 *", "never comes"),
        ("every", "five crontab fields"),
        ("every day", "a duration such as"),
        ("every 9s", "at least 10 s"),
        ("every 367d", "at most 366 days"),
        ("every -15m", "a duration such as"),
    ],
)
def test_what_is_no_schedule_is_refused_and_not_repeated(text: str, said: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        Schedule.parse(text)
    assert said in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "zone", ["", "Nowhere", "../etc/passwd", "Europe", "\x00", "Europe/Bérlin"]
)
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(ScheduleError, match="not a known time zone"):
        Schedule.parse("@hourly", zone)


# Daylight saving: Berlin goes from 02:00 to 03:00 on 2026-03-29 and from 03:00 to 02:00 on
# 2026-10-25, both at 01:00 UTC.


def test_a_time_zone_moves_a_daily_slot_with_the_clock_on_the_wall() -> None:
    assert slots("0 9 * * *", "2026-03-28 00:00", "2026-03-30 00:00", BERLIN) == [
        "2026-03-28 08:00",
        "2026-03-29 07:00",
    ]


def test_a_fixed_slot_in_the_hour_that_is_left_out_comes_right_after_it() -> None:
    assert slots("30 2 * * *", "2026-03-28 00:00", "2026-03-31 00:00", BERLIN) == [
        "2026-03-28 01:30",
        "2026-03-29 01:00",
        "2026-03-30 00:30",
    ]


def test_a_fixed_slot_in_the_hour_that_comes_twice_comes_once() -> None:
    assert slots("30 2 * * *", "2026-10-24 12:00", "2026-10-27 00:00", BERLIN) == [
        "2026-10-25 00:30",
        "2026-10-26 01:30",
    ]


def test_a_slot_at_the_change_itself_and_one_moved_onto_it_are_one() -> None:
    assert slots("0,30 2,3 * * *", "2026-03-29 00:00", "2026-03-29 02:00", BERLIN) == [
        "2026-03-29 01:00",
        "2026-03-29 01:30",
    ]


@pytest.mark.parametrize("text", ["*/15 * * * *", "*/15 */1 * * *"])
@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_a_star_crontab_follows_elapsed_time_through_a_change(text: str, day: str) -> None:
    start = at(f"{day} 00:00")
    found = list(Schedule.parse(text, BERLIN).slots(start, start + timedelta(hours=4)))
    assert found == [start + timedelta(minutes=15 * n) for n in range(1, 17)]


def test_a_change_of_half_an_hour_is_followed_too() -> None:
    # Lord Howe goes back from 02:00 to 01:30 on 2026-04-05 at 15:00 UTC the day before.
    assert slots("0 * * * *", "2026-04-04 13:00", "2026-04-04 17:00", "Australia/Lord_Howe") == [
        "2026-04-04 14:00",
        "2026-04-04 15:30",
        "2026-04-04 16:30",
    ]


CRONTABS = st.sampled_from(
    [
        *("*/15 * * * *", "7 * * * *", "30 2 * * *", "0 9 * * 1-5", "*/20 1-3 * * *", "0 0 13 * 5"),
        *("every 15m", "every 7m", "every 1h30m"),
    ]
)
ZONES = st.sampled_from(["UTC", BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=730)).map(lambda span: at("2026-01-01") + span)
# Around the end of daylight saving in Berlin, so close that two often lie between the same slots.
NEAR = st.timedeltas(timedelta(0), timedelta(hours=4)).map(
    lambda span: at("2026-10-24 23:00") + span
)


@given(CRONTABS, ZONES, MOMENTS)
def test_the_next_slot_is_later_and_a_slot_itself(text: str, zone: str, moment: datetime) -> None:
    schedule = Schedule.parse(text, zone)
    following = schedule.next_after(moment)
    assert following > moment
    assert schedule.next_after(following - timedelta(microseconds=1)) == following
    assert schedule.period(moment) == schedule.next_after(following) - following


@given(CRONTABS, ZONES, MOMENTS)
def test_slots_are_whole_minutes_in_strict_order_whatever_they_are_counted_from(
    text: str, zone: str, moment: datetime
) -> None:
    schedule = Schedule.parse(text, zone)
    end = moment + timedelta(days=2)
    found = list(schedule.slots(moment, end))
    assert found == sorted(set(found))
    assert all((slot.second, slot.microsecond, slot.tzinfo) == (0, 0, UTC) for slot in found)
    middle = found[len(found) // 2] if found else moment
    halves = [*schedule.slots(moment, middle), *schedule.slots(middle, end)]
    assert halves == found


@given(CRONTABS, ZONES, st.lists(MOMENTS | NEAR, min_size=1, max_size=8))
def test_an_answer_that_is_remembered_is_the_one_that_is_worked_out(
    text: str, zone: str, moments: list[datetime]
) -> None:
    schedule = Schedule.parse(text, zone)
    for moment in moments:
        found = schedule.next_after(moment)
        for one in (moment, found):
            remembered = schedule.next_after(one)
            _last_answers.clear()
            assert remembered == schedule.next_after(one)


@given(ZONES, st.dates(date(2026, 1, 2), date(2027, 12, 30)))
def test_a_daily_slot_comes_once_on_each_day_of_its_zone(zone: str, day: date) -> None:
    midnight = datetime.fromisoformat(f"{day} 00:00").replace(tzinfo=ZoneInfo(zone))
    following = (midnight + timedelta(days=1)).astimezone(UTC)
    schedule = Schedule.parse("30 2 * * *", zone)
    start = midnight.astimezone(UTC) - timedelta(seconds=1)
    assert len(list(schedule.slots(start, following - timedelta(seconds=1)))) == 1


# Intervals


def test_intervals_are_aligned_to_the_epoch_and_know_no_zone() -> None:
    assert slots("every 15m", "2026-03-29 00:52", "2026-03-29 01:31", BERLIN) == [
        "2026-03-29 01:00",
        "2026-03-29 01:15",
        "2026-03-29 01:30",
    ]
    found = Schedule.parse("EVERY  10s").next_after(at("2026-03-01 10:00"))
    assert found == at("2026-03-01 10:00") + timedelta(seconds=10)


def test_a_moment_of_any_zone_is_understood() -> None:
    there = at("2026-03-01 10:07").astimezone(ZoneInfo("Asia/Kolkata"))
    assert Schedule.parse("*/15 * * * *").next_after(there) == at("2026-03-01 10:15")


# Jitter


@given(st.text(), st.timedeltas(timedelta(seconds=10), timedelta(days=366)))
def test_jitter_is_less_than_a_minute_and_than_a_tenth_of_the_period(
    name: str, period: timedelta
) -> None:
    found = jitter(name, period)
    assert timedelta(0) <= found < min(timedelta(seconds=60), period / 10) + timedelta.resolution
    assert found == jitter(name, period)


def test_jitter_spreads_sources() -> None:
    found = sorted(jitter(f"source {n}", timedelta(minutes=15)) for n in range(1000))
    assert found[100] < timedelta(seconds=12) < timedelta(seconds=48) < found[-100]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("*/90 * * * *", "minute goes by steps of 90, and an hour has 60"),
        ("0,5/70 * * * *", "minute goes by steps of 70"),
        ("0 0-5/25,*/30 * * *", "hour goes by steps of 25, and a day has 24"),
        ("0 0 */32 * *", "day goes by steps of 32, and a month has 31"),
        ("0 0 1 */13 *", "month goes by steps of 13, and a year has 12"),
        ("0 0 * * */8", "weekday goes by steps of 8, and a week has 7"),
    ],
)
def test_a_step_beyond_its_field_is_refused_and_says_why(text: str, said: str) -> None:
    with pytest.raises(ScheduleError, match=said) as refusal:
        Schedule.parse(text)
    assert "write `every 90m`" in str(refusal.value)
    Schedule.parse("*/60 */24 */31 */12 */7")
