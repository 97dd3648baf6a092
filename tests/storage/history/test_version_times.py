"""Which versions can lie in a stretch of time: none that does is left out, whatever the clocks."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, text

from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.errors import TamperedError
from pricetrail.storage.history import version_times
from pricetrail.storage.history.version_times import seen_between
from pricetrail.storage.remembered import Apart
from pricetrail.storage.schema import ensure
from tests.support import histories
from tests.support.histories import build, catalog, hourly, model
from tests.support.volume import examples

START = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES = st.lists(st.integers(0, 40), min_size=1, max_size=12)
EDGE = st.one_of(st.none(), st.integers(-1, 41))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database in which one history after the other takes the place of the one before."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('times') / 'x.db'}")
    ensure(database)
    with database.write() as connection:
        connection.execute(
            insert(t.source).values(id=1, name="s", created_at=START, head_hash=b"0" * 32)
        )
    yield database
    database.close()


def record(database: Database, minutes: Sequence[int]) -> None:
    """Versions that were first seen at these minutes, in place of those that are there."""
    chain = hashlib.sha256()
    rows = []
    for version, minute in enumerate(minutes, 1):
        chain.update(b"%d," % minute)
        hashes = dict.fromkeys(("catalog_root", "chain_hash", "body_hash"), chain.digest())
        counts = dict.fromkeys(
            ("models", "added", "removed", "repriced", "updated", "body_size"), 0
        )
        at = START + timedelta(minutes=minute)
        rows.append({"source_id": 1, "version": version, "not_after": at, **hashes, **counts})
    with database.write() as connection:
        connection.execute(delete(t.snapshot))
        connection.execute(insert(t.snapshot), rows)


def at(minute: int | None) -> datetime | None:
    return None if minute is None else START + timedelta(minutes=minute)


@settings(max_examples=examples(60))
@given(
    recorded=st.lists(MINUTES, min_size=1, max_size=3),
    block=st.integers(1, 5),
    since=EDGE,
    until=EDGE,
)
def test_no_version_of_the_time_is_left_out(
    scratch: Database,
    recorded: list[list[int]],
    block: int,
    since: int | None,
    until: int | None,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(version_times, "_BLOCKS", version_times._blocks(block))
        # What is known is of blocks of one size.
        patch.setattr(version_times, "_LAST", Apart(9))
        for minutes in recorded:
            # It grows, and then another takes its place.
            for size in sorted({1, len(minutes) // 2 or 1, len(minutes)}):
                record(scratch, minutes[:size])
                with scratch.read() as connection:
                    first, last = seen_between(connection, 1, at(since), at(until))
                wanted = [
                    version
                    for version, minute in enumerate(minutes[:size], 1)
                    if (since is None or minute >= since) and (until is None or minute < until)
                ]
                assert all(first <= version <= last for version in wanted)
                if block == 1 and minutes == sorted(minutes):
                    assert list(range(first, last + 1)) == wanted


def test_times_come_from_either_database(database_url: str) -> None:
    database = Database(database_url)
    build(database, "s", hourly("10:00", [catalog(model(f"m{n}")) for n in range(70)]))
    with database.read() as connection:
        source = sources.choose(connection, "s").id
        assert seen_between(connection, source, None, None) == (1, 70)
        assert seen_between(connection, source, histories.at("10:00"), None) == (1, 70)
        # The block from version 64 on began at 1:00 two days later.
        assert seen_between(connection, source, histories.at("2026-03-04T01:00:00Z"), None) == (
            64,
            70,
        )
        assert seen_between(connection, source, None, histories.at("2026-03-04")) == (1, 63)
        assert seen_between(connection, source, None, histories.at("09:00")) == (0, -1)
        assert seen_between(connection, source + 7, None, histories.at("2026-03-04")) == (0, -1)
    database.close()


def test_a_time_that_is_none_is_said(scratch: Database) -> None:
    record(scratch, [1, 2])
    with scratch.write() as connection:
        connection.execute(text("UPDATE snapshot SET not_after = 'noon' WHERE version = 2"))
    with scratch.read() as connection, pytest.raises(TamperedError, match="time"):
        seen_between(connection, 1, START, None)
