"""Encrypted secrets in the database: found in both tables, written anew all or none."""

from collections.abc import Iterator

import pytest
from sqlalchemy import insert

from pricetrail.storage import kept_secrets, kept_sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.kept_sources import Kept


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    with opened.write() as connection:
        kept = [Kept("a", '{"k":"sealed:1"}'), Kept("b", '{"k":"env:B"}')]
        kept_sources.add(connection, kept, opened.now())
        connection.execute(insert(t.webhook).values(name="w", settings='{"k":["sealed:1"]}'))
    yield opened
    opened.close()


def test_those_of_sources_and_webhooks_are_written_anew(database: Database) -> None:
    told = []

    def anew(whose: str, settings: str) -> str:
        told.append(whose)
        return settings.replace("sealed:1", "sealed:2")

    with database.write() as connection:
        assert kept_secrets.rewrite(connection, "sealed:", anew) == 2
        assert kept_secrets.rewrite(connection, "sealed:", anew) == 0
        assert kept_sources.settings(connection) == {"a": '{"k":"sealed:2"}', "b": '{"k":"env:B"}'}
    assert told == ["source a", "webhook w"] * 2
