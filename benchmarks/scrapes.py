"""A scrape of `/metrics`: asked and written, by the number of sources and the length of history."""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Table, insert, select, text

from benchmarks.catalogs import body, catalog
from benchmarks.notes import note
from benchmarks.tables import Row, at_most, medians
from pricetrail.jobs.imports.importing import run as import_all
from pricetrail.jobs.imports.observations import Observation
from pricetrail.queries import metrics
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.schema import ensure
from pricetrail.web.metrics import text_of
from tests.support import postgres

SOURCES = (1, 10, 100, 1_000)
# Polls, and so many messages and events for each hundred of them, of every source.
HISTORY = 300
GROWN = 10
ROUNDS = 15
MODELS = 50
_HUNDREDTH = 100
_PARSES = 10
# It takes about a millisecond: the goal is 50 ms.
_UNIT = "x json.loads of 1,000 models"


def run(sizes: tuple[int, ...] = SOURCES, history: int = HISTORY) -> Iterator[Row]:
    """On SQLite and on Postgres: by the number of sources, and at ten times the history."""
    with tempfile.TemporaryDirectory() as folder, postgres.running() as server:

        def url(name: str, kind: str) -> str:
            if kind == "SQLite":
                return f"sqlite:///{Path(folder) / name}.db"
            server.create(name)
            return server.url(name)

        for kind in ("SQLite", "Postgres"):
            yield from _of_kind(kind, partial(url, kind=kind), sizes, history)


def _of_kind(
    kind: str, url: Callable[[str], str], sizes: tuple[int, ...], history: int
) -> Iterator[Row]:
    middle = sizes[-2]
    with ExitStack() as stack:
        found = {}
        for size in sizes:
            note(f"{kind}: {size:,} sources")
            found[size] = stack.enter_context(_database(url(f"of_{size}"), size, history))
        note(f"{kind}: {middle:,} sources, {GROWN} times the history")
        grown = stack.enter_context(_database(url("grown"), middle, history * GROWN))
        parsed = body(catalog(1_000))
        works = {f"of_{size}": lambda one=one: _scrape(one) for size, one in found.items()}
        took = medians(ROUNDS, parse=lambda: _parse(parsed), grown=lambda: _scrape(grown), **works)
        priced = medians(3, priced=lambda: _scrape(found[middle], prices=True))["priced"]
        size_of = len(_scrape(found[middle]))
    for size in sizes:
        goal = at_most(50) if size == middle else None
        yield Row(
            f"{kind}: a scrape of {size:,} sources",
            took[f"of_{size}"] / took["parse"] * _PARSES,
            _UNIT,
            goal,
        )
    beside = took["grown"] / took[f"of_{middle}"]
    what = f"{kind}: a scrape of {middle:,} sources, in {GROWN} times the history"
    yield Row(what, beside, "x the time", at_most(1.5))
    yield Row(f"{kind}: its text, {middle:,} sources", size_of / 1e3, "kB")
    what = f"{kind}: with the prices of {MODELS} models each, {middle:,} sources"
    yield Row(what, priced / took[f"of_{middle}"], "x the time")


def _parse(served: bytes) -> None:
    # As long as a scrape: what else the machine does slows both.
    for _ in range(_PARSES):
        json.loads(served)


def _scrape(database: Database, *, prices: bool = False) -> bytes:
    now = database.now()
    with database.read() as transaction:
        answer = metrics.ask(transaction, now, prices)
    return text_of(answer)


@contextmanager
def _database(url: str, sources: int, history: int) -> Iterator[Database]:
    database = Database(url)
    ensure(database)
    _fill(database, sources, history)
    yield database
    database.close()


def _fill(database: Database, sources: int, history: int) -> None:
    """Sources with a catalog each, and the rows that years of polls leave behind."""
    served, began = body(catalog(MODELS)), database.now() - timedelta(days=400)
    for number in range(sources):
        import_all(database, f"source-{number:04d}", [Observation(began, served, "benchmark")])
    times = [began + timedelta(minutes=minute) for minute in range(history)]
    with database.write(long=True) as connection:
        ids = connection.execute(select(t.source.c.id)).scalars().all()
        polls = (
            {
                "source_id": source,
                "slot": at,
                "started_at": at,
                "finished_at": at,
                "outcome": "unchanged",
                "version": 1,
            }
            for source in ids
            for at in times
        )
        _insert(connection, t.poll, polls)
        few = [(source, at) for source in ids for at in times[::_HUNDREDTH]]
        _insert(connection, t.delivery, map(_delivered, range(len(few)), (at for _, at in few)))
        _insert(connection, t.event, (_event(n, *one) for n, one in enumerate(few)))
        _insert(connection, t.webhook, ({"name": f"hook-{n}"} for n in range(_HOOKS)))
        connection.execute(text("ANALYZE"))


_HOOKS = 10


def _delivered(number: int, at: object) -> dict[str, object]:
    """A message; one in a thousand was refused, one in a hundred is still to go out."""
    state = "dead" if number % 1000 == 0 else "pending" if number % 100 == 0 else "delivered"
    return {
        "id": f"dlv_{number}",
        "webhook": f"hook-{number % _HOOKS}",
        "event_ids": '["evt_0"]',
        "state": state,
        "created_at": at,
        "next_at": at,
    }


def _event(number: int, source: int, at: object) -> dict[str, object]:
    return {
        "id": f"evt_{number:040x}",
        "source_id": source,
        "version": 1,
        "sequence": number,
        "type": "source.failing",
        "at": at,
        "body": "{}",
    }


def _insert(connection: Transaction, table: Table, rows: Iterable[dict[str, object]]) -> None:
    for some in chunks(rows):
        connection.execute(insert(table), some)
