"""Which versions of a catalog are there, when was each seen, and what did it change?"""

from collections.abc import Iterator
from dataclasses import dataclass

from pricetrail.catalog import merkle
from pricetrail.catalog.times import rfc3339
from pricetrail.queries.answers import LongAnswer, Pieces
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import streams
from pricetrail.storage.history.versions import SnapshotRow


@dataclass(frozen=True, slots=True)
class SnapshotsAnswer(LongAnswer):
    """Every version of a source, oldest first."""

    source: str
    snapshots: Pieces[SnapshotRow]

    def in_pieces(self) -> dict[str, object]:
        """The document of `snapshots` (contract, section 5), its entries as they are read."""
        entries: Iterator[dict[str, object]] = map(_entry, self.snapshots)
        return {"snapshots": entries}


def _entry(row: SnapshotRow) -> dict[str, object]:
    return {
        "version": row.version,
        "hash": merkle.hash_text(row.hash),
        "previous_hash": merkle.hash_text(row.previous_hash),
        "models": row.models,
        "first_seen": rfc3339(row.not_after),
        "last_seen": rfc3339(row.last_seen),
        "polls": row.polls,
        "counts": row.counts,
        **({"dialect": row.dialect} if row.dialect is not None else {}),
    }


def ask(database: Database, source: str | None = None) -> SnapshotsAnswer:
    """The versions of a source.

    They are read a piece at a time, each in a short transaction of its own: a history may be long,
    and whoever reads it slowly holds up no poll.

    Args:
        source: needed only where there are several.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        NotFoundError: no such source.
    """
    with database.read() as transaction:
        state = sources.choose(transaction, source)
    return SnapshotsAnswer(state.name, Pieces(lambda: streams.snapshots(database, state.id)))
