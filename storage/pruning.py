"""Retention: what may go, while every hash stays.

Bodies are deltas, each against the one before: the first that is kept after those that go is
written anew as a full one.
"""

from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    column,
    delete,
    func,
    not_,
    select,
    table,
    update,
)

from pricetrail.storage import partitions, sources
from pricetrail.storage import tables as t
from pricetrail.storage.codecs import bodies
from pricetrail.storage.database import Database
from pricetrail.storage.history import shared_bodies
from pricetrail.storage.history.bodies import body_of
from pricetrail.storage.outbox.deliveries import CANCELLED, DEAD, DELIVERED

_ENDED = (DELIVERED, DEAD, CANCELLED)


def drop_months_of_polls(database: Database, before: datetime) -> int:
    """Drop what Postgres keeps of the months whose polls all began before a time; how many.

    Raises:
        DatabaseUnavailableError: somebody holds the table, a dump for one: try again later.
        StorageError: this role may delete rows, but drop nothing.
    """
    names = partitions.before(database, partitions.POLL, before)
    return sum(partitions.drop(database, partitions.POLL, name) or 0 for name in names)


def drop_months_of_attempts(database: Database, before: datetime) -> int:
    """Likewise the attempts of months in which no message was tried that is to be kept.

    Raises:
        DatabaseUnavailableError, StorageError: as `drop_months_of_polls`.
    """

    def may_go(connection: Connection, name: str) -> bool:
        tried = table(name, column("delivery_id"))
        kept = select(t.delivery.c.number).join(tried, tried.c.delivery_id == t.delivery.c.number)
        return connection.execute(kept.where(not_(_may_go(before))).limit(1)).first() is None

    names = partitions.before(database, partitions.ATTEMPT, before)
    return sum(partitions.drop(database, partitions.ATTEMPT, name, may_go) or 0 for name in names)


def prune_polls(connection: Connection, before: datetime) -> int:
    """Delete single polls that began before a time; coverage keeps the time that they cover."""
    done = connection.execute(delete(t.poll).where(t.poll.c.started_at < before))
    return done.rowcount


def prune_deliveries(connection: Connection, before: datetime) -> int:
    """Delete messages that ended, and were owed before a time, with their attempts."""
    return connection.execute(delete(t.delivery).where(_may_go(before))).rowcount


def _may_go(before: datetime) -> ColumnElement[bool]:
    return t.delivery.c.state.in_(_ENDED) & (t.delivery.c.created_at < before)


def with_old_bodies(connection: Connection, before: datetime) -> list[int]:
    """The ids of the sources of which `prune_bodies` deletes something."""
    return list(connection.execute(_WITH_OLD, {"before": before}).scalars())


def prune_bodies(connection: Connection, source_id: int, before: datetime) -> int:
    """Delete the bodies of versions that had been succeeded before a time; how many.

    A version that was in force at that time keeps its body, and so does the latest one. The source
    is locked until the transaction ends, so that it is neither polled nor removed meanwhile: one
    source in a transaction, then.
    """
    sources.lock(connection, source_id)
    mine = t.snapshot.c.source_id == source_id
    first_kept = connection.execute(
        select(func.max(t.snapshot.c.version)).where(mine, t.snapshot.c.not_after <= before)
    ).scalar()
    if first_kept is None:
        return 0
    older = (mine, t.snapshot.c.version < first_kept, shared_bodies.has_body)
    if not connection.execute(select(func.count()).where(*older)).scalar_one():
        return 0
    _make_full(connection, source_id, first_kept)
    return connection.execute(update(t.snapshot).where(*older).values(_PRUNED)).rowcount


def _make_full(connection: Connection, source_id: int, version: int) -> None:
    this = (t.snapshot.c.source_id == source_id, t.snapshot.c.version == version)
    kept = connection.execute(select(shared_bodies.has_body).where(*this)).scalar()
    if kept:
        packed = bodies.encode(body_of(connection, source_id, version))
        values = {"body_base": None, **shared_bodies.stored(connection, packed)}
        connection.execute(update(t.snapshot).where(*this).values(values))


_PRUNED = {"body": None, "body_base": None, "shared_body_id": None}
_SUCCEEDED = (
    select(t.snapshot.c.source_id, func.max(t.snapshot.c.version).label("first_kept"))
    .where(t.snapshot.c.not_after <= bindparam("before"))
    .group_by(t.snapshot.c.source_id)
    .subquery()
)
_WITH_OLD = (
    select(t.snapshot.c.source_id)
    .join(_SUCCEEDED, _SUCCEEDED.c.source_id == t.snapshot.c.source_id)
    .where(t.snapshot.c.version < _SUCCEEDED.c.first_kept, shared_bodies.has_body)
    .distinct()
    .order_by(t.snapshot.c.source_id)
)
