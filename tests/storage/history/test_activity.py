"""Days are those of UTC on both databases; `tests/queries/test_activity.py` asks for more."""

from collections.abc import Iterator

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.history.activity import DayRow, days
from tests.support.histories import at, build, catalog, model


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def test_the_versions_of_a_day_are_one_row(database: Database) -> None:
    first, second = catalog(model("m")), catalog(model("m"), model("n"), model("o"))
    polls = [("2026-03-01", first), ("2026-03-01T23:59:59.999Z", second)]
    build(database, "s", [*polls, ("2026-03-02T00:00:00Z", catalog(model("n")))])
    with database.read() as connection:
        found = list(days(connection, ["s", "other"], at("2026-03-01"), at("2026-03-03")))
        assert list(days(connection, ["s"], at("2026-02-01"), at("2026-02-28"))) == []
        assert list(days(connection, ["other"], at("2026-03-01"), at("2026-03-03"))) == []
    assert found == [
        DayRow("s", at("2026-03-01"), added=2, removed=0, repriced=0, updated=0),
        DayRow("s", at("2026-03-02"), added=0, removed=2, repriced=0, updated=0),
    ]
