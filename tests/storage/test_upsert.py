"""Two transactions meet the same thing for the first time: both go on, and nothing is there twice.

Real transactions, side by side on Postgres; one after the other on SQLite, where there is one
writer at a time.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from pricetrail.storage import sources, usage
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import models, snapshots
from pricetrail.storage.outbox import deliveries, leases, routes, webhooks
from pricetrail.storage.outbox.deliveries import NewDelivery
from pricetrail.storage.outbox.routes import Route
from pricetrail.storage.upsert import insert_or_skip, upsert
from pricetrail.storage.usage import UsageFile
from tests.support.histories import at

NOW, LATER = at("10:00"), at("11:00")
LEASED = NOW + timedelta(seconds=90)
Work = Callable[[Transaction], Any]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    with found.write() as connection:
        sources.open_source(connection, "known", NOW)
    yield found
    found.close()


def side_by_side(database: Database, *works: Work) -> list[Any]:
    """Do each work in a transaction of its own, begun before any of them does anything.

    On SQLite the second one cannot even begin: it waits for the first to end.
    """
    both = threading.Barrier(len(works))
    at_once = database.engine.dialect.name == "postgresql"

    def do(work: Work) -> Any:
        with database.write() as connection:
            connection.execute(select(func.count()).select_from(t.source))
            if at_once:
                both.wait(20)
            return work(connection)

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(do, works))


def rows(database: Database, table: Any) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def of_source(table: Any, **values: Any) -> Work:
    return lambda connection: insert_or_skip(connection, table, [{"source_id": 1, **values}])


ROUTE = Route("evt_" + "0" * 40, "w", "filtered", None)

# One line each: what, where its row is, and what makes it.
FIRST_TIMES: dict[str, tuple[Any, Work]] = {
    "a failure": (t.webhook, lambda c: webhooks.failed(c, "w", NOW)),
    "a pause": (t.webhook, lambda c: webhooks.disable(c, "w", "410", NOW)),
    "a digest": (t.webhook, lambda c: webhooks.plan_digest(c, "w", NOW)),
    "a message": (
        t.delivery,
        lambda c: deliveries.enqueue(c, [NewDelivery("d", "w", ("e",))], NOW),
    ),
    "a route": (t.routing, lambda c: routes.record(c, [ROUTE], NOW)),
    "a model": (t.model, lambda c: models.known(c, 1, ["m"], {})),
    "a path": (t.path, lambda c: snapshots._path_ids(c, {"/pricing/text/prompt"})),
    "a kind": (t.schema_seen, of_source(t.schema_seen, item="token", version=1)),
    "a file": (t.usage_file, lambda c: usage.add(c, UsageFile(b"f" * 32, "u.csv", 1), {}, NOW)),
}


@pytest.mark.parametrize("what", FIRST_TIMES)
def test_a_first_time_that_two_meet_at_once(database: Database, what: str) -> None:
    table, work = FIRST_TIMES[what]
    side_by_side(database, work, work)
    assert rows(database, table) == 1


def test_a_source_that_two_open_at_once_is_one(database: Database) -> None:
    opened = side_by_side(
        database, *[lambda c: sources.open_source(c, "new", NOW).id for _ in range(2)]
    )
    assert opened[0] == opened[1]


def test_of_two_that_pause_a_webhook_one_tells_of_it(database: Database) -> None:
    paused = side_by_side(
        database, *[lambda c: webhooks.disable(c, "w", "410", NOW) for _ in range(2)]
    )
    assert sorted(paused) == [False, True]
    resumed = side_by_side(database, *[lambda c: webhooks.enable(c, "w") for _ in range(2)])
    assert sorted(resumed) == [False, True]


def test_both_know_since_when_a_webhook_fails(database: Database) -> None:
    since = side_by_side(
        database,
        lambda c: webhooks.failed(c, "w", NOW),
        lambda c: webhooks.failed(c, "w", NOW + timedelta(seconds=1)),
    )
    assert since[0] == since[1]


def test_of_two_that_owe_the_same_message_one_does(database: Database) -> None:
    message = NewDelivery("d", "w", ("e",))
    made = side_by_side(
        database, *[lambda c: deliveries.enqueue(c, [message], NOW) for _ in range(2)]
    )
    assert sorted(made) == [0, 1]


def test_usage_of_two_files_adds_up(database: Database) -> None:
    def add(name: bytes, quantity: str) -> Work:
        quantities = {("m", "2026-03-01", "/pricing/text/prompt"): Decimal(quantity)}
        return lambda c: usage.add(c, UsageFile(name * 32, "u.csv", 1), quantities, NOW)

    assert side_by_side(database, add(b"a", "0.1"), add(b"b", "0.2")) == [True, True]
    with database.read() as connection:
        assert connection.execute(select(t.usage.c.quantity)).scalar_one() == Decimal("0.3")


@pytest.mark.parametrize("ordered", [True, False])
def test_of_two_that_claim_the_same_messages_none_overtakes(
    database: Database, ordered: bool
) -> None:
    with database.write() as connection:
        deliveries.enqueue(connection, [NewDelivery(f"d{n}", "w", ("e",)) for n in range(6)], NOW)

    def claim(token: str) -> Work:
        return lambda c: leases.claim(
            c, "w", ordered=ordered, token=token, now=NOW, lease_until=LEASED, most=3
        )

    taken = side_by_side(database, claim("a"), claim("b"))
    ids = [[one.id for one in found] for found in taken]
    if ordered:
        assert sorted(ids) == [[], ["d0", "d1", "d2"]]
    else:
        assert len({one for found in ids for one in found}) == sum(map(len, ids)) >= 3


def test_an_event_that_comes_while_its_digest_goes_out_gets_the_next_one(
    database: Database,
) -> None:
    with database.write() as connection:
        webhooks.plan_digest(connection, "w", NOW)
    sending, gathered = threading.Event(), threading.Event()

    def send(connection: Transaction) -> None:
        assert webhooks.digests_due(connection, NOW) == ["w"]
        sending.set()
        # On Postgres the other one is at work meanwhile, and waits for this row.
        gathered.wait(0.3)
        webhooks.digest_sent(connection, "w")

    def gather(connection: Transaction) -> None:
        assert sending.wait(20)
        webhooks.plan_digest(connection, "w", LATER)
        gathered.set()

    if database.engine.dialect.name == "postgresql":
        side_by_side(database, send, gather)
    else:
        for work in (send, gather):
            with database.write() as connection:
                work(connection)
    with database.read() as connection:
        assert webhooks.state(connection, "w").digest_at == LATER


def test_a_row_that_is_there_is_skipped_and_counted_out(database: Database) -> None:
    names = [{"source_id": 1, "name": name} for name in ("a", "b")]
    with database.write() as connection:
        assert insert_or_skip(connection, t.model, []) == 0
        assert insert_or_skip(connection, t.model, names[:1]) == 1
        assert insert_or_skip(connection, t.model, names) == 1
        found = connection.execute(select(t.model.c.name).order_by("name")).scalars()
        assert list(found) == ["a", "b"]


def test_an_upsert_changes_the_row_with_its_key_and_no_other(database: Database) -> None:
    with database.write() as connection:
        for name, why in (("v", "1"), ("w", "2"), ("w", "3")):
            upsert(connection, t.webhook, {"name": name, "why": why})
        kept = {"why": t.webhook.c.why}
        upsert(connection, t.webhook, {"name": "v", "why": "4"}, kept)
        query = select(t.webhook.c.name, t.webhook.c.why).order_by("name")
        found = [(row.name, row.why) for row in connection.execute(query)]
    assert found == [("v", "1"), ("w", "3")]
