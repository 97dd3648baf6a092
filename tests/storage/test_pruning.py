"""Retention on both databases: what was asked for goes, every hash and every kept body stays."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, select, update

from pricetrail.catalog.errors import NotFoundError
from pricetrail.jobs import maintenance
from pricetrail.storage import pruning, source_removal
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.history.bodies import body_of
from pricetrail.storage.history.versions import SnapshotRow, snapshots
from pricetrail.storage.outbox.deliveries import NewDelivery, enqueue
from pricetrail.storage.pruning import prune_deliveries, prune_polls
from pricetrail.storage.sources import choose
from tests.conftest import Recording
from tests.support.histories import at, build, catalog, hourly, model, poll, tokens
from tests.support.pruned import prune_bodies

VERSIONS = 12
CATALOGS = [catalog(model("a", tokens(f"0.{n + 1}", "0.1"))) for n in range(VERSIONS)]


def twelve_versions(database: Database) -> None:
    build(database, "s", hourly("09:00", CATALOGS))


@pytest.fixture
def database(with_history: Callable[[Recording], str]) -> Iterator[Database]:
    """Versions 1 to 12, one an hour from 09:00 on."""
    found = Database(with_history(twelve_versions))
    yield found
    found.close()


def bodies(database: Database, first: int) -> list[bytes]:
    with database.read() as connection:
        source = choose(connection, "s").id
        return [body_of(connection, source, version) for version in range(first, VERSIONS + 1)]


def versions(database: Database) -> list[SnapshotRow]:
    with database.read() as connection:
        return snapshots(connection, choose(connection, "s").id)


def prune(database: Database, time: str) -> int:
    with database.write() as connection:
        return prune_bodies(connection, at(time))


@pytest.mark.parametrize("first_kept", range(1, VERSIONS + 1))
def test_bodies_go_up_to_the_version_then_in_force(database: Database, first_kept: int) -> None:
    kept, rows = bodies(database, first_kept), versions(database)
    in_force = at("09:00") + timedelta(hours=first_kept - 1, minutes=30)
    assert prune(database, in_force.isoformat()) == first_kept - 1
    assert bodies(database, first_kept) == kept
    assert versions(database) == rows
    if first_kept > 1:
        with pytest.raises(NotFoundError, match="its hash is kept"):
            bodies(database, first_kept - 1)


def test_pruning_step_by_step_ends_as_pruning_at_once(database: Database) -> None:
    kept = bodies(database, 8)
    assert [prune(database, time) for time in ("08:00", "12:30", "12:30", "16:30")] == [0, 3, 0, 4]
    assert bodies(database, 8) == kept


def test_polling_goes_on_after_every_body_but_the_latest_is_gone(database: Database) -> None:
    assert prune(database, "2027-01-01") == VERSIONS - 1
    served = b'{"object":"list","data":[],"total":0}'
    assert poll(database, "s", "22:00", served) == VERSIONS + 1
    assert bodies(database, VERSIONS + 1) == []
    with database.read() as connection:
        assert body_of(connection, choose(connection, "s").id, VERSIONS + 1) == served


def test_another_sources_bodies_are_judged_by_its_own_versions(database: Database) -> None:
    build(database, "other", [("09:00", CATALOGS[0])])
    assert prune(database, "2027-01-01") == VERSIONS - 1
    with database.read() as connection:
        assert b'"a"' in body_of(connection, choose(connection, "other").id, 1)


def test_polls_go_by_when_they_ended(database: Database) -> None:
    with database.write() as connection:
        assert prune_polls(connection, at("12:00")) == 3
        left = connection.execute(
            select(func.min(t.poll.c.finished_at, type_=t.poll.c.finished_at.type))
        )
        assert left.scalar_one() == at("12:00")


def test_only_messages_that_ended_go_and_their_attempts_with_them(database: Database) -> None:
    states = ("pending", "leased", "delivered", "dead", "cancelled")
    with database.write() as connection:
        enqueue(connection, [NewDelivery(f"old-{state}", "w", ()) for state in states], at("09:00"))
        enqueue(connection, [NewDelivery("new-delivered", "w", ())], at("11:00"))
        for name, number in connection.execute(select(t.delivery.c.id, t.delivery.c.number)).all():
            mine = t.delivery.c.number == number
            state = name.partition("-")[2]
            connection.execute(update(t.delivery).where(mine).values(state=state))
            connection.execute(t.attempt.insert().values(delivery_id=number, at=at("09:30")))
    with database.write() as connection:
        assert prune_deliveries(connection, at("10:00")) == 3
    with database.read() as connection:
        left = set(connection.execute(select(t.delivery.c.id)).scalars())
        attempts = connection.execute(select(func.count()).select_from(t.attempt)).scalar_one()
    assert left == {"old-pending", "old-leased", "new-delivered"}
    assert attempts == 3


def test_a_source_cannot_be_removed_while_it_is_pruned(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not between what is to be pruned was found, and it is."""
    database = Database(postgres_url)
    twelve_versions(database)

    def remove() -> None:
        with database.write() as connection:
            source_removal.remove(connection, choose(connection, "s"), at("23:00"))

    with ThreadPoolExecutor(1) as threads:
        removals: list[Future[None]] = []

        def slowly(connection: Connection, source_id: int, version: int) -> bytes:
            removals.append(threads.submit(remove))
            assert not wait(removals, timeout=0.5).done
            return body_of(connection, source_id, version)

        monkeypatch.setattr(f"{pruning.__name__}.body_of", slowly)
        assert maintenance.prune_bodies(database, at("20:30")) == VERSIONS - 1
        assert [one.result(20) for one in removals] == [None]
    database.close()
