"""The ignored fields of a version: as they were when it was made, and damage said to be damage."""

import pytest
from sqlalchemy import update

from pricetrail.catalog.ignored import NOTHING, parse
from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.errors import TamperedError
from pricetrail.storage.history.ignored import ignored_at, stored_ignored
from tests.support.histories import build, catalog, hourly, model


def test_each_version_has_its_own(database_url: str) -> None:
    database = Database(database_url)
    build(database, "s", hourly("09:00", [catalog(model("a", note=n)) for n in range(3)]))
    with database.write() as connection:
        second = t.snapshot.c.version == 2
        connection.execute(update(t.snapshot).where(second).values(ignored='["/note","/x*"]'))
        source = sources.choose(connection, "s").id
        found = [ignored_at(connection, source, version) for version in (1, 2, 3)]
    assert found == [NOTHING, parse(["/note", "/x*"]), NOTHING]
    database.close()


@pytest.mark.parametrize("stored", ["", "{}", "[1]", '["note"]', '["/a", null]', "null", "["])
def test_what_names_no_fields_is_damage(stored: str) -> None:
    with pytest.raises(TamperedError, match="the database is damaged"):
        stored_ignored(stored)
