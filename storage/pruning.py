"""Retention: what may go, while every hash stays.

Bodies are deltas, each against the one before: the first that is kept after those that go is
written anew as a full one.
"""

from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from pricetrail.storage import tables as t
from pricetrail.storage.codecs import bodies
from pricetrail.storage.history import shared_bodies
from pricetrail.storage.history.bodies import body_of
from pricetrail.storage.outbox.deliveries import CANCELLED, DEAD, DELIVERED

_ENDED = (DELIVERED, DEAD, CANCELLED)


def prune_polls(connection: Connection, before: datetime) -> int:
    """Delete single polls that ended before a time; coverage keeps the time that they cover."""
    done = connection.execute(delete(t.poll).where(t.poll.c.finished_at < before))
    return done.rowcount


def prune_deliveries(connection: Connection, before: datetime) -> int:
    """Delete messages that ended, and were owed before a time, with their attempts."""
    done = connection.execute(
        delete(t.delivery).where(t.delivery.c.state.in_(_ENDED), t.delivery.c.created_at < before)
    )
    return done.rowcount


def prune_bodies(connection: Connection, before: datetime) -> int:
    """Delete the bodies of versions that had been succeeded before a time; how many.

    A version that was in force at that time keeps its body, and so does the latest one.
    """
    # In the same order whoever prunes: two at once would wait for each other.
    sources = list(connection.execute(select(t.source.c.id).order_by(t.source.c.id)).scalars())
    gone = sum(_prune_bodies(connection, source, before) for source in sources)
    shared_bodies.sweep(connection)
    return gone


def _prune_bodies(connection: Connection, source_id: int, before: datetime) -> int:
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
    gone = connection.execute(update(t.snapshot).where(*older).values(_PRUNED))
    return gone.rowcount


def _make_full(connection: Connection, source_id: int, version: int) -> None:
    this = (t.snapshot.c.source_id == source_id, t.snapshot.c.version == version)
    kept = connection.execute(select(shared_bodies.has_body).where(*this)).scalar()
    if kept:
        packed = bodies.encode(body_of(connection, source_id, version))
        values = {"body_base": None, **shared_bodies.stored(connection, packed)}
        connection.execute(update(t.snapshot).where(*this).values(values))


_PRUNED = {"body": None, "body_base": None, "shared_body_id": None}
