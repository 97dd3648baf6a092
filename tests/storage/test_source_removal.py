"""A source removed: what goes with it, what stays, and what is never given again."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from pricetrail.storage import source_removal, sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.history import events
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.outbox import deliveries, routes
from pricetrail.storage.outbox.deliveries import NewDelivery
from pricetrail.storage.outbox.routes import Route
from pricetrail.storage.source_removal import Holdings
from pricetrail.storage.verification.verify import verify
from tests.support.histories import at, build, catalog, failed, hourly, model, quarantined, tokens

NOW = at("20:00")
STEPS = [catalog(model("a", tokens(price, "1")), model("b")) for price in ("3", "2", "4")]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Two sources with the same changes; the second has failed polls and a quarantine besides."""
    opened = Database(database_url)
    build(opened, "s", hourly("10:00", STEPS))
    build(opened, "t", hourly("10:30", STEPS))
    failed(opened, "t", "14:00")
    quarantined(opened, "t", "15:00")
    yield opened
    opened.close()


def log(database: Database) -> dict[str, list[tuple[int, str]]]:
    found: dict[str, list[tuple[int, str]]] = {}
    with database.read() as connection:
        for number, event in events.read(connection, EventFilter()):
            found.setdefault(event.source, []).append((number, event.id))
    return found


def owe(database: Database, *messages: NewDelivery) -> None:
    with database.write() as connection:
        carried = [
            Route(one, message.webhook, routes.DELIVERY, message.id)
            for message in messages
            for one in message.event_ids
        ]
        routes.record(connection, carried, NOW)
        deliveries.enqueue(connection, messages, NOW)


def remove(database: Database, name: str) -> Holdings:
    with database.write() as connection:
        state = sources.choose(connection, name)
        found = source_removal.holdings(connection, state)
        source_removal.remove(connection, state, NOW)
    return found


def test_all_of_it_goes_and_nothing_of_the_others(database: Database) -> None:
    made = log(database)
    (_, first), (_, second), *_ = made["t"]
    ours = made["s"][0][1]
    owe(
        database,
        NewDelivery("alone", "w", (first,)),
        NewDelivery("undone", "w", (), ((first, second),)),
        NewDelivery("mixed", "w", (first, ours)),
        NewDelivery("other", "w", (ours,)),
    )
    gone = remove(database, "t")
    assert (gone.versions, gone.models, gone.events) == (3, 2, len(made["t"]))
    assert (gone.messages, gone.owed) == (2, 2)
    with database.read() as connection:
        assert [one.id for one in deliveries.deliveries(connection)] == ["mixed", "other"]
        assert routes.of_event(connection, first) == []
        assert len(routes.of_event(connection, ours)) == 1
        [known] = sources.states(connection)
        assert verify(connection, known).ok
        for table in t.metadata.sorted_tables:
            if "source_id" in table.c:
                assert set(connection.execute(select(table.c.source_id)).scalars()) <= {known.id}
        [stone] = connection.execute(select(t.removed_source))
        assert (stone.name, stone.head_version) == ("t", 3)
    assert log(database) == {"s": made["s"]}


def test_no_id_and_no_number_is_given_again(database: Database) -> None:
    made = log(database)
    with database.read() as connection:
        known = {one.id for one in sources.states(connection)}
        newest = connection.execute(select(func.max(t.event.c.number))).scalar_one()
    remove(database, "t")
    remove(database, "s")
    build(database, "t", hourly("10:30", STEPS))
    build(database, "u", hourly("10:30", STEPS))
    with database.read() as connection:
        assert not known & {one.id for one in sources.states(connection)}
    again = log(database)
    # The same history has the same ids; those who follow the log see it behind what they saw.
    assert [one for _, one in again["t"]] == [
        one for _, one in made["t"] if one in {name for _, name in again["t"]}
    ]
    assert min(number for number, _ in (*again["t"], *again["u"])) > newest
