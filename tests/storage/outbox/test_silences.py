"""Silences: in force until their time or their removal, and removed once."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import silences
from tests.support.histories import at

NOW = at("10:00")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def test_a_silence_is_in_force_until_its_time_or_its_removal(database: Database) -> None:
    with database.write() as connection:
        one = silences.add(connection, "gpt-*", at("11:00"), "known", NOW)
        two = silences.add(connection, "claude-*", at("12:00"), "asked", NOW)
        assert [each.id for each in silences.listed(connection, NOW)] == [one, two]
        assert [each.id for each in silences.listed(connection, at("11:00"))] == [two]
        silences.remove(connection, one, at("10:30"))
        assert [each.id for each in silences.listed(connection, NOW)] == [two]
        everything = silences.listed(connection)
    assert [(silence.glob, silence.reason) for silence in everything] == [
        ("gpt-*", "known"),
        ("claude-*", "asked"),
    ]
    assert [silence.removed_at for silence in everything] == [at("10:30"), None]


def test_a_silence_is_removed_once(database: Database) -> None:
    with database.write() as connection:
        number = silences.add(connection, "*", NOW + timedelta(days=1), "", NOW)
        silences.remove(connection, number, NOW)
        missing = "no silence 99: see `pricetrail silence list --all`"
        removed = f"silence {number} was removed already, at 2026-03-01T10:00:00Z"
        for unknown, why in {number: removed, 99: missing}.items():
            with pytest.raises(NotFoundError) as caught:
                silences.remove(connection, unknown, at("10:30"))
            assert str(caught.value) == why
        assert silences.get(connection, number).removed_at == NOW
        assert silences.find(connection, 99) is None
        with pytest.raises(NotFoundError) as caught:
            silences.get(connection, 99)
        assert str(caught.value) == missing


def test_a_silence_of_a_clock_far_ahead_is_not_in_force(database: Database) -> None:
    with database.write() as connection:
        for ahead in (timedelta(days=1), timedelta(days=1, milliseconds=1)):
            silences.add(connection, str(ahead), NOW + timedelta(days=9), "known", NOW + ahead)
        assert [each.glob for each in silences.listed(connection, NOW)] == ["1 day, 0:00:00"]
