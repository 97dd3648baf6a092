"""Servers that end and come back with what they had, and a standby that takes over."""

import signal

import psycopg
import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.errors import StorageError
from pricetrail.storage.schema import current, prepare
from tests.support import clusters
from tests.support.clusters import FAST, IMMEDIATE
from tests.support.postgres import Postgres

pytestmark = pytest.mark.slow


def test_a_server_that_was_ended_has_what_it_had(postgres_server: Postgres) -> None:
    with clusters.alone(postgres_server.binaries) as server:
        server.ask("CREATE TABLE kept (number integer)")
        for how in (FAST, IMMEDIATE):
            server.ask("INSERT INTO kept VALUES (1)")
            server.end(how)
            with pytest.raises(psycopg.OperationalError):
                server.connect()
            server.start()
        assert server.ask("SELECT count(*) FROM kept") == 2
    assert not server.folder.exists()


def test_a_standby_refuses_writes_until_it_takes_over(postgres_server: Postgres) -> None:
    with clusters.pair(postgres_server.binaries, synchronous=True) as (primary, standby):
        primary.ask("CREATE DATABASE prices")
        prepare(primary.url("prices"))
        database = Database(standby.url("prices"))
        with pytest.raises(StorageError, match="name the primary"), database.write():
            pass
        primary.end(signal.SIGKILL)
        standby.promote()
        with database.write() as connection:
            assert connection.dialect.name == "postgresql"
        assert current(database) is not None
        database.close()
        both = Database(clusters.url_of_both(primary, standby, "prices"))
        assert current(both) == current(database)
        both.close()
        database.close()
