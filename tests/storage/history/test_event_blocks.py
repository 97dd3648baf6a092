"""The first events in order of time are the same, however little of the log is read for them."""

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event

from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import event_blocks, event_lanes
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.sources import choose
from tests.support.histories import at, build, catalog, failed, model, poll, poll_within, tokens


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_blocks, "_SIZE", 4)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def moving(database: Database, source: str, days: range) -> None:
    """A poll a day, each of which finds another price; an import, whatever was recorded before."""
    listed = [catalog(model("m", tokens(f"0.0{day:02}", "1")), model("n")) for day in days]
    times = [f"2026-03-{day:02}" for day in days]
    build(database, source, list(zip(times, listed, strict=True)), imported=True)


def require_right(transaction: Transaction, chance: random.Random) -> None:
    """Pages of any size, of any span and from any place, are parts of the whole."""
    since, until = (at(f"2026-03-{chance.randint(1, 28):02}") for _ in range(2))
    for wanted in (EventFilter(), EventFilter(since=since), EventFilter(until=until)):
        whole = list(event_lanes.between(transaction, wanted, {}))
        end = event_lanes.position(transaction)
        for limit in (1, 3, 50):
            some = replace(wanted, limit=limit)
            assert list(event_lanes.between(transaction, some, {}, end)) == whole[:limit]
            if whole:
                index = chance.randrange(len(whole))
                rest = event_lanes.between(transaction, some, {}, end, behind=whole[index])
                assert list(rest) == whole[index + 1 : index + 1 + limit]


@pytest.mark.parametrize("most_parts", [1, 16])
def test_pages_are_the_whole_whatever_came_late(
    database: Database, monkeypatch: pytest.MonkeyPatch, most_parts: int
) -> None:
    monkeypatch.setattr(event_blocks, "_MOST_PARTS", most_parts)
    chance = random.Random(most_parts)
    for number, days in enumerate([range(9, 15), range(1, 8), range(12, 28), range(3, 5)]):
        moving(database, f"s{number}", days)
        failed(database, f"s{number}", f"2026-03-{days.stop:02}")
        with database.read() as transaction:
            require_right(transaction, chance)


def test_of_a_long_log_little_is_read(sqlite_url: str) -> None:
    database, parts = Database(sqlite_url), []
    moving(database, "s", range(1, 29))
    with database.read() as transaction:
        whole = list(event_lanes.between(transaction, EventFilter(), {}))
        assert len(whole) > 25
        event_lanes.position(transaction)
        event_blocks.blocks(transaction)

        @event.listens_for(database.engine, "after_cursor_execute")
        def note(*args: object) -> None:
            statement, parameters = args[2], args[3]
            if isinstance(statement, str) and "BETWEEN" in statement:
                assert isinstance(parameters, tuple)
                parts.append(parameters)

        some = EventFilter(limit=2)
        assert list(event_lanes.between(transaction, some, {}, behind=whole[9])) == whole[10:12]
        # The blocks that reach the place, and the last one, which grows.
        assert 1 <= len(parts) <= 3
        parts.clear()
        newest = event_lanes.position(transaction)
        assert list(event_lanes.between(transaction, some, newest)) == []
        assert len(parts) == 1
    database.close()


def test_another_log_in_the_place_of_this_one_is_looked_at_anew(
    sqlite_url: str, tmp_path: Path
) -> None:
    path, backup = Path(sqlite_url.removeprefix("sqlite:///")), tmp_path / "backup.db"
    database, other = Database(sqlite_url), Database(f"sqlite:///{backup}")
    shutil.copy(path, backup)
    moving(database, "late", range(10, 20))
    moving(other, "early", range(1, 8))
    moving(other, "late", range(9, 12))
    other.close()
    for _ in range(2):
        with database.read() as transaction:
            for seed in range(5):
                require_right(transaction, random.Random(seed))
        database.close()
        if backup.exists():
            backup.replace(path)


def test_who_commits_late_with_lower_numbers_is_not_passed_over(postgres_url: str) -> None:
    database = Database(postgres_url)
    moving(database, "a", range(9, 12))
    moving(database, "b", range(1, 3))
    with database.write() as writing:
        poll_within(writing, "a", "2026-03-12", catalog(model("m"), model("x"), model("y")))
        moving(database, "b", range(3, 12))
        with database.read() as transaction:
            event_blocks.blocks(transaction)
    poll(database, "a", "2026-03-13", catalog(model("m")))
    with database.read() as transaction:
        lane = 2 * choose(transaction, "a").id
        late = EventFilter(since=at("2026-03-12"), until=at("2026-03-13"), limit=100)
        assert [row.lane for row in event_lanes.between(transaction, late, {})] == [lane] * 4
        require_right(transaction, random.Random(5))
    database.close()
