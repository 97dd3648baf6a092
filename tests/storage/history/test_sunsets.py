"""The dates of the models in force, kept as versions move them."""

from collections.abc import Iterator

import pytest

from pricetrail.catalog.times import rfc3339
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import sunsets
from tests.support.histories import at, build, catalog, model, poll


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def upcoming(database: Database, since: str, **more: int) -> list[tuple[str, str, str]]:
    with database.read() as connection:
        found = sunsets.upcoming(connection, at(since), **more)
    return [(one.source, one.model, rfc3339(one.at)[:10]) for one in found]


def planned(database: Database, source: str = "s") -> str | None:
    """When a source's dates are to be said again."""
    with database.read() as connection:
        again = sources.choose(connection, source).remind_at
    return None if again is None else rfc3339(again)[:10]


def test_dates_come_move_and_go_with_the_documents(database: Database) -> None:
    build(database, "s", [("10:00", catalog(model("a"), model("b", sunset_at="2026-06-01")))])
    build(database, "t", [("10:00", catalog(model("a", sunset_at="2026-04-10")))])
    both = [("t", "a", "2026-04-10"), ("s", "b", "2026-06-01")]
    assert upcoming(database, "10:00") == both
    assert (planned(database), planned(database, "t")) == ("2026-05-02", "2026-03-11")
    poll(database, "s", "11:00", catalog(model("a", sunset_at="2026-04-05"), model("b")))
    assert upcoming(database, "10:00") == [("s", "a", "2026-04-05"), ("t", "a", "2026-04-10")]
    assert planned(database) == "2026-03-06"
    assert upcoming(database, "2026-04-06") == [("t", "a", "2026-04-10")]
    assert upcoming(database, "10:00", limit=1) == [("s", "a", "2026-04-05")]
    poll(database, "s", "12:00", catalog(model("b")))
    assert upcoming(database, "10:00") == [("t", "a", "2026-04-10")]
    assert planned(database) is None


def test_what_is_due_is_put_off_to_the_next_reminder(database: Database) -> None:
    dated = catalog(model("a", sunset_at="2026-06-01"), model("b", sunset_at="2026-06-02"))
    build(database, "s", [("10:00", dated)])
    now = at("2026-05-02T12:00:00Z")
    with database.write() as connection:
        source = sources.choose(connection, "s").id
        [one] = sunsets.due(connection, source, now)
        assert one.model == "a"
        assert sunsets.documents(connection, source, [one])["a"]["sunset_at"] == "2026-06-01"
        sunsets.postpone(connection, source, [one], now)
        assert sunsets.due(connection, source, now) == []
    assert planned(database) == "2026-05-03"
    with database.write() as connection:
        # Its clock was ahead: what was planned by it is planned anew.
        sunsets.start_anew(connection, source, at("2026-05-01"))
    assert planned(database) == "2026-05-02"


def test_a_removed_source_leaves_no_dates(database: Database) -> None:
    build(database, "s", [("10:00", catalog(model("a", sunset_at="2026-06-01")))])
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM source")
    assert upcoming(database, "10:00") == []
