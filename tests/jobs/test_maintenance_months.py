"""Retention on Postgres: months go whole where all of one is old, and by row where it is not."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update

from pricetrail.jobs import maintenance
from pricetrail.jobs.maintenance import Pruned, Upkeep
from pricetrail.storage import partitions
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.errors import DatabaseUnavailableError
from pricetrail.storage.outbox.deliveries import NewDelivery, enqueue
from pricetrail.storage.polls import poll_counts
from tests.support.histories import at, build, catalog, model

NOW = at("2026-04-20T12:00:00Z")
MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    """A poll and a message's attempt on the 10th and the 20th of each month."""
    found = Database(postgres_url, clock=lambda: NOW)
    for month in MONTHS:
        partitions.make_ahead(found, at(f"{month}-01"))
    days = [at(f"{month}-{day}T08:00:00Z") for month in MONTHS for day in (10, 20)]
    build(found, "s", [(day, catalog(model("a"))) for day in days])
    with found.write() as connection:
        for day in days:
            enqueue(connection, [NewDelivery(f"of {day:%m-%d}", "w", ())], day)
        connection.execute(update(t.delivery).values(state="delivered"))
        rows = connection.execute(select(t.delivery.c.number, t.delivery.c.created_at)).all()
        for number, day in rows:
            connection.execute(t.attempt.insert().values(delivery_id=number, at=day))
    yield found
    found.close()


def kept(database: Database, parted: partitions.Parted) -> dict[str, int]:
    """How many rows there are by partition."""
    query = select(func.cast(text("tableoid::regclass"), t.source.c.name.type), func.count())
    query = query.select_from(parted.table).group_by(text("tableoid"))
    with database.read() as connection:
        return {str(name): number for name, number in connection.execute(query)}


def open_again(database: Database, name: str) -> None:
    with database.write() as connection:
        mine = t.delivery.c.id == name
        connection.execute(update(t.delivery).where(mine).values(state="pending"))


def test_whole_months_are_dropped_and_the_rest_of_one_is_deleted(database: Database) -> None:
    with database.read() as connection:
        before = poll_counts.counts(connection, NOW)
    # Up to the 15th of March.
    assert maintenance.prune(database, polls=timedelta(days=36, hours=12)) == Pruned(polls=5)
    assert kept(database, partitions.POLL) == {"poll_y2026m03": 1, "poll_y2026m04": 2}
    with database.read() as connection:
        assert poll_counts.counts(connection, NOW) == before
        assert partitions.before(database, partitions.POLL, at("2026-03-01")) == []


def test_messages_go_with_the_months_of_their_attempts(database: Database) -> None:
    pruned = maintenance.prune(database, deliveries=timedelta(days=36, hours=12))
    assert pruned == Pruned(deliveries=5)
    assert kept(database, partitions.ATTEMPT) == {"attempt_y2026m03": 1, "attempt_y2026m04": 2}
    assert kept(database, partitions.POLL)["poll_y2026m01"] == 2


def test_the_month_of_a_message_that_waits_stays_until_it_is_sent(database: Database) -> None:
    open_again(database, "of 02-10")
    pruned = maintenance.prune(database, deliveries=timedelta(days=36, hours=12))
    assert pruned == Pruned(deliveries=4)
    assert kept(database, partitions.ATTEMPT)["attempt_y2026m02"] == 1
    with database.write() as connection:
        connection.execute(update(t.delivery).values(state="delivered"))
    maintenance.prune(database, deliveries=timedelta(days=36, hours=12))
    assert "attempt_y2026m02" not in kept(database, partitions.ATTEMPT)


def test_what_somebody_reads_for_long_is_told_and_dropped_another_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "_TRIES", 2)
    monkeypatch.setattr(maintenance, "_PAUSE", 0.0)
    dump = Database(database.url)
    with dump.read() as connection:
        connection.execute(select(t.poll.c.id)).all()
        with pytest.raises(DatabaseUnavailableError, match="try again later"):
            maintenance.prune(database, polls=timedelta(days=60))
    dump.close()
    assert maintenance.prune(database, polls=timedelta(days=60)) == Pruned(polls=3)


def test_who_may_drop_nothing_deletes_the_rows(database: Database) -> None:
    with database.write() as connection:
        for statement in (
            "DROP ROLE IF EXISTS cleaner",
            "CREATE ROLE cleaner LOGIN",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO cleaner",
        ):
            connection.execute(text(statement))
    theirs = Database(database.url.replace("postgres@", "cleaner@"), clock=lambda: NOW)
    assert maintenance.prune(theirs, polls=timedelta(days=60)) == Pruned(polls=3)
    theirs.close()
    with database.write() as connection:
        connection.execute(text("DROP OWNED BY cleaner"))
        connection.execute(text("DROP ROLE cleaner"))
    assert kept(database, partitions.POLL)["poll_y2026m02"] == 1


def test_a_service_makes_months_as_time_goes_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[datetime] = []
    answers = iter([False, True, True])

    def make_ahead(_database: Database, now: datetime) -> bool:
        looked.append(now)
        return next(answers)

    monkeypatch.setattr(partitions, "make_ahead", make_ahead)
    seconds = [0.0]
    upkeep = Upkeep(database, clock=lambda: seconds[0])
    counts = []
    # Soon again where something was in the way, and else by the hour.
    for second in (0, 59, 61, 3600, 3662):
        seconds[0] = float(second)
        upkeep.look()
        counts.append(len(looked))
    assert counts == [1, 1, 2, 2, 3]
