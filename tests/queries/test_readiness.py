"""Whether the database can be used, and whether every source is polled."""

from datetime import timedelta

from sqlalchemy import text

from pricetrail.queries.readiness import ask
from pricetrail.storage import schema, sources
from pricetrail.storage.database import Database
from tests.queries.documents import document
from tests.support.histories import at

NOW = at("10:00")


def test_a_source_that_is_overdue_counts_where_sources_are_asked_for(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.write() as transaction:
        for name, minutes in (("late", -1), ("in time", 1)):
            state = sources.open_source(transaction, name, NOW)
            sources.remember_schedules(
                transaction, {state.id: ("[]", NOW + timedelta(minutes=minutes))}
            )
    needed = {"schema": schema.HEAD, "needed": schema.HEAD}
    with database.read() as transaction:
        assert document(ask(transaction, NOW)) == {"ready": True, **needed}
        asked = ask(transaction, NOW, sources=True)
        assert document(asked) == {
            "ready": False,
            **needed,
            "overdue": ["late"],
            "overdue_total": 1,
        }
        earlier = NOW - timedelta(minutes=2)
        assert document(ask(transaction, earlier, sources=True))["ready"] is True
    database.close()


def test_another_schema_is_not_ready(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.write() as transaction:
        transaction.execute(text("UPDATE alembic_version SET version_num = '9123'"))
    with database.read() as transaction:
        found = ask(transaction, NOW, sources=True)
    assert document(found) == {"ready": False, "schema": "9123", "needed": schema.HEAD}
    database.close()


def test_an_empty_database_is_not_ready() -> None:
    database = Database("sqlite:///empty.db")
    with database.read() as transaction:
        assert ask(transaction, NOW).ready is False
    database.close()
