"""One history kept twice: in a database of ours, and as a file in a git repository."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.repositories import Repository
from pricetrail.jobs.imports.importing import run as import_all
from pricetrail.jobs.imports.observations import Observation
from pricetrail.storage.database import Database
from pricetrail.storage.schema import ensure

SOURCE = "pipellm"


@dataclass(frozen=True, slots=True)
class Kept:
    """A history; `seen` is when each version was first seen: one for each of the commits."""

    name: str
    path: Path
    repository: Repository
    seen: Sequence[datetime]

    def version(self, share: float) -> int:
        """The place in `seen` that lies at a share of the history."""
        return min(len(self.seen) - 1, int(len(self.seen) * share))


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """The database in a file, made where there is none."""
    database = Database(f"sqlite:///{path}")
    ensure(database)
    try:
        yield database
    finally:
        database.close()


def keep(
    path: Path, observed: Iterable[tuple[datetime, bytes]], every: timedelta | None = None
) -> None:
    """Write observations into the database, as `pricetrail import --every` does."""
    items = (Observation(at, body, "benchmark") for at, body in observed)
    with opened(path) as database:
        import_all(database, SOURCE, items, every=every)
