import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.polls import coverage
from pricetrail.storage.polls.certainty import BRACKETED, GAP, IMPORTED_WHY, OBSERVED, Certainty
from pricetrail.storage.sources import choose
from tests.support.histories import at, build, catalog, failed, hourly, model, poll, quarantined
from tests.support.histories import tokens as priced

CHEAP, DEAR = catalog(model("a", priced("0.000001", "0.000002"))), catalog(model("a"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, clock=lambda: at("23:00"))
    yield opened
    opened.close()


def around(database: Database, when: datetime | str) -> Certainty | None:
    moment = at(when) if isinstance(when, str) else when
    with database.read() as connection:
        return coverage.around(connection, choose(connection, None).id, moment)


def certainty(database: Database, when: str) -> str:
    found = around(database, when)
    assert found is not None
    return found.certainty


def test_polls_that_agree_cover_the_time_between_them(database: Database) -> None:
    build(database, "s", hourly("09:00", [DEAR, DEAR, DEAR]))
    found = around(database, "10:30")
    assert found is not None
    assert (found.certainty, found.since, found.until) == (OBSERVED, at("09:00"), at("11:00"))
    assert certainty(database, "09:00") == OBSERVED
    assert certainty(database, "11:00") == OBSERVED


def test_nothing_is_known_before_the_first_poll(database: Database) -> None:
    build(database, "s", hourly("09:00", [DEAR]))
    assert around(database, "08:59") is None


def test_polls_that_differ_bracket_the_change(database: Database) -> None:
    build(database, "s", hourly("09:00", [DEAR, DEAR, CHEAP]))
    found = around(database, "10:30")
    assert found is not None
    assert found.after is not None
    assert found.certainty == BRACKETED
    assert (found.before.at, found.before.version) == (at("10:00"), 1)
    assert (found.after.at, found.after.version) == (at("11:00"), 2)
    assert certainty(database, "10:00") == OBSERVED
    assert certainty(database, "11:00") == OBSERVED


@pytest.mark.parametrize("bad", [failed, quarantined])
@pytest.mark.parametrize("later", [DEAR, CHEAP], ids=["agrees", "differs"])
def test_a_bad_poll_between_makes_a_gap(database: Database, bad: object, later: dict) -> None:  # type: ignore[type-arg]  # a catalog
    build(database, "s", hourly("09:00", [DEAR]))
    bad(database, "s", "10:00", "it was bad")  # type: ignore[operator]  # a function
    build(database, "s", hourly("11:00", [later]))
    for when in ("09:30", "10:00", "10:30"):
        found = around(database, when)
        assert found is not None
        assert found.after is not None
        assert (found.certainty, found.why) == (GAP, "it was bad")
        assert (found.before.at, found.after.at) == (at("09:00"), at("11:00"))
    assert certainty(database, "11:00") == OBSERVED


def test_a_missed_schedule_makes_a_gap(database: Database) -> None:
    pause = timedelta(minutes=90)
    build(database, "s", hourly("09:00", [DEAR, DEAR]), longest_pause=pause)
    build(database, "s", hourly("13:00", [DEAR, DEAR]), longest_pause=pause)
    assert [certainty(database, when) for when in ("09:30", "11:00", "13:30")] == [
        OBSERVED,
        GAP,
        OBSERVED,
    ]
    assert certainty(database, "10:00") == OBSERVED


def test_after_the_last_good_poll_is_a_gap_without_another_side(database: Database) -> None:
    build(database, "s", hourly("09:00", [DEAR, None]))
    found = around(database, "09:30")
    assert found is not None
    assert (found.certainty, found.after) == (GAP, None)
    assert found.before.at == at("09:00")


def test_imports_cover_points_only(database: Database) -> None:
    build(database, "s", hourly("09:00", [DEAR, DEAR, CHEAP]), imported=True)
    expected = {
        "09:00": OBSERVED,
        "09:30": GAP,
        "10:00": OBSERVED,
        "10:30": GAP,
        "11:00": OBSERVED,
        "11:30": GAP,
    }
    assert {when: certainty(database, when) for when in expected} == expected
    imported = around(database, "10:30")
    assert imported is not None
    assert imported.why == IMPORTED_WHY


def test_the_time_of_a_slow_poll_itself_is_not_claimed_for_the_new_state(
    database: Database,
) -> None:
    build(database, "s", hourly("09:00", [DEAR]))
    poll(database, "s", "10:00", CHEAP, took=timedelta(minutes=1))
    assert certainty(database, "10:00") == BRACKETED
    found = around(database, "10:01")
    assert found is not None
    assert (found.certainty, found.before.version) == (OBSERVED, 2)


def test_memory_and_database_agree_at_every_instant(database: Database) -> None:
    choices = random.Random(7)
    kinds = [DEAR, DEAR, DEAR, CHEAP, None, "imported", "missed"]
    when = at("09:00")
    for _ in range(60):
        kind = choices.choice(kinds)
        when += timedelta(minutes=choices.choice([1, 1, 5]))
        if kind == "missed":
            poll(database, "s", when, DEAR, longest_pause=timedelta(seconds=30))
        elif kind == "imported":
            poll(database, "s", when, choices.choice([DEAR, CHEAP]), imported=True)
        else:
            build(database, "s", [(when, kind)])  # type: ignore[list-item]  # two kinds
    with database.read() as connection:
        source = choose(connection, None).id
        known = coverage.calendar(connection, source)
        for seconds in range(-60, int((when - at("09:00")).total_seconds()) + 60, 15):
            moment = at("09:00") + timedelta(seconds=seconds)
            for instant in (moment, moment + timedelta(milliseconds=1)):
                assert known.around(instant) == coverage.around(connection, source, instant)


def test_sources_do_not_mix(database: Database) -> None:
    build(database, "one", hourly("09:00", [DEAR, DEAR, DEAR]))
    failed(database, "two", "10:00")
    build(database, "two", hourly("10:30", [DEAR]))
    with database.read() as connection:
        one = coverage.around(connection, choose(connection, "one").id, at("10:30"))
    assert one is not None
    assert one.certainty == OBSERVED
