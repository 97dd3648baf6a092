"""Looking after the database: what is old is deleted, months are made, a file is written anew."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.jobs.log_lines import log_broken
from pricetrail.storage import backup, partitions, pruning
from pricetrail.storage.database import Database
from pricetrail.storage.errors import DatabaseUnavailableError, StorageError
from pricetrail.storage.history import shared_bodies
from pricetrail.storage.verification import invariants
from pricetrail.storage.verification.invariants import Broken

# Seconds.
_LOOKED_EVERY = 3600.0
_TRIED_AGAIN_AFTER = 60.0
_CHECKED_EVERY = 600.0
# Of a drop that somebody's reading or writing kept from its locks.
_TRIES = 10
_PAUSE = 0.5


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
    """Delete what is older than the age given for its kind; None: nothing.

    On Postgres whole months of polls and attempts are dropped, each in a transaction of its own,
    and everywhere a source's bodies go in one of theirs: polls wait for no other's. What is left
    goes in one.

    Raises:
        DatabaseUnavailableError: somebody holds what is to be dropped; what is gone, is.
    """
    now, dropped = database.now(), 0
    if polls is not None:
        dropped = _dropped(pruning.drop_months_of_polls, database, now - polls)
    if deliveries is not None:
        _dropped(pruning.drop_months_of_attempts, database, now - deliveries)
    without_body = 0 if bodies is None else prune_bodies(database, now - bodies)
    with database.write(long=True) as connection:
        return Pruned(
            polls=0 if polls is None else dropped + pruning.prune_polls(connection, now - polls),
            bodies=without_body,
            deliveries=(
                0 if deliveries is None else pruning.prune_deliveries(connection, now - deliveries)
            ),
        )


def prune_bodies(database: Database, before: datetime) -> int:
    """Delete what `pruning.prune_bodies` does, of every source; how many."""
    with database.read() as connection:
        sources = pruning.with_old_bodies(connection, before)
    gone = 0
    for source in sources:
        with database.write(long=True) as connection:
            gone += pruning.prune_bodies(connection, source, before)
    # Of a prune that was cut off, too: it may have gone through all sources.
    with database.write(long=True) as connection:
        shared_bodies.sweep(connection)
    return gone


def _dropped(
    drop: Callable[[Database, datetime], int], database: Database, before: datetime
) -> int:
    """How many rows went with their months; none where this role may only delete them by row."""
    tries_left = _TRIES
    while True:
        try:
            return drop(database, before)
        except DatabaseUnavailableError:
            tries_left -= 1
            if not tries_left:
                raise
            time.sleep(_PAUSE)
        except StorageError as error:
            if type(error) is not StorageError:
                raise
            return 0


class Upkeep:
    """What a service does for its database as time goes on: the months ahead, on Postgres, and a
    look at whether what is recorded fits together."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self.database = database
        self._clock = clock
        self._next = self._next_check = clock()
        # After which source the next look goes on, and what was told.
        self._after = 0
        self._told: set[Broken] = set()

    def look(self) -> None:
        """Do what is to be done, if it is time to look."""
        if self._clock() >= self._next:
            made = partitions.make_ahead(self.database, self.database.now())
            self._next = self._clock() + (_LOOKED_EVERY if made else _TRIED_AGAIN_AFTER)
        if self._clock() >= self._next_check:
            self._next_check = self._clock() + _CHECKED_EVERY
            self._check()

    def _check(self) -> None:
        """Tell once what does not fit together; sources take their turns."""
        with self.database.read() as connection:
            found = invariants.look(connection, self._after)
        self._after = found.next_source
        new = [one for one in found.broken if one not in self._told]
        self._told.update(new)
        for one in new:
            log_broken(f"{one}: {invariants.REMEDY}")


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
