"""Commits that wait for a standby; `tests/faults/test_standby.py` has some that do."""

from datetime import timedelta

from pricetrail.storage import standbys
from pricetrail.storage.database import Database


def test_without_a_standby_none_waits(database_url: str) -> None:
    database = Database(database_url)
    with database.read() as connection:
        assert standbys.waiting(connection) is None
        assert standbys.waiting(connection, timedelta(0)) is None
    database.close()
