"""The outbox newest first by pages: nothing twice, nothing left out, and no long walk."""

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import deliveries, delivery_pages
from pricetrail.storage.outbox.deliveries import DEAD, DELIVERED, LEASED, PENDING, NewDelivery
from pricetrail.storage.outbox.delivery_counts import UNDELIVERED
from pricetrail.storage.outbox.delivery_pages import DeliveryPage, page
from tests.support.histories import at

# By number: which webhook, in which state.
OUTBOX = [
    ("w", DELIVERED),
    ("w", DEAD),
    ("v", DEAD),
    ("w", DELIVERED),
    ("w", PENDING),
    ("v", LEASED),
    ("w", DEAD),
    ("w", DELIVERED),
]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    with opened.write() as connection:
        for number, (webhook, state) in enumerate(OUTBOX):
            one = NewDelivery(f"d{number}", webhook, ("e",))
            deliveries.enqueue(connection, [one], at(f"10:0{number}"))
            this = t.delivery.c.id == one.id
            connection.execute(update(t.delivery).where(this).values(state=state))
    yield opened
    opened.close()


def get(
    database: Database,
    states: tuple[str, ...] = (),
    webhook: str | None = None,
    before: int | None = None,
    limit: int = 2,
) -> DeliveryPage:
    with database.read() as connection:
        return page(connection, states=states, webhook=webhook, before=before, limit=limit)


@pytest.mark.parametrize("limit", [2, 3])
@pytest.mark.parametrize(
    ("states", "webhook", "expected"),
    [
        ((), None, "d7 d6 d5 d4 d3 d2 d1 d0"),
        ((), "v", "d5 d2"),
        ((DELIVERED,), None, "d7 d3 d0"),
        ((DELIVERED,), "v", ""),
        ((DEAD,), None, "d6 d2 d1"),
        ((DEAD,), "w", "d6 d1"),
        ((PENDING, LEASED), None, "d5 d4"),
        (UNDELIVERED, None, "d6 d5 d4 d2 d1"),
        ((DEAD,), "nobody", ""),
        ((DEAD, DELIVERED), "w", "d7 d6 d3 d1 d0"),
    ],
)
def test_pages_give_everything_once_newest_first(
    database: Database, states: tuple[str, ...], webhook: str | None, expected: str, limit: int
) -> None:
    found, before = [], None
    names = expected.split()
    # None is empty but the only one.
    for _ in range(0, len(names) or 1, limit):
        part = get(database, states, webhook, before, limit)
        found += [one.id for one in part.deliveries]
        before = part.older
    assert found == names
    assert before is None


def test_of_what_no_index_finds_only_so_many_are_looked_at(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery_pages, "LOOKED_AT", 3)
    monkeypatch.setattr(
        delivery_pages, "_LAST_LOOKED_AT", delivery_pages._LAST_LOOKED_AT.offset(None).offset(2)
    )
    first = get(database, webhook="v")
    # Three were looked at: there may be more, further back than that of 10:05.
    assert [one.id for one in first.deliveries] == ["d5"]
    assert first.since == at("10:05")
    second = get(database, webhook="v", before=first.older)
    assert [one.id for one in second.deliveries] == ["d2"]
    # What nobody took is found at once, however far back.
    found = get(database, UNDELIVERED, "v")
    assert [one.id for one in found.deliveries] == ["d5", "d2"]
    assert (found.older, found.since) == (None, None)


def test_what_is_further_back_than_most_pages_look_is_found_all_the_same(
    database_url: str,
) -> None:
    database = Database(database_url)
    with database.write() as connection:
        webhooks = ["w", "w", *["v"] * 25, "w"]
        owed = (NewDelivery(f"d{number}", name, ("e",)) for number, name in enumerate(webhooks))
        deliveries.enqueue(connection, owed, at("10:00"))
    first = get(database, webhook="w", limit=1)
    second = get(database, webhook="w", limit=1, before=first.older)
    third = get(database, webhook="w", limit=1, before=second.older)
    pages = [[one.id for one in part.deliveries] for part in (first, second, third)]
    assert pages == [["d27"], ["d1"], ["d0"]]
    assert third.older is None
    database.close()


def test_what_was_not_taken_is_found_by_its_index(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.read() as connection:
        asked = {"webhook": "w", "state": DEAD, "before": 9}
        written = (
            delivery_pages._OF_WEBHOOK.limit(2)
            .params(asked)
            .compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        )
        [step] = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}")]
    # Each from its place on, newest first, without sorting.
    index = "ix_delivery_undelivered (webhook=? AND state=? AND rowid<?)"
    assert step == f"SEARCH delivery USING COVERING INDEX {index}"
    database.close()
