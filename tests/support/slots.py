"""One source's slot, set and held as a test wants it."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from pricetrail.storage import slots, sources
from pricetrail.storage import tables as t
from pricetrail.storage.slots import Lease, Planned


def set_slot(connection: Connection, name: str, slot: datetime) -> None:
    """Let a source have this slot, held by nobody, and due at once."""
    source = sources.choose(connection, name).id
    connection.execute(delete(t.slot).where(t.slot.c.source_id == source))
    slots.plan(connection, {source: Planned(slot, slot, slot)})


def take(connection: Connection, name: str, *, token: str, now: datetime, until: datetime) -> bool:
    """Claim a source's slot for a holder, if it can be; whether it could."""
    source = sources.choose(connection, name).id
    found = slots.claim(connection, now, 1, only=[source])
    slots.hold(connection, [Lease(one.begun.source.id, token, until) for one in found], "me", now)
    return bool(found)


def due_at(connection: Connection, name: str) -> datetime:
    """From when on a source's slot may be claimed."""
    query = select(t.slot.c.due_at).join(t.source, t.source.c.id == t.slot.c.source_id)
    found: datetime = connection.execute(query.where(t.source.c.name == name)).scalar_one()
    return found
