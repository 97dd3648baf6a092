"""What a poll costs, less the network and one bare commit, in units of `json.loads` of its body."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import count, cycle
from pathlib import Path

from sqlalchemy import update

from benchmarks.catalogs import body, catalog, repriced
from benchmarks.notes import note
from benchmarks.tables import Row, at_most, medians
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.source import Source
from pricetrail.storage.database import Database
from pricetrail.storage.schema import ensure
from pricetrail.storage.tables import source as source_table

SIZES = (300, 1_000, 10_000, 100_000)


def run(sizes: tuple[int, ...] = SIZES) -> Iterator[Row]:
    """Three rows a size: an unchanged poll, and twice one with 1 % of the models repriced."""
    for size in sizes:
        yield from _size(size)


def rounds(size: int) -> int:
    """Many where a poll is short and noisy, at least five."""
    return max(5, min(60, 120_000 // size))


def _size(size: int) -> Iterator[Row]:
    note(f"polls of {size:,} models")
    first = catalog(size)
    bodies = [body(first), body(repriced(first, 0.01, seed=2))]
    with _poller(size) as (poller, source, database, serve):
        serve(bodies[0])
        poller.poll(source)
        following = cycle([bodies[1], bodies[0]])

        def changed() -> None:
            serve(next(following))
            _expect(poller, source, "changed")

        def begun_anew() -> None:
            serve(next(following))
            _expect(Poller(database, {}, fetch=poller.fetch), source, "changed")

        took = medians(
            rounds(size),
            parse=lambda: json.loads(bodies[0]),
            commit=lambda: _bare_commit(database),
            unchanged=lambda: _expect(poller, source, "unchanged"),
            changed=changed,
        )
        # By itself: what another process accepts is news to the first.
        took |= medians(rounds(size), begun_anew=begun_anew)
    still = (took["unchanged"] - took["commit"]) / took["parse"]
    moved = (took["changed"] - took["commit"]) / took["parse"]
    yield Row(f"unchanged poll, {size:,} models", still, "x json.loads", at_most(1))
    yield Row(f"poll with 1 % changed, {size:,} models", moved, "x json.loads", at_most(4))
    anew = (took["begun_anew"] - took["commit"]) / took["parse"]
    yield Row(f"the same, first of a process, {size:,} models", anew, "x json.loads")


def _expect(poller: Poller, source: Source, outcome: str) -> None:
    result = poller.poll(source)
    if result.outcome != outcome:
        raise AssertionError(f"the poll was {result.outcome} ({result.error}), not {outcome}")


_turns = count()


def _bare_commit(database: Database) -> None:
    # Another value each time: SQLite writes nothing, and syncs nothing, where a row stays as it is.
    url = f"http://localhost/{next(_turns)}"
    with database.write() as connection:
        connection.execute(update(source_table).values(url=url))


@contextmanager
def _poller(
    size: int,
) -> Iterator[tuple[Poller, Source, Database, Callable[[bytes], None]]]:
    served: list[bytes] = []

    def fetch(_source: Source, _etag: str | None, **_limits: object) -> Answer:
        return Answer(200, served[-1], None, False)

    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.db'}")
        ensure(database)
        source = Source(
            name="bench",
            url="http://localhost/",
            api_key="none",
            max_models=size + 1,
            # Made-up prices move by any factor.
            max_price_ratio=Decimal(10**12),
        )
        yield Poller(database, {}, fetch=fetch), source, database, served.append
        database.close()
