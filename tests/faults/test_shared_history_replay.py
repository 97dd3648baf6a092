"""The same half year, served by a gateway on a real socket and polled once per observation."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pricetrail.catalog.events import Event
from pricetrail.demo.gateway import Gateway, Reply
from pricetrail.jobs.imports.observations import Observation
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.source import Source
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import events, versions
from pricetrail.storage.history.versions import SnapshotRow
from tests.acceptance.conftest import Imported
from tests.support.volume import size

pytestmark = pytest.mark.slow

# The first months: polls compare two catalogs at a time, and the import has seen all the others.
# Of the three that differ from the one before by the noise of binary floats alone, one is there.
MOST = {"sqlite": size(200, thorough=941), "postgresql": size(60, thorough=941)}


def log(database: Database) -> list[Event]:
    with database.read() as connection:
        return [event for _, event in events.read(connection, events.EventFilter())]


def chain(database: Database) -> list[SnapshotRow]:
    with database.read() as connection:
        return versions.snapshots(connection, sources.choose(connection, "pipellm").id)


def source(gateway: Gateway) -> Source:
    return Source(
        name="pipellm",
        url=gateway.url,
        api_key=gateway.key,
        # An import takes history as it is: here the guards are told to do so, too.
        max_removed_percent=Decimal(100),
        max_repriced_percent=Decimal(100),
        max_price_ratio=Decimal(10**12),
        # The clock here goes by the history, that of the gateway does not.
        check_date=False,
    )


def test_polling_the_history_makes_the_events_of_its_import_with_the_same_ids(
    database_url: str, real_history: list[Observation], real_import: Imported
) -> None:
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    database = Database(database_url, clock=lambda: clock[0])
    polled = real_history[: MOST[database.engine.dialect.name]]
    with Gateway() as gateway:
        poller = Poller(database, {})
        number = 0
        for observation in polled:
            clock[0] = observation.observed_at
            gateway.reply = Reply(observation.body)
            result = poller.poll(source(gateway))
            number += result.outcome == "changed"
            assert (result.version, result.error) == (number, None)
    assert gateway.requests == len(polled)
    assert len(polled) - 3 <= number < len(polled)
    imported = Database(real_import.url)
    found, expected = log(database), [one for one in log(imported) if one.version <= number]
    assert [event.id for event in found] == [event.id for event in expected]
    assert found == expected
    # The chain's hashes cover every body, time and catalog on the way.
    there = [one.hash for one in chain(imported)]
    assert [one.hash for one in chain(database)] == there[:number]
    if len(polled) == len(real_history):
        assert (len(polled), number) == (941, len(there))
    database.close()
    imported.close()
