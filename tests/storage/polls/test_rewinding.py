"""What a clock that had been ahead leaves behind: told as what it is, proven where it can be."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete

from pricetrail.catalog.evidence import check
from pricetrail.catalog.strict_json import dumps, loads
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.queries import price
from pricetrail.queries.coverage import ask as coverage_of
from pricetrail.queries.proofs import bundle
from pricetrail.queries.revisions import version_of
from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.errors import UnprovenError
from pricetrail.storage.polls.outcomes import CLOCK_WHY
from pricetrail.storage.polls.rewinding import ahead_of, rewind
from pricetrail.storage.verification.verify import verify
from tests.jobs.stage import START, Stage, listing, model, staged
from tests.storage.polls.test_coverage_moves import moved
from tests.support.histories import at, build, catalog

CHEAP, DEAR = listing(model("a", "0.000001")), listing(model("a", "0.000003"))
NEW = listing(model("a", "0.000002"))
AHEAD = START + timedelta(hours=3)


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url) as made:
        yield made


def poll(stage: Stage, now: datetime, catalog: object, *, dated: bool = True) -> None:
    stage.now = now
    served = Answer(200, json.dumps(catalog).encode(), None, date=now if dated else None)
    stage.poll(served, after=0)


def quarter(number: int) -> datetime:
    return START + timedelta(minutes=15 * number)


def problems(stage: Stage, at: datetime | None, name: str = "pipellm") -> list[str]:
    with stage.database.read() as connection:
        source = sources.choose(connection, name)
        return check(loads(dumps(bundle(connection, source, "a", at)))).problems


def answers(stage: Stage, name: str = "pipellm") -> list[tuple[str, int]]:
    """Every five minutes: how certain the price is, and of which version."""
    found = []
    with stage.database.read() as connection:
        for minutes in range(0, 300, 5):
            answer = price.ask(connection, name, "a", START + timedelta(minutes=minutes))
            found.append((answer.certainty, answer.before.version))
    return found


@pytest.fixture
def mended(stage: Stage) -> Stage:
    """At 10:15 the clock jumps to 13:00, where it makes versions; at 10:30 it is set back."""
    poll(stage, START, CHEAP)
    poll(stage, AHEAD - timedelta(minutes=1), NEW, dated=False)
    poll(stage, AHEAD, DEAR, dated=False)
    for number in range(2, 14):
        poll(stage, quarter(number), CHEAP)
    return stage


def test_the_whole_gap_is_the_clocks_though_slots_seemed_to_be_missed(mended: Stage) -> None:
    with mended.database.read() as connection:
        found = coverage_of(connection, mended.state.name, mended.now)
    assert [(gap.since, gap.until, gap.why) for gap in found.gaps] == [
        (START, quarter(2), CLOCK_WHY)
    ]


def test_a_price_is_proven_again_once_the_chains_own_times_have_come(mended: Stage) -> None:
    for moment in (None, AHEAD, AHEAD + timedelta(minutes=5), AHEAD + timedelta(days=1)):
        assert problems(mended, moment) == []


@pytest.mark.parametrize("at", [quarter(1), quarter(2), quarter(5)])
def test_what_the_chain_dates_later_is_not_proven_before(mended: Stage, at: datetime) -> None:
    with pytest.raises(UnprovenError, match=r"dates version . to 2026-03-01T1\S*Z, when a clock"):
        problems(mended, at)


def test_the_catalog_of_a_time_is_the_one_whose_prices_are_told(mended: Stage) -> None:
    with mended.database.read() as connection:
        source = mended.state
        versions = [
            version_of(connection, source, START + timedelta(minutes=minutes))
            for minutes in range(0, 300, 5)
        ]
    assert versions == [version for _, version in answers(mended)]
    assert versions[6] == 4  # at 10:30


def test_moved_to_another_database_it_is_mended(mended: Stage) -> None:
    """The same answers by a chain with the right times, so that they are proven too."""
    done = moved(mended.database, "pipellm", "copy")
    assert (done.refusals, done.versions) == ([], 4)
    assert answers(mended, "copy") == answers(mended)
    for moment in (quarter(2), quarter(5), None):
        assert problems(mended, moment, "copy") == []
    with mended.database.read() as connection:
        assert verify(connection, sources.choose(connection, "copy")).first_break is None


@pytest.fixture
def straddling(sqlite_url: str) -> Iterator[Database]:
    """One stretch of polls that agree, of which a clock that is set back to 10:20 knows a part."""
    database = Database(sqlite_url)
    same = catalog(model("a"))
    build(database, "s", [(time, same) for time in ("10:00", "10:15", "10:30", "10:45")])
    yield database
    database.close()


def rewound(database: Database, now: str, until: str) -> tuple[datetime | None, datetime | None]:
    """Until when polls had seen something, and what the source says of it once it is mended."""
    with database.write() as connection:
        source = sources.choose(connection, "s").id
        ahead = ahead_of(connection, source, at(now))
        rewind(connection, source, ahead, at(until))
    with database.read() as connection:
        state = sources.choose(connection, "s")
    assert state.good_at == state.good_started_at
    return ahead.seen_until, state.good_at


def test_of_a_stretch_the_last_poll_by_now_still_counts(straddling: Database) -> None:
    assert rewound(straddling, "10:20", "10:25") == (at("10:15"), at("10:15"))
    with straddling.read() as connection:
        found = coverage_of(connection, "s", at("10:25"))
    assert [(gap.since, gap.until) for gap in found.gaps] == [(at("10:15"), at("10:25"))]


def test_of_pruned_polls_the_first_of_the_stretch_is_known_alone(straddling: Database) -> None:
    with straddling.write() as connection:
        connection.execute(delete(t.poll))
    assert rewound(straddling, "10:20", "10:25") == (at("10:00"), at("10:00"))


def test_a_source_that_nobody_has_seen_by_now_was_seen_now(straddling: Database) -> None:
    assert rewound(straddling, "09:00", "09:05") == (None, at("09:00"))


@pytest.mark.parametrize("now", ["10:45", "11:00"])
def test_what_was_seen_by_now_stays_as_it_was(straddling: Database, now: str) -> None:
    with straddling.write() as connection:
        connection.execute(delete(t.poll))
    assert rewound(straddling, now, "11:05") == (at("10:45"), at("10:45"))
