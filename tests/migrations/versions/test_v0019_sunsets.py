"""What was recorded before dates of retirement were events stays as it is, and is said from now."""

import importlib
from functools import partial

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text

from pricetrail.catalog.versions import VersionDraft
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import events, sunsets
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.verification.verify import verify
from tests.support import histories
from tests.support.histories import at, build, catalog, model, poll

# Its name is no word that an import could hold.
migration = importlib.import_module("pricetrail.migrations.versions.v0019_sunsets")
# As they were before it.
BEFORE = """
DROP TABLE sunset; ALTER TABLE source DROP COLUMN sunsets_from;
ALTER TABLE source DROP COLUMN remind_at
"""
NEAR, FAR = "2026-03-20", "2026-06-01"


@pytest.fixture
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Of s three versions by the program of before, in which a date came and moved; of t none."""
    opened = Database(database_url)
    old = [
        catalog(model("a"), model("gone", sunset_at=FAR)),
        catalog(model("a", sunset_at=FAR, display_name="New"), model("gone", sunset_at=FAR)),
        catalog(model("a", sunset_at=NEAR), model("b", sunset_at=FAR), model("c", sunset_at="-")),
    ]
    with monkeypatch.context() as patched:
        patched.setattr(histories, "VersionDraft", partial(VersionDraft, sunsets=False))
        build(opened, "s", [("10:00", old[0]), ("11:00", old[1]), ("12:00", old[2])])
    with opened.write() as connection:
        for statement in BEFORE.split(";"):
            connection.execute(text(statement))
        with Operations.context(MigrationContext.configure(connection)):
            migration.upgrade()
    return opened


def kinds(database: Database) -> list[tuple[int, str, str | None]]:
    with database.read() as connection:
        read = [event for _, event in events.read(connection, EventFilter())]
    return [(event.version, event.type, event.model) for event in read]


def test_old_versions_verify_and_new_ones_tell_of_dates_by_themselves(database: Database) -> None:
    old = [
        (2, "model.updated", "a"),
        (3, "model.added", "b"),
        (3, "model.added", "c"),
        (3, "model.removed", "gone"),
        (3, "model.updated", "a"),
    ]
    assert kinds(database) == old
    new = catalog(model("a", sunset_at=FAR), model("b", sunset_at=FAR), model("c", sunset_at="-"))
    poll(database, "s", "13:00", new)
    assert kinds(database) == [*old, (4, "model.sunset", "a")]
    with database.read() as connection:
        state = sources.choose(connection, "s")
        assert state.sunsets_from == 4
        assert verify(connection, state).ok
    database.close()


def test_that_an_old_event_is_of_another_type_is_found(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE source SET sunsets_from = 1"))
        found = verify(connection, sources.choose(connection, "s")).first_break
    assert (found and found.version, found and found.what) == (2, "events")
    database.close()


def test_the_dates_in_force_are_known_and_planned_from_the_last_poll_on(
    database: Database,
) -> None:
    with database.read() as connection:
        known = sunsets.upcoming(connection, at("10:00"))
        assert [(one.model, one.at) for one in known] == [("a", at(NEAR)), ("b", at(FAR))]
        # Of the nearer one thirty days before were over by then: seven is next.
        assert sources.choose(connection, "s").remind_at == at("2026-03-13")
    database.close()
