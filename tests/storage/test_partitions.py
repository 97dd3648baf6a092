"""Months on Postgres: made ahead beside writers, found by their rows, dropped whole."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, func, select, text, update

from pricetrail.storage import partitions, sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.errors import DatabaseUnavailableError, StorageError
from pricetrail.storage.partitions import ATTEMPT, POLL
from pricetrail.storage.schema import ensure
from tests.support.histories import at, build, catalog, model

FAR = at("2056-11-15T10:00:00Z")


def three_months(database: Database) -> None:
    times = ("2026-01-31T23:50:00Z", "2026-02-10T10:00:00Z", "2026-03-01T00:00:00Z")
    build(database, "s", [(one, catalog(model("a"))) for one in times])


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    found = Database(postgres_url)
    three_months(found)
    yield found
    found.close()


def lie_in(database: Database) -> dict[str, list[datetime]]:
    """When the polls began, by the partition that each lies in."""
    found: dict[str, list[datetime]] = {}
    where = text("SELECT tableoid::regclass::text, started_at FROM poll ORDER BY started_at")
    with database.read() as connection:
        for name, began in connection.execute(where):
            found.setdefault(name, []).append(began)
    return found


def ids(database: Database) -> list[tuple[int, datetime]]:
    with database.read() as connection:
        query = select(t.poll.c.id, t.poll.c.started_at).order_by(t.poll.c.id)
        return [(row.id, row.started_at) for row in connection.execute(query)]


def partition_names(database: Database, table: str) -> list[str]:
    query = text(
        "SELECT relname FROM pg_class JOIN pg_inherits ON inhrelid = oid"
        " WHERE inhparent = CAST(:table AS regclass) AND relkind = 'r' ORDER BY relname"
    )
    with database.read() as connection:
        return list(connection.execute(query, {"table": table}).scalars())


def make(database: Database, *moments: str) -> list[bool]:
    return [partitions.make_ahead(database, at(moment)) for moment in moments]


def test_this_month_and_the_next_are_made_once_and_for_both_tables(database: Database) -> None:
    before = {name: set(partition_names(database, name)) for name in ("poll", "attempt")}
    assert make(database, "2031-12-31T23:59:59Z", "2031-12-31T23:59:59Z") == [True, True]
    for name, known in before.items():
        new = set(partition_names(database, name)) - known
        assert new == {f"{name}_y2031m12", f"{name}_y2032m01"}


def test_a_new_database_has_the_months_that_it_needs_and_opening_one_makes_them(
    database: Database,
) -> None:
    month = partitions.month_of(database.now())
    needed = {POLL.partition(month), POLL.partition(partitions.following(month))}
    assert needed < set(partition_names(database, "poll"))
    with database.write() as connection:
        connection.execute(text(f"DROP TABLE {POLL.partition(month)}"))
    ensure(database)
    assert needed < set(partition_names(database, "poll"))


def test_rows_of_no_month_are_kept_and_move_once_there_is_one(database: Database) -> None:
    known = ids(database)
    assert list(lie_in(database)) == ["poll_default"]
    assert make(database, "2026-02-20") == [True]
    found = lie_in(database)
    assert {name: len(polls) for name, polls in found.items()} == {
        "poll_default": 1,
        "poll_y2026m02": 1,
        "poll_y2026m03": 1,
    }
    # The last millisecond of a month and the first of the next.
    assert found["poll_default"] == [at("2026-01-31T23:50:00Z")]
    assert ids(database) == known


def test_a_poll_thirty_years_ahead_is_recorded_and_one_of_today_after_it(
    database: Database,
) -> None:
    build(database, "ahead", [(FAR, catalog(model("a")))])
    assert lie_in(database)["poll_default"][-1] == FAR
    assert partitions.make_ahead(database, FAR)
    assert lie_in(database)["poll_y2056m11"] == [FAR]
    build(database, "back", [("2026-03-02", catalog(model("a")))])
    assert at("2026-03-02") in lie_in(database)["poll_default"]
    assert partitions.make_ahead(database, at("9999-12-31T10:00:00Z"))  # no month is beyond it


def test_replicas_that_make_a_month_at_once_make_one(database: Database) -> None:
    others = [Database(database.url) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        made = threads.map(lambda one: partitions.make_ahead(one, at("2030-06-01")), others)
        assert list(made).count(True) >= 1
    for one in others:
        one.close()
    assert partitions.make_ahead(database, at("2030-06-01"))
    assert {"poll_y2030m06", "poll_y2030m07"} < set(partition_names(database, "poll"))


@contextmanager
def in_hand(database: Database) -> Iterator[Connection]:
    """A poll that is being written, or a dump that goes on: whoever wants the tables must wait."""
    with database.write() as connection:
        sources.lock(connection, sources.choose(connection, "s").id)
        connection.execute(update(t.source).values(polls=t.source.c.polls))
        connection.execute(select(t.poll.c.id)).all()
        yield connection


def test_whoever_holds_the_tables_is_not_disturbed_and_the_month_is_made_later(
    database: Database,
) -> None:
    other = Database(database.url)
    with in_hand(other) as connection:
        assert make(database, "2026-02-20") == [False]
        connection.execute(select(t.poll.c.id)).all()
    assert make(database, "2026-02-20") == [True]
    other.close()


def test_a_month_is_made_beside_a_poll_that_is_being_written(database: Database) -> None:
    """Its rows go to partitions that are there: only what it refers to waits."""
    other = Database(database.url)
    make(database, "2026-03-01")
    began = at("2026-03-05")
    row = {"started_at": began, "finished_at": began, "outcome": "failed", "version": 1}
    with other.write() as connection:
        connection.execute(t.poll.insert().values(source_id=1, **row))
        assert make(database, "2027-01-01") == [True]
    assert began in lie_in(database)["poll_y2026m03"]
    other.close()


def test_a_role_that_may_make_nothing_goes_on_without(database: Database) -> None:
    with _as_role(database, "SELECT, INSERT, UPDATE, DELETE") as theirs:
        assert make(theirs, "2026-02-20") == [False]
        build(theirs, "s", [("2026-03-02", catalog(model("a"), model("b")))])
    assert at("2026-03-02") in lie_in(database)["poll_default"]


def test_who_may_read_a_table_may_read_the_months_that_are_made_later(database: Database) -> None:
    with _as_role(database, "SELECT") as theirs:
        make(database, "2026-02-20")
        assert len(ids(theirs)) == 3


@contextmanager
def _as_role(database: Database, rights: str) -> Iterator[Database]:
    with database.write() as connection:
        connection.execute(text("DROP ROLE IF EXISTS somebody"))
        connection.execute(text("CREATE ROLE somebody LOGIN"))
        connection.execute(text(f"GRANT {rights} ON ALL TABLES IN SCHEMA public TO somebody"))
        connection.execute(
            text("GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO somebody")
        )
    theirs = Database(database.url.replace("postgres@", "somebody@"))
    try:
        yield theirs
    finally:
        theirs.close()
    with database.write() as connection:
        connection.execute(text("DROP OWNED BY somebody"))
        connection.execute(text("DROP ROLE somebody"))


def test_months_that_ended_are_found_oldest_first(database: Database) -> None:
    make(database, "2026-01-01", "2026-02-01")
    for moment, found in {
        "2026-03-01T00:00:00Z": ["poll_y2026m01", "poll_y2026m02"],
        "2026-02-28T23:59:59Z": ["poll_y2026m01"],
        "2026-01-31": [],
    }.items():
        assert partitions.before(database, POLL, at(moment)) == found


def test_a_month_is_dropped_with_its_rows_and_no_other(database: Database) -> None:
    make(database, "2026-01-01", "2026-02-01")
    assert partitions.drop(database, POLL, "poll_y2026m01") == 1
    assert list(lie_in(database)) == ["poll_y2026m02", "poll_y2026m03"]
    assert "poll_y2026m01" not in partition_names(database, "poll")
    assert partitions.drop(database, POLL, "poll_y2026m02", lambda *_: False) is None
    assert list(lie_in(database)) == ["poll_y2026m02", "poll_y2026m03"]


def test_a_month_that_somebody_reads_is_not_waited_for(database: Database) -> None:
    make(database, "2026-01-01")
    other = Database(database.url)
    with in_hand(other), pytest.raises(DatabaseUnavailableError, match="try again later"):
        partitions.drop(database, POLL, "poll_y2026m01")
    assert "poll_y2026m01" in lie_in(database)
    other.close()


def test_a_role_that_may_drop_nothing_is_told_so(database: Database) -> None:
    make(database, "2026-01-01")
    with _as_role(database, "SELECT, DELETE") as theirs, pytest.raises(StorageError) as refusal:
        partitions.drop(theirs, POLL, "poll_y2026m01")
    assert type(refusal.value) is StorageError


def test_a_question_about_a_month_looks_at_no_other(database: Database) -> None:
    make(database, "2026-01-01", "2026-02-01", "2026-04-01")
    with database.read() as connection:
        query = text(
            "EXPLAIN SELECT id FROM poll WHERE source_id = 1 AND slot = '2026-03-01 00:00+00'"
            " AND started_at >= '2026-02-28 00:00+00'"
        )
        plan = "\n".join(connection.execute(query).scalars())
    assert "poll_y2026m03" in plan
    assert "poll_y2026m01" not in plan


def test_on_sqlite_there_is_nothing_to_do(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    assert partitions.make_ahead(database, FAR)
    assert partitions.before(database, ATTEMPT, FAR) == []
    database.close()


def test_a_source_takes_its_polls_of_every_month_with_it(database: Database) -> None:
    make(database, "2026-01-01", "2026-02-01")
    with database.write() as connection:
        connection.execute(text("DELETE FROM coverage"))
        connection.execute(text("DELETE FROM event"))
        connection.execute(text("DELETE FROM source"))
        assert connection.execute(select(func.count()).select_from(t.poll)).scalar_one() == 0


def test_an_instant_lies_in_the_month_of_utc() -> None:
    assert partitions.month_of(at("2026-03-01T00:30:00Z") - timedelta(hours=1)) == at("2026-02-01")
    assert partitions.month_of(datetime.fromisoformat("2026-03-01T01:00:00+02:00")) == at(
        "2026-02-01"
    )
    assert partitions.following(at("2026-12-01")) == at("2027-01-01")
