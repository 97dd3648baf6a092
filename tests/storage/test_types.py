"""Columns keep times, amounts and ids exactly, and SQLite's text sorts as the times do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select

from pricetrail.storage.database import Database
from pricetrail.storage.types import Amount, EventId, Utc

THINGS = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("moment", Utc),
    Column("amount", Amount),
    Column("event", EventId),
)
AMOUNTS = (
    *("0", "0.1", "0.000003", "12345678901234567890.123456789012345678901234567890"),
    *("1e-40", "1e20", "0.30000000000000000000000000000000000001"),
)
MOMENTS = (
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2026, 3, 1, 9, 59, 59, 999_000, tzinfo=UTC),
    datetime(2026, 3, 1, 12, 0, tzinfo=timezone(timedelta(hours=2))),
    datetime(2026, 3, 1, 10, 0, 0, 1000, tzinfo=UTC),
    datetime(9999, 12, 30, 23, 59, 59, 999_000, tzinfo=UTC),
)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    with found.write() as connection:
        THINGS.create(connection)
    yield found
    found.close()


def test_amounts_come_back_digit_for_digit(database: Database) -> None:
    amounts = [Decimal(amount) for amount in AMOUNTS]
    with database.write() as connection:
        connection.execute(insert(THINGS), [{"amount": amount} for amount in (*amounts, None)])
        found = list(connection.execute(select(THINGS.c.amount).order_by(THINGS.c.id)).scalars())
    assert found == [*amounts, None]
    assert all(isinstance(amount, Decimal) for amount in found[:-1])


def test_times_come_back_in_utc_and_in_order(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(THINGS), [{"moment": one} for one in reversed(MOMENTS)])
        found = list(
            connection.execute(select(THINGS.c.moment).order_by(THINGS.c.moment)).scalars()
        )
        later = select(THINGS.c.moment).where(THINGS.c.moment > MOMENTS[2])
        assert set(connection.execute(later).scalars()) == set(MOMENTS[3:])
    assert found == list(MOMENTS)
    assert all(moment.utcoffset() == timedelta(0) for moment in found)


def test_the_id_of_an_event_is_kept_in_its_bytes(database: Database) -> None:
    name = "evt_" + "0f" * 20
    with database.write() as connection:
        connection.execute(insert(THINGS).values(event=name))
        found = connection.execute(select(THINGS.c.event).where(THINGS.c.event == name))
        assert found.scalar_one() == name
