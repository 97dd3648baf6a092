"""Looking after the database: what is old is deleted, and a file written anew."""

from dataclasses import asdict, dataclass
from datetime import timedelta

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.storage import backup, pruning
from pricetrail.storage.database import Database
from pricetrail.storage.history import shared_bodies


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows were deleted of each kind."""

    polls: int = 0
    bodies: int = 0
    deliveries: int = 0

    def as_json(self) -> dict[str, object]:
        """The shape of `db prune`."""
        return {"pruned": asdict(self)}


@dataclass(frozen=True, slots=True)
class Compacted:
    """The bytes of an SQLite file before and after it was written anew."""

    before: int
    after: int

    def as_json(self) -> dict[str, object]:
        """The shape of `db compact`."""
        return {"bytes": asdict(self)}


def prune(
    database: Database,
    *,
    polls: timedelta | None = None,
    bodies: timedelta | None = None,
    deliveries: timedelta | None = None,
) -> Pruned:
    """Delete, in one transaction, what is older than the age given for its kind; None: nothing."""
    now = database.now()
    with database.write(long=True) as connection:
        return Pruned(
            polls=0 if polls is None else pruning.prune_polls(connection, now - polls),
            bodies=0 if bodies is None else pruning.prune_bodies(connection, now - bodies),
            deliveries=(
                0 if deliveries is None else pruning.prune_deliveries(connection, now - deliveries)
            ),
        )


def compact(database: Database) -> Compacted:
    """Write an SQLite file anew, as small as it can be.

    Bodies of before such were shared are stored once, too.

    Raises:
        InvalidInputError: the database is on a server.
        StorageError: another process is using the file.
    """
    if database.sqlite_path is None:
        raise InvalidInputError("this database is on a server, which manages its own disk space")
    with database.write(long=True) as connection:
        shared_bodies.share_old(connection)
    return Compacted(*backup.compact(database))
