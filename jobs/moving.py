"""The move of everything into another database: all of it, checked, or nothing."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from pricetrail.catalog import merkle
from pricetrail.catalog.errors import FailedError
from pricetrail.storage import schema, sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.moving import copying, goal, tide
from pricetrail.storage.moving.values import Content
from pricetrail.storage.verification.verify import Verdict, verify


class Bar(Protocol):
    """What is told how much more is done."""

    def advance(self, amount: int) -> None:
        """Say that so much more is done."""


# Begins a bar: what is being done, and how much there is to do.
Shown: TypeAlias = Callable[[str, int], AbstractContextManager[Bar]]


@dataclass(frozen=True, slots=True)
class MovedTable:
    """A table with its rows and the digest of what they hold, alike in both databases."""

    table: str
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class MovedSource:
    """A source whose history was verified in both databases; version 0: it has none yet."""

    source: str
    version: int
    head: str


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved, from where to where."""

    origin: str
    target: str
    tables: tuple[MovedTable, ...]
    sources: tuple[MovedSource, ...]

    @property
    def rows(self) -> int:
        """How many rows all tables have."""
        return sum(table.rows for table in self.tables)

    def as_json(self) -> dict[str, object]:
        """The shape of `db migrate-to`."""
        return {
            "from": self.origin,
            "to": self.target,
            "schema": schema.HEAD,
            "tables": [asdict(table) for table in self.tables],
            "sources": [asdict(source) for source in self.sources],
        }


def move(origin: Database, target: Database, shown: Shown) -> Moved:
    """Copy every table into a new database, compare the copies, and verify all histories on both.

    One state of the old database is read, which stays as it is. The new one is written in one
    transaction: until all is checked it is empty for everybody else, and so it stays if this ends
    before.

    Raises:
        InvalidInputError: the new database is not empty, or not of this schema.
        FailedError: a history is broken, a copy differs, or somebody wrote to the old database.
        StorageError: one of them cannot be used, or does not take a value.
    """
    _require_empty(target)
    with origin.read() as old:
        before = tide.look(old)
        heads = _verified(old, shown, "verifying the old")
        with _new_file_is_gone_on_failure(target), target.write(long=True) as new:
            goal.occupy(new)
            tables = _copied(old, new, shown)
            if _verified(new, shown, "verifying the new") != heads:
                raise FailedError("the new database ends in other heads: it was left empty")
            _require_quiet(origin, before)
    target.prefer_wal()
    return Moved(origin.safe_url, target.safe_url, tables, heads)


def _require_empty(target: Database) -> None:
    """At once, and again once nobody else may write to it."""
    if not schema.is_missing(target):
        with target.read() as connection:
            goal.require_empty(connection)


@contextmanager
def _new_file_is_gone_on_failure(target: Database) -> Iterator[None]:
    new = schema.is_missing(target)
    try:
        yield
    except BaseException:
        # Whatever ended it, a signal too. A file with something in it is another process's.
        file = Path(target.sqlite_path or "")
        if new and file.is_file() and not file.stat().st_size:
            target.close()
            file.unlink()
        raise


def _copied(old: Transaction, new: Transaction, shown: Shown) -> tuple[MovedTable, ...]:
    rows = copying.count_rows(old)
    with shown("copying", rows) as bar:
        copied = {one: copying.copy(old, new, one, bar.advance) for one in copying.TABLES}
    goal.keep_numbering(old, new)
    with shown("comparing", rows) as bar:
        for table, wanted in copied.items():
            _require_same(table.name, wanted, copying.content(new, table, bar.advance))
    return tuple(MovedTable(one.name, is_.rows, is_.digest) for one, is_ in copied.items())


def _require_same(table: str, old: Content, new: Content) -> None:
    if old != new:
        raise FailedError(
            f"{table} came out otherwise ({old.rows:,} rows of digest {old.digest[:16]} became "
            f"{new.rows:,} of {new.digest[:16]}): the new database was left empty"
        )


def _verified(connection: Transaction, shown: Shown, label: str) -> tuple[MovedSource, ...]:
    """The head of every source, its whole history recomputed."""
    states = [sources.choose(connection, name) for name in sorted(sources.names(connection))]
    found = []
    with shown(label, sum(state.head_version for state in states)) as bar:
        for state in states:
            verdict = verify(connection, state, advance=bar.advance)
            _require_sound(verdict)
            head = merkle.hash_text(verdict.head)
            found.append(MovedSource(verdict.source, verdict.version, head))
    return tuple(found)


def _require_sound(verdict: Verdict) -> None:
    broken = verdict.first_break
    if broken is not None:
        raise FailedError(
            f"nothing was moved: {verdict.source} is broken ({broken.what}: {broken.why}); see "
            f"`pricetrail verify --source {verdict.source}`, and restore a backup"
        )


def _require_quiet(origin: Database, before: tide.Tide) -> None:
    """Check that nothing was written to the old database since it was read."""
    with origin.read() as connection:
        now = tide.look(connection)
    if now != before:
        raise FailedError(
            f"somebody is writing to {origin.safe_url} still (polls meanwhile: "
            f"{now.polls - before.polls}), which would be left behind: the new database was left "
            "empty; stop pricetrail and its cron jobs, then try again"
        )
