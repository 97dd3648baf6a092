"""What is asked of the outbox every second is found by an index, however many messages wait."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Select, event, text, update

from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import deliveries, delivery_counts, leases
from pricetrail.storage.outbox.deliveries import NewDelivery
from tests.support.histories import at

NOW = at("10:00")
ASKED = {"the_webhook": "w7", "most": 5, **leases._bounds(NOW)}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Messages wait for each of ten webhooks; as many again are dead."""
    found = Database(database_url)
    with found.write() as connection:
        owed = (NewDelivery(f"dlv_{n}", f"w{n % 10}", ("e",)) for n in range(4_000))
        deliveries.enqueue(connection, owed, NOW)
        dead = t.delivery.c.number % 20 < 10
        connection.execute(update(t.delivery).where(dead).values(state="dead"))
        connection.execute(text("ANALYZE"))
    yield found
    found.close()


def plan(connection: Connection, query: Select[Any]) -> str:
    """How the database goes about it."""
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"

    def asked_how(_c: object, _cursor: object, statement: str, given: Any, *_: object) -> Any:
        return f"{explain} {statement}", given

    event.listen(connection, "before_cursor_execute", asked_how, retval=True)
    result = connection.execute(query, ASKED)
    event.remove(connection, "before_cursor_execute", asked_how)
    assert result.cursor is not None
    return "\n".join(str(row[-1]) for row in result.cursor.fetchall())


@pytest.mark.parametrize("reason", range(len(leases._REASONS)))
def test_a_claim_in_any_order_reads_a_stretch_of_an_index(database: Database, reason: int) -> None:
    with database.read() as connection:
        found = plan(connection, leases._TAKE[leases._REASONS[reason]])
    assert "ix_delivery_due" in found
    assert "Sort" not in found
    assert "TEMP B-TREE" not in found


def test_a_claim_in_order_and_the_oldest_of_each_are_found_among_the_open_alone(
    database: Database,
) -> None:
    with database.read() as connection:
        for query in (leases._QUEUE, leases.oldest_open):
            found = plan(connection, query)
            assert "ix_delivery_open" in found
            assert "ix_delivery_undelivered" not in found
            assert "TEMP B-TREE" not in found


def test_the_oldest_of_each_webhook_is_found_once(database: Database) -> None:
    with database.read() as connection:
        rows = connection.execute(leases.oldest_open).all()
        assert [row.name for row in rows] == [f"w{n}" for n in range(10)]
        assert {row.created_at for row in rows} == {NOW}
        assert delivery_counts.oldest(connection) == {row.name: NOW for row in rows}


def test_nothing_is_found_in_an_empty_outbox(database_url: str) -> None:
    found = Database(database_url)
    with found.read() as connection:
        assert connection.execute(leases.oldest_open).all() == []
    found.close()
