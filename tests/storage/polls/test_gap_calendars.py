"""Every gap, and hardly anything else; and the same as it is carried on."""

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from pricetrail.queries.coverage import Gap, gaps_of
from pricetrail.storage.database import Database
from pricetrail.storage.polls import coverage
from pricetrail.storage.polls.gap_calendars import gap_calendar
from pricetrail.storage.polls.rewinding import ahead_of, rewind
from pricetrail.storage.sources import choose
from tests.support.histories import at, build, catalog, failed, hourly, model, poll, quarantined
from tests.support.histories import tokens as priced

CHEAP, DEAR = catalog(model("a", priced("0.000001", "0.000002"))), catalog(model("a"))
HOUR = timedelta(hours=1)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, clock=lambda: at("23:00"))
    yield opened
    opened.close()


def carried(database: Database) -> list[Gap]:
    """The gaps by what is known of them, held against those of all there is."""
    with database.read() as connection:
        source = choose(connection, None)
        whole = coverage.calendar(connection, source.id)
        known = gap_calendar(connection, source)
        since, until = at("2026-02-28"), at("2026-05-01")
        found = gaps_of(known, since, until)
        assert found == gaps_of(whole, since, until)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_calendar_of_gaps_has_every_gap(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    for n in range(30):
        when, dice = at("2026-03-01") + timedelta(hours=n), chance.random()
        if dice < 0.2:
            failed(database, "s", when)
        elif dice < 0.3:
            quarantined(database, "s", when)
        else:
            poll(
                database, "s", when, chance.choice([CHEAP, DEAR]), imported=seed == 3 or dice < 0.4
            )
    with database.read() as connection:
        source = choose(connection, None)
        whole = coverage.calendar(connection, source.id)
        gaps = gap_calendar(connection, source)
    assert len(gaps.spans) < len(whole.spans) or seed == 3
    since, until = at("2026-02-28"), at("2026-03-04")
    assert gaps_of(gaps, since, until) == gaps_of(whole, since, until)


def test_a_gap_that_was_pulled_back_behind_what_is_known(database: Database) -> None:
    """It reaches over polls that came after it, and its row is none of the last."""
    poll(database, "s", "10:00", DEAR)
    for now, until in (("10:15", "13:00"), ("10:45", "10:45")):
        with database.write() as connection:
            source = choose(connection, None).id
            rewind(connection, source, ahead_of(connection, source, at(now)), at(until))
        poll(database, "s", at(now) + timedelta(minutes=15), CHEAP)
        carried(database)


def test_a_calendar_that_is_carried_on_for_years_stays_small(database: Database) -> None:
    build(database, "s", hourly("00:00", [DEAR, None, DEAR]))
    for number in range(3, 40):
        poll(database, "s", at("2026-03-01") + number * HOUR, CHEAP if number % 2 else DEAR)
        carried(database)
    with database.read() as connection:
        assert len(gap_calendar(connection, choose(connection, None)).spans) < 30


def test_a_source_that_is_made_anew_has_its_own_gaps(database: Database) -> None:
    build(database, "s", hourly("00:00", [DEAR, None, DEAR]))
    assert len(carried(database)) > 1
    with database.write() as connection:
        connection.execute(text("DELETE FROM source"))
    build(database, "s", hourly("00:00", [DEAR, DEAR, CHEAP, DEAR]))
    carried(database)
