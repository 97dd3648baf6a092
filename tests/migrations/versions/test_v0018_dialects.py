"""Units of conditions that older versions did not know are brought up to date."""

import importlib

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text

from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.verification.verify import verify
from tests.support.histories import build, catalog, model, tokens

# Its name is no word that an import could hold.
migration = importlib.import_module("pricetrail.migrations.versions.v0018_dialects")
# Paths as a version before it wrote them, and their units by now.
PATHS = {
    "/pricing/tiers/over_128k/text/prompt": "USD/token",
    "/pricing/tiers/over_200k/text/prompt": "USD/token",
    "/pricing/tiers/batch/cache/read": "USD/token",
    "/pricing/tiers/flex/generation/image/per_image": "USD/image",
    "/pricing/tiers/utc_1630_0030/generation/video/per_second": "USD/second",
    "/pricing/tiers/over_128k/odd": "USD",
    "/pricing/bands/0/rate": "USD",
    "/pricing/text/prompt": "USD/token",
    "/pricing/text/completion": "USD/token",
}
BEFORE = """
ALTER TABLE source DROP COLUMN dialect; ALTER TABLE source DROP COLUMN keep;
ALTER TABLE snapshot DROP COLUMN dialect; ALTER TABLE snapshot DROP COLUMN keep;
UPDATE path SET unit = 'USD' WHERE path LIKE '/pricing/tiers/%' AND path NOT LIKE '%over_200k%'
"""


@pytest.fixture
def database(database_url: str) -> Database:
    database = Database(database_url)
    dear = {"text": {"prompt": "3"}, "odd": "1"}
    tiers = {
        "over_128k": dear,
        "over_200k": {"text": {"prompt": "4"}},
        "batch": {"cache": {"read": "0.1"}},
        "flex": {"generation": {"image": {"per_image": "0.04"}}},
        "utc_1630_0030": {"generation": {"video": {"per_second": "0.5"}}},
    }
    priced = tokens("1", "2", tiers=tiers, bands=[{"rate": "5"}])
    build(database, "s", [("10:00", catalog(model("a", priced)))])
    with database.write() as connection:
        for statement in BEFORE.split(";"):
            connection.execute(text(statement))
    return database


def test_stored_units_are_what_they_are_by_now_and_the_history_verifies(
    database: Database,
) -> None:
    with database.write() as connection:
        before = {row.path: row.unit for row in connection.execute(text("SELECT * FROM path"))}
        assert before["/pricing/tiers/over_128k/text/prompt"] == "USD"
        with Operations.context(MigrationContext.configure(connection)):
            migration.upgrade()
        after = {row.path: row.unit for row in connection.execute(text("SELECT * FROM path"))}
        assert after == PATHS
        state = sources.choose(connection, "s")
        assert (state.dialect, state.keep) == (None, None)
        assert verify(connection, state).first_break is None
        connection.execute(text("UPDATE path SET unit = 'USD' WHERE path LIKE '%over_128k/text%'"))
        found = verify(connection, state).first_break
        assert found is not None
        assert found.what == "prices"
    database.close()
