"""The same half year, served by a gateway on a real socket and polled once per observation."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest

from pricetrail.catalog.events import Event
from pricetrail.demo.gateway import Gateway, Reply
from pricetrail.jobs.imports.importing import run
from pricetrail.jobs.imports.inputs import from_paths
from pricetrail.jobs.imports.observations import Observation
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.source import Source
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import events
from pricetrail.storage.schema import prepare
from pricetrail.storage.sources import SourceState

pytestmark = pytest.mark.slow

HISTORY = "openrouter-2026.jsonl.xz"


@pytest.fixture(scope="module")
def imported(
    tmp_path_factory: pytest.TempPathFactory, shared_data: Path
) -> tuple[SourceState, list[Event]]:
    """The history as an import makes it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('replay') / 'imported.db'}"
    prepare(url)
    database = Database(url)
    run(database, "pipellm", observations(shared_data))
    found = state(database), log(database)
    database.close()
    return found


def observations(shared_data: Path) -> Iterator[Observation]:
    for item in from_paths([shared_data / HISTORY]).read(lambda _: None):
        assert isinstance(item, Observation)
        yield item


def state(database: Database) -> SourceState:
    with database.read() as connection:
        return sources.choose(connection, "pipellm")


def log(database: Database) -> list[Event]:
    with database.read() as connection:
        return [event for _, event in events.read(connection, events.EventFilter())]


def test_polling_the_history_makes_the_events_of_its_import_with_the_same_ids(
    database_url: str, shared_data: Path, imported: tuple[SourceState, list[Event]]
) -> None:
    # On a server the first months will do: the rest of the code does not know which it is.
    most = 941 if database_url.startswith("sqlite") else 250
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    database = Database(database_url, clock=lambda: clock[0])
    with Gateway() as gateway:
        source = Source(
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
        poller = Poller(database, {})
        versions = 0
        for observation in islice(observations(shared_data), most):
            clock[0] = observation.observed_at
            gateway.reply = Reply(observation.body)
            result = poller.poll(source)
            versions += result.outcome == "changed"
            assert (result.version, result.error) == (versions, None)
    before, expected = imported
    found = log(database)
    expected = [event for event in expected if event.version <= versions]
    assert [event.id for event in found] == [event.id for event in expected]
    assert found == expected
    if most == 941:
        # Three of them differ from the one before by the noise of binary floats alone.
        assert (gateway.requests, versions) == (941, 938)
        # The chain's head covers every body, time and catalog on the way.
        assert state(database).head_hash == before.head_hash
    database.close()
