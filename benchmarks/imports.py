"""The import of the real history: how fast, and how large beside a git repository of the file."""

import sqlite3
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.notes import note
from benchmarks.repositories import Repository
from benchmarks.shared import observations
from benchmarks.tables import Row, at_least, at_most, timed
from pricetrail.jobs.imports.importing import run as import_all
from pricetrail.jobs.imports.observations import Observation
from pricetrail.storage.database import Database
from pricetrail.storage.schema import ensure

MEGABYTE = 1_000_000


def run(data: Path, limit: int | None = None, rounds: int = 3) -> Iterator[Row]:
    """Speed, and sizes: the file as the import leaves it, after `VACUUM`, and git's after `gc`."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _measured(Path(folder), observations(data, limit), rounds)


def _measured(folder: Path, found: list[Observation], rounds: int) -> Iterator[Row]:
    note(f"import of {len(found):,} observations, {rounds} times")
    paths = [folder / f"{number}.db" for number in range(rounds)]
    took = statistics.median(_import(path, found) for path in paths)
    size = paths[0].stat().st_size / MEGABYTE
    yield Row(
        f"import of {len(found):,} real observations, SQLite",
        len(found) / took,
        "observations a second",
        at_least(60),
    )
    yield Row("its database, as the import leaves it", size, "MB", at_most(2))
    yield Row("its database, after VACUUM", _vacuumed(paths[0]) / MEGABYTE, "MB")
    note("the same history as a git repository")
    repository = Repository(folder / "git", ((one.observed_at, one.body) for one in found))
    yield Row("git repository, after gc --aggressive", repository.size / MEGABYTE, "MB")


def _import(path: Path, found: list[Observation]) -> float:
    database = Database(f"sqlite:///{path}")
    ensure(database)
    took = timed(lambda: import_all(database, "pipellm", found))
    database.close()
    return took


def _vacuumed(path: Path) -> int:
    copy = path.with_suffix(".vacuumed")
    connection = sqlite3.connect(path)
    connection.execute("VACUUM INTO ?", (str(copy),))
    connection.close()
    return copy.stat().st_size
