"""What is one version of a catalog: its hashes, its window, what it changed, its body?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog import merkle
from pricetrail.catalog.dialects.registry import AS_SERVED, ReadBy
from pricetrail.catalog.events import Event
from pricetrail.catalog.times import rfc3339
from pricetrail.queries.answers import time_or_null
from pricetrail.queries.revisions import version_of
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import bodies, events, readings, versions
from pricetrail.storage.history.events import EventFilter


@dataclass(frozen=True, slots=True)
class SnapshotAnswer:
    """One version. `hash` is the chain's head, `body_size` in bytes; a pruned body is not kept.

    `read_by`: how the body was read. `read_anew`: it is that of the version before, read again.
    """

    source: str
    version: int
    hash: bytes
    catalog_root: bytes
    body_hash: bytes
    body_size: int
    body_kept: bool
    models: int
    not_before: datetime | None
    not_after: datetime
    counts: Mapping[str, int]
    read_by: ReadBy = AS_SERVED
    read_anew: bool = False

    def as_json(self) -> dict[str, object]:
        """The document of `snapshots show`; `dialect` is not PipeLLM's."""
        how = self.read_by
        return {
            "source": self.source,
            "version": self.version,
            "hash": merkle.hash_text(self.hash),
            "catalog_root": merkle.hash_text(self.catalog_root),
            "body_hash": merkle.hash_text(self.body_hash),
            "body_size": self.body_size,
            "body_kept": self.body_kept,
            "models": self.models,
            "not_before": time_or_null(self.not_before),
            "not_after": rfc3339(self.not_after),
            "counts": self.counts,
            **({"dialect": how.dialect} if how.dialect is not None else {}),
            **({"keep": list(how.keep)} if how.keep else {}),
        }


def ask(transaction: Transaction, source: str | None, revision: str | datetime) -> SnapshotAnswer:
    """The version that a revision names: a number, a time, `latest`, `latest~3`, `baseline`.

    Args:
        source: needed only where there are several.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        InvalidInputError: no such form of a revision.
        NotFoundError: no such source, or no such version.
    """
    state = sources.choose(transaction, source)
    version = version_of(transaction, state, revision)
    row = versions.get_version(transaction, state.id, version)
    return SnapshotAnswer(
        source=state.name,
        version=row.version,
        hash=row.chain_hash,
        catalog_root=row.catalog_root,
        body_hash=row.body_hash,
        body_size=row.body_size,
        body_kept=row.body is not None or row.shared_body_id is not None,
        models=row.models,
        not_before=row.not_before,
        not_after=row.not_after,
        counts={name: getattr(row, name) for name in versions.COUNTS},
        read_by=readings.read_by(row),
        read_anew=readings.is_read_anew(transaction, state.id, version),
    )


def events_of(
    transaction: Transaction, source: str | None, version: int, limit: int
) -> tuple[Event, ...]:
    """What a version changed, in the order of the log, at most so many; a baseline has none.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        NotFoundError: no such source.
    """
    wanted = EventFilter(sources.choose(transaction, source).id, version=version, limit=limit)
    # What happened to the source meanwhile has the version too.
    return tuple(event for _, event in events.read(transaction, wanted) if event.of_snapshot)


def body(transaction: Transaction, source: str | None, revision: str | datetime) -> bytes:
    """The body of a version as it was served, byte for byte.

    Raises:
        SourceNeededError, InvalidInputError, NotFoundError: as `ask`; or the body was pruned.
    """
    state = sources.choose(transaction, source)
    return bodies.body_of(transaction, state.id, version_of(transaction, state, revision))
