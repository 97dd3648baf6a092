"""Catalogs that are worked out once."""

from datetime import timedelta

from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.polls import rewinding
from pricetrail.web.tables.catalogs import ListedCatalog, catalog_of, is_settled
from tests.support.histories import at, catalog, model, poll
from tests.web.market import NOW, market


def _new(found: ListedCatalog) -> list[bool]:
    return [row.model.is_new(found.moment) for row in found.rows]


def test_a_version_is_worked_out_once_an_hour(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    market(database)
    with database.read() as transaction:
        first = catalog_of(transaction, None, None, NOW)
        assert catalog_of(transaction, "shop", None, NOW + timedelta(minutes=59)) is first
        assert catalog_of(transaction, None, NOW, NOW) is first
        later = catalog_of(transaction, None, None, NOW + timedelta(days=7))
        assert _new(first) != _new(later)
        past = catalog_of(transaction, None, at("2026-02-01T00:00:00Z"), NOW)
        assert (past.snapshot.version, len(past.rows)) == (1, 4)
    poll(database, "shop", NOW, catalog(model("alone")))
    with database.read() as transaction:
        (row,) = catalog_of(transaction, None, None, NOW).rows
        assert row.model.id == "alone"
        assert catalog_of(transaction, None, NOW - timedelta(hours=1), NOW).rows != (row,)
        assert is_settled(transaction, None, at("2026-03-09T09:59:59Z"))
        assert not is_settled(transaction, None, NOW)
    database.close()


def test_the_window_of_a_version_is_no_instant_too_short(sqlite_url: str) -> None:
    """A version that came within the hour is as of its own time, not the hour's beginning."""
    database = Database(sqlite_url)
    poll(database, "s", "10:00", catalog(model("a")))
    poll(database, "s", "10:20", catalog(model("a"), model("b")))
    with database.read() as transaction:
        found = catalog_of(transaction, None, at("10:21"), at("10:30"))
        assert _new(found) == [False, True]
        assert found.moment.at == at("10:20")
    database.close()


def test_a_version_that_a_clock_ahead_has_dated_is_as_of_the_time_that_was_asked(
    sqlite_url: str,
) -> None:
    database = Database(sqlite_url)
    poll(database, "s", "10:00", catalog(model("a")))
    poll(database, "s", "14:00", catalog(model("a"), model("b")))
    set_back = at("11:00")
    with database.write() as transaction:
        source = sources.choose(transaction, "s").id
        ahead = rewinding.ahead_of(transaction, source, set_back)
        rewinding.rewind(transaction, source, ahead, set_back)
    poll(database, "s", set_back, catalog(model("a"), model("b")))
    with database.read() as transaction:
        for asked in (at("11:10"), at("13:50"), at("14:10")):
            listed = catalog_of(transaction, "s", asked, at("15:00"))
            assert listed.snapshot.version == 2
            assert listed.moment.at == min(asked, at("14:00"))
    database.close()
