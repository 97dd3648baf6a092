"""Changes whose announcement waits, until they have lasted or were undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, or_, select

from pricetrail.catalog.strict_json import dumps
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.codecs.stored_json import decode_texts
from pricetrail.storage.sources import FARTHEST_LEASE
from pricetrail.storage.types import AnyRow

# No hold is as long, and no change that waits came so long after now: what is due only then was
# written by a clock that was far ahead.
_NEVER_SO_FAR = timedelta(days=400)
_NEVER_SO_LATE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Held:
    """One model's change in one snapshot, or (`blip`) a change and what undid it.

    The states are hashes of what is compared, before and after; 32 zero bytes stand for "not
    visible".
    `due_polls` is the source's count of good polls from which it may be announced.
    """

    source_id: int
    model_id: int
    version: int
    event_ids: list[str]
    state_before: bytes
    state_after: bytes
    due_at: datetime
    due_polls: int
    blip: bool = False
    id: int | None = None


def add(connection: Connection, held: Held) -> None:
    """Let a change wait."""
    connection.execute(insert(t.held).values(**_values(held)))


def replace(connection: Connection, old: Sequence[Held], new: Held | None) -> None:
    """Put one entry, or none, in the place of others."""
    drop(connection, old)
    if new is not None:
        add(connection, new)


def drop(connection: Connection, entries: Sequence[Held]) -> None:
    """Let entries wait no more."""
    if not entries:
        return
    connection.execute(delete(t.held).where(t.held.c.id.in_([entry.id for entry in entries])))


def of_models(connection: Connection, model_ids: Sequence[int]) -> dict[int, list[Held]]:
    """What waits for these models, oldest first."""
    found: dict[int, list[Held]] = {}
    for some in chunks(model_ids):
        query = _QUERY.where(t.held.c.model_id.in_(some)).order_by(t.held.c.id).with_for_update()
        for row in connection.execute(query):
            found.setdefault(row.model_id, []).append(_held(row))
    return found


def due(connection: Connection, now: datetime) -> list[Held]:
    """What may be announced now, oldest first.

    A source that is being polled at this moment is left out: that poll may undo the change. So
    is what another replica takes out at this moment.
    """
    query = _QUERY.join(t.source, t.source.c.id == t.held.c.source_id)
    query = query.outerjoin(t.slot, t.slot.c.source_id == t.held.c.source_id).where(
        or_(t.held.c.due_at <= now, t.held.c.due_at > now + _NEVER_SO_FAR, _is_ahead(now)),
        t.held.c.due_polls <= t.source.c.good_polls,
        or_(
            t.slot.c.token.is_(None),
            t.slot.c.due_at <= now,
            t.slot.c.due_at > now + FARTHEST_LEASE,
        ),
    )
    query = query.order_by(t.held.c.version, t.held.c.id)
    rows = connection.execute(query.with_for_update(of=t.held, skip_locked=True))
    return [_held(row) for row in rows]


def _is_ahead(now: datetime) -> ColumnElement[bool]:
    return exists().where(
        t.snapshot.c.source_id == t.held.c.source_id,
        t.snapshot.c.version == t.held.c.version,
        t.snapshot.c.not_after > now + _NEVER_SO_LATE,
    )


def ripe(connection: Connection, source_id: int, now: datetime, good_polls: int) -> list[Held]:
    """A source's changes that are due with so many good polls, oldest first; blips left out."""
    query = _QUERY.where(
        t.held.c.source_id == source_id,
        t.held.c.blip.is_(False),
        t.held.c.due_at <= now,
        t.held.c.due_polls <= good_polls,
    )
    query = query.order_by(t.held.c.version, t.held.c.id).with_for_update()
    return [_held(row) for row in connection.execute(query)]


def waiting(connection: Connection, event_id: str) -> Held | None:
    """The entry that an event waits in; None where it does not wait."""
    for row in connection.execute(_QUERY):
        if event_id in decode_texts(row.event_ids):
            return _held(row)
    return None


def _values(held: Held) -> dict[str, Any]:
    values = {name: getattr(held, name) for name in Held.__dataclass_fields__ if name != "id"}
    return values | {"event_ids": dumps(held.event_ids)}


def _held(row: AnyRow) -> Held:
    fields = {name: getattr(row, name) for name in Held.__dataclass_fields__}
    return Held(**fields | {"event_ids": decode_texts(row.event_ids)})


_QUERY = select(t.held)
