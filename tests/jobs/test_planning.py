"""When slots are: by values, and written into the rows of many sources at once."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from pricetrail.jobs.planning import due_from, following, next_slots, plan, planned_slot
from pricetrail.jobs.schedule import jitter
from pricetrail.jobs.source import Source
from pricetrail.storage import slot_upkeep, sources
from pricetrail.storage.slots import Planned
from tests.jobs.polls.test_timing import STATE
from tests.jobs.stage import START, many, staged
from tests.support.histories import at
from tests.support.slots import due_at, set_slot

SOURCE = Source(name="s", url="http://localhost/", api_key="-")
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("slot", "planned"),
    [
        (None, at("10:20")),
        (at("10:15"), at("10:15")),
        (at("10:30"), at("10:30")),
        # Beyond the next one of the schedule: another schedule's, or a clock's that was ahead.
        (at("23:00"), at("10:30")),
    ],
)
def test_a_row_shows_its_own_slot_unless_that_cannot_be_right(
    slot: datetime | None, planned: datetime
) -> None:
    assert planned_slot(SOURCE, replace(STATE, next_slot_at=slot), at("10:20")) == planned
    assert planned_slot(SOURCE, None, at("10:20")) == at("10:20")


def test_what_was_polled_by_request_alone_is_due_at_the_next_slot() -> None:
    asked = replace(STATE, next_slot_at=None, last_poll_at=at("10:20"))
    for state, now, due in [
        (None, "10:25", "10:25"),
        (asked, "10:25", "10:30"),
        (asked, "11:00", "10:30"),
        # That was by a clock that ran ahead.
        (replace(asked, last_poll_at=at("23:00")), "10:25", "10:30"),
        (replace(asked, next_slot_at=at("10:15")), "10:25", "10:15"),
    ]:
        assert due_from(SOURCE, state, at(now)) == at(due)


def test_a_crontab_keeps_its_minute_and_is_due_a_little_later() -> None:
    found = following(SOURCE, at("10:20"), at("10:20"))
    assert (found.slot_at, found.set_at) == (at("10:30"), at("10:20"))
    later = found.due_at - found.slot_at
    assert abs(later - jitter("s", timedelta(minutes=15))) < timedelta(milliseconds=1)


def test_an_interval_has_a_slot_of_each_sources_own_in_every_period() -> None:
    source = replace(SOURCE, schedule="every 15m")
    first = following(source, at("10:00"), at("10:00"))
    assert first == Planned(first.slot_at, first.slot_at, at("10:00"))
    assert at("10:00") < first.slot_at <= at("10:15")
    assert following(source, first.slot_at, START).slot_at == first.slot_at + 15 * HOUR / 60


def test_polls_of_ten_thousand_sources_are_spread_evenly_over_the_period() -> None:
    hourly = [replace(SOURCE, name=f"source {n}", schedule="every 1h") for n in range(10_000)]
    due = [following(source, START, START).due_at for source in hourly]
    minutes = Counter(moment.minute for moment in due)
    # 185 are expected in each of 54 minutes, with a deviation of 14; in the last tenth, none.
    assert sorted(minutes) == list(range(54))
    assert max(minutes.values()) < 185 + 5 * 14
    assert min(minutes.values()) > 185 - 5 * 14
    # Of the few that have an interval of seconds, none comes at another time than a whole second.
    assert {moment.microsecond for moment in due} == {0}


def test_many_are_planned_at_once_and_what_cannot_be_keeps_no_other(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with staged(database_url) as stage:
        named = [stage.source(name=name) for name in ("new", "known", "paused", "broken")]
        with stage.database.write() as connection:
            for name in ("known", "paused"):
                source = sources.open_source(connection, name, stage.now)
                set_slot(connection, name, at("23:00"))
            sources.set_paused(connection, source.id, paused=True)

        def url(address: str) -> str:
            if address == "http://broken/":
                raise ValueError("odd")
            return address

        monkeypatch.setattr("pricetrail.jobs.planning.safe_url", url)
        named[-1] = replace(named[-1], url="http://broken/")
        told: list[tuple[str, str]] = []
        plan(stage.database, named, planned_slot, lambda name, e: told.append((name, str(e))))
        assert told == [("broken", "odd")]
        with pytest.raises(ValueError, match="odd"):
            plan(stage.database, named, planned_slot)
        after = next_slots(stage.database, named[:3], planned_slot)
        known = following(named[1], START, START).slot_at
        assert after == {"new": START, "known": known, "paused": None}


def test_what_somebody_put_off_who_could_not_poll_it_is_due_once_it_is_planned_again(
    sqlite_url: str,
) -> None:
    with staged(sqlite_url) as stage:
        stage.poll(many(3), after=0)
        plan(stage.database, [stage.source()], planned_slot)
        with stage.database.write() as connection:
            slot_upkeep.put_off(connection, [stage.state.id], at("23:00"))
        plan(stage.database, [stage.source()], planned_slot)
        with stage.database.read() as connection:
            assert due_at(connection, "pipellm") == START
