"""What there was before counts were kept is counted once, as far as it is there."""

import importlib

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text

from pricetrail.storage.database import Database
from pricetrail.storage.history import event_counts
from pricetrail.storage.outbox import delivery_counts
from pricetrail.storage.polls import poll_counts
from tests.support.histories import at, build, catalog, failed, model

# Its name is no word that an import could hold.
migration = importlib.import_module("pricetrail.migrations.versions.v0012_counts")
DELIVERIES = """
INSERT INTO delivery (number, id, webhook, event_ids, state, created_at, next_at)
SELECT {number}, 'd{number}', 'w', '[]', '{state}', good_at, good_at FROM source
"""
# As they were before it.
BEFORE = """
DROP INDEX ix_delivery_undelivered; DROP TABLE event_count;
ALTER TABLE webhook DROP COLUMN delivered; ALTER TABLE source DROP COLUMN overdue_at;
ALTER TABLE source DROP COLUMN polls_changed; ALTER TABLE source DROP COLUMN polls_unchanged;
ALTER TABLE source DROP COLUMN polls_failed; ALTER TABLE source DROP COLUMN polls_quarantined
"""


def test_what_is_there_is_counted(database_url: str) -> None:
    database = Database(database_url)
    one, two = catalog(model("a")), catalog(model("a"), model("b"))
    build(database, "s", [("10:00", one), ("11:00", two), ("12:00", two), ("13:00", None)])
    failed(database, "s", "14:00")
    with database.write() as connection:
        counted = poll_counts.counts(connection, at("15:00"))
        events = event_counts.counts(connection)
        for number, state in enumerate(("delivered", "delivered", "dead"), 1):
            connection.execute(text(DELIVERIES.format(number=number, state=state)))
        for statement in BEFORE.split(";"):
            connection.execute(text(statement))
        with Operations.context(MigrationContext.configure(connection)):
            migration.upgrade()
        assert poll_counts.counts(connection, at("15:00")) == counted
        assert counted[0].polls == {"changed": 2, "unchanged": 1, "failed": 2, "quarantined": 0}
        assert event_counts.counts(connection) == events == {1: {"model.added": 1}}
        assert delivery_counts.counts(connection) == {"w": {"delivered": 2, "dead": 1}}
    database.close()
