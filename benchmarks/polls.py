"""What a poll costs, less the network and one bare commit, in units of `json.loads` of its body."""

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from sqlalchemy import update

from benchmarks.catalogs import body, catalog, repriced
from benchmarks.tables import Row
from jobs.gateway import Answer
from jobs.polling import Poller
from jobs.source import Source
from storage.database import Database
from storage.schema import ensure
from storage.tables import source as source_table

SIZES = (300, 1_000, 10_000, 100_000)
ROUNDS = {300: 60, 1_000: 40, 10_000: 12, 100_000: 5}


def run(sizes: tuple[int, ...] = SIZES) -> list[Row]:
    """One row a size."""
    return [row for size in sizes for row in _size(size)]


def _size(size: int) -> list[Row]:
    rounds = ROUNDS[size]
    first = catalog(size)
    second = repriced(first, 0.01, seed=2)
    bodies = [body(first), body(second)]
    with _poller(size) as (poller, source, database, serve):
        serve(bodies[0])
        poller.poll(source)
        parse, commit, unchanged, changed = [], [], [], []
        following = cycle([1, 0])
        for _ in range(rounds):
            parse.append(_time(lambda: json.loads(bodies[0])))
            commit.append(_time(lambda: _bare_commit(database)))
            unchanged.append(_time(lambda: _expect(poller, source, "unchanged")))
            serve(bodies[next(following)])
            changed.append(_time(lambda: _expect(poller, source, "changed")))
    base, write = statistics.median(parse), statistics.median(commit)
    still, moved = statistics.median(unchanged) - write, statistics.median(changed) - write
    return [
        Row(f"unchanged poll, {size:,} models", still / base, "x json.loads", "≤ 1.0"),
        Row(f"poll with 1 % changed, {size:,} models", moved / base, "x json.loads", "≤ 4"),
    ]


def _time(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _expect(poller: Poller, source: Source, outcome: str) -> None:
    result = poller.poll(source)
    if result.outcome != outcome:
        raise AssertionError(f"the poll was {result.outcome} ({result.error}), not {outcome}")


def _bare_commit(database: Database) -> None:
    with database.write() as connection:
        connection.execute(update(source_table).values(url="http://localhost/"))


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
        )
        yield Poller(database, {}, fetch=fetch), source, database, served.append
        database.close()
