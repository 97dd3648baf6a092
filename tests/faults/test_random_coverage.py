"""Random lives of one source: a copy covers the same times, and so does what is carried on."""

import contextlib
import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from pricetrail.catalog.errors import PricetrailError
from pricetrail.jobs.polls import reviewing
from pricetrail.jobs.polls.gateway import GatewayError
from pricetrail.storage.database import Database
from pricetrail.storage.polls import quarantine
from pricetrail.storage.polls.rewinding import ahead_of, rewind
from pricetrail.storage.sources import choose
from tests.jobs.stage import many, staged
from tests.storage.polls.test_coverage_moves import MINUTE, START, certainties, kept, live, moved
from tests.storage.polls.test_gap_calendars import CHEAP, DEAR, HOUR, carried
from tests.support.histories import at, build, failed, poll
from tests.support.volume import on_both, seeds

pytestmark = pytest.mark.slow


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


@on_both(5, thorough=12)
def test_every_time_is_as_certain_in_the_copy(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    end = live(database, "s", seed, 40, START)
    report = moved(database, "s", "copy")
    assert report.refused == report.already_there == 0
    assert kept(database, "copy") == kept(database, "s")
    length = (end - START) // timedelta(milliseconds=1) + 600_000
    moments = [START + timedelta(milliseconds=chance.randrange(length)) for _ in range(100)]
    assert certainties(database, "copy", moments) == certainties(database, "s", moments)


@on_both(2, thorough=4)
def test_the_copy_goes_on_as_the_original_would(database: Database, seed: int) -> None:
    end = live(database, "s", seed, 20, START)
    moved(database, "s", "copy")
    for source in ("s", "copy"):
        live(database, source, seed + 100, 10, end + MINUTE)
    assert kept(database, "copy")[-1] == kept(database, "s")[-1]
    assert [row[0] for row in kept(database, "copy")] == [row[0] for row in kept(database, "s")]


@on_both(2, thorough=6)
def test_the_same_import_again_changes_nothing_and_a_later_one_goes_on(
    database: Database, seed: int
) -> None:
    end = START
    for part in range(4):
        end = live(database, "s", 10 * seed + part, 8, end)
        moved(database, "s", "copy")
        assert kept(database, "copy") == kept(database, "s")
        before = kept(database, "copy")
        again = moved(database, "s", "copy")
        assert (again.versions, again.unchanged) == (0, 0)
        assert kept(database, "copy") == before


@pytest.mark.parametrize("seed", seeds(3, thorough=6))
def test_what_real_polls_recorded_moves_whole(sqlite_url: str, seed: int) -> None:
    """With catalogs set aside, got over, approved and rejected, slots missed and polls failed."""
    chance = random.Random(seed)
    gone = many(4)
    with staged(sqlite_url) as stage:
        for _ in range(40):
            after = chance.choice([15, 15, 15, 14.5, 16, 60])
            served = chance.choice([many(20), many(20, prompts={3: "0.000002"}), *[gone] * 3])
            error = GatewayError("503 from the gateway", retry=False)
            stage.poll(error if chance.random() < 0.15 else served, after=after)
            with stage.database.read() as connection:
                held = [one.id for one in quarantine.listed(connection) if one.state == "held"]
            if held and chance.random() < 0.2:
                decide = chance.choice([reviewing.approve, reviewing.reject])
                with contextlib.suppress(PricetrailError):
                    decide(stage.database, {}, {"pipellm": stage.source()}, held[0])
        report = moved(stage.database, "pipellm", "copy")
        assert report.refused == report.already_there == 0
        assert kept(stage.database, "copy") == kept(stage.database, "pipellm")
        stage.poll(many(20, prompts={5: "0.000001"}))
        moved(stage.database, "pipellm", "copy")
        assert kept(stage.database, "copy") == kept(stage.database, "pipellm")


@pytest.mark.parametrize("seed", seeds(4, 200))
def test_carried_on_it_has_the_same_gaps_whatever_clocks_do(sqlite_url: str, seed: int) -> None:
    chance, now = random.Random(seed), at("2026-03-01")
    database = Database(sqlite_url)
    build(database, "s", [(now, DEAR)])
    for _ in range(60):
        now += timedelta(minutes=chance.choice((15, 15, 60, 600)))
        ahead = now + chance.randint(2, 30) * HOUR
        dice = chance.random()
        if dice < 0.1:
            # The clock runs ahead for some polls, and is set right.
            for moment in (ahead, ahead + HOUR)[: chance.randint(1, 2)]:
                _poll_or_fail(database, moment, chance)
                carried(database)
            with database.write() as connection:
                source = choose(connection, None).id
                rewind(connection, source, ahead_of(connection, source, now), now)
        _poll_or_fail(database, now, chance)
        # Who asks seldom takes in several at once.
        if chance.random() < 0.6:
            carried(database)
    database.close()


def _poll_or_fail(database: Database, when: datetime, chance: random.Random) -> None:
    if chance.random() < 0.2:
        failed(database, "s", when)
    else:
        poll(database, "s", when, chance.choice((CHEAP, DEAR)), imported=chance.random() < 0.1)
