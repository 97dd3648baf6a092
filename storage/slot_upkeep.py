"""What keeps the index of slots in order: what nobody here can poll, and what a wrong clock did."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select, update

from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.slots import FREE, HAS_COME, THESE, WRITTEN
from pricetrail.storage.sources import FARTHEST_LEASE
from pricetrail.storage.upsert import insert_of

# Clocks of servers that take over from each other differ by less.
_ONE_CLOCK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Known:
    """A source by id and name, and what the database keeps of its settings."""

    source_id: int
    name: str
    settings: str | None


def plan_at_once(connection: Connection, sources: Iterable[str], now: datetime) -> None:
    """Let sources, by their names, be due: at once those that have no slot yet.

    One that has a slot is due when that comes, even if somebody put it off who could not poll it.
    """
    for some in chunks(sources):
        named = {"names": some, "now": now}
        new = insert_of(connection.dialect.name)(t.slot).from_select(WRITTEN, _AT_ONCE)
        connection.execute(_RECALL_NAMED, {"names": some})
        connection.execute(new.on_conflict_do_nothing(), named)


def put_off(connection: Connection, sources: Iterable[int], until: datetime) -> None:
    """Let slots that nobody holds be due later, by their sources' ids; `recall` undoes it."""
    for some in chunks(sources):
        connection.execute(_PUT_OFF, {"sources": some, "until": until})


def recall(connection: Connection, sources: Iterable[int]) -> None:
    """Let slots be due when they come, that somebody put off who could not poll them."""
    for some in chunks(sources):
        connection.execute(_RECALL, {"sources": some})


def due(
    connection: Connection, now: datetime, most: int, *, early: timedelta = timedelta(0)
) -> list[Known]:
    """Whose slots have come and are held by nobody, the most overdue first."""
    rows = connection.execute(_DUE, {"now": now, "until": now + early, "most": most})
    return [Known(*row) for row in rows]


def lock_due(connection: Connection, now: datetime, most: int) -> list[Known]:
    """The same, locked until the transaction ends; what another one has locked is left out."""
    rows = connection.execute(_LOCK_DUE, {"now": now, "until": now, "most": most})
    return [Known(*row) for row in rows]


def free_ahead(connection: Connection, now: datetime) -> None:
    """End the leases that no clock of now could have given."""
    connection.execute(_FREE_AHEAD, {"far": now + FARTHEST_LEASE})


def set_ahead(connection: Connection, now: datetime) -> list[Known]:
    """Whose slots were worked out by a clock that was ahead of now."""
    rows = connection.execute(_SET_AHEAD, {"edge": now + _ONE_CLOCK})
    return [Known(*row) for row in rows]


_NAMED = t.source.c.name.in_(bindparam("names", expanding=True))
_NOW = bindparam("now", type_=t.slot.c.due_at.type)
_AT_ONCE = select(t.source.c.id, _NOW, _NOW, _NOW, t.source.c.paused).where(_NAMED)
_UNHELD = t.slot.c.token.is_(None)
_PUT_OFF = update(t.slot).where(THESE, _UNHELD).values(due_at=bindparam("until"))
# A slot that has come is put off; one that is yet to come is due a little after it at most.
_RECALL = update(t.slot).where(THESE, _UNHELD).values(due_at=t.slot.c.slot_at)
_RECALL_NAMED = (
    update(t.slot)
    .where(t.slot.c.source_id.in_(select(t.source.c.id).where(_NAMED)), _UNHELD)
    .values(due_at=t.slot.c.slot_at)
)
_FREE_AHEAD = (
    update(t.slot)
    .where(t.slot.c.token.is_not(None), t.slot.c.due_at > bindparam("far"))
    .values(due_at=t.slot.c.slot_at, **FREE)
)
_KNOWN = (t.source.c.id, t.source.c.name, t.source.c.settings)
_OF_SLOT = t.source.c.id == t.slot.c.source_id
_DUE = (
    select(*_KNOWN)
    .join_from(t.slot, t.source, _OF_SLOT)
    .where(HAS_COME)
    .order_by(t.slot.c.due_at, t.slot.c.source_id)
    .limit(bindparam("most"))
)
_LOCK_DUE = _DUE.with_for_update(of=t.slot, skip_locked=True)
_SET_AHEAD = (
    select(*_KNOWN)
    .join_from(t.slot, t.source, _OF_SLOT)
    .where(t.slot.c.set_at > bindparam("edge", type_=t.slot.c.set_at.type))
)
