"""Slots: the next one of each source, claimed in sets by whoever polls.

What is due is found by an index on the time from which it is; whoever holds a slot has put that
time off to the end of its lease. So one look finds new slots and those whose holder died.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import (
    ColumnElement,
    Connection,
    Update,
    and_,
    bindparam,
    case,
    func,
    select,
    text,
    update,
)

from pricetrail.storage import tables as t
from pricetrail.storage.many import ForEach, Given
from pricetrail.storage.polls import poll_state
from pricetrail.storage.polls.poll_state import PollState
from pricetrail.storage.types import AnySelect
from pricetrail.storage.upsert import insert_of


@dataclass(frozen=True, slots=True)
class Planned:
    """A slot, from when on it may be claimed, and the time by which that was worked out."""

    slot_at: datetime
    due_at: datetime
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """A slot that is due; no other transaction can claim it until this one ends.

    `settings` are those that the database keeps of its source, None where it keeps none. `begun`
    is what a poll begins from. `polled_at`: when the slot was polled already, None for most.
    """

    slot_at: datetime
    settings: str | None
    begun: PollState
    polled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Lease:
    """Of a source's slot, until a time; its holder's writes carry the token."""

    source_id: int
    token: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Finished:
    """A source's slot that was served by the holder of a token, and the one that follows it."""

    source_id: int
    token: str
    following: Planned


def plan(connection: Connection, planned: Mapping[int, Planned]) -> None:
    """Set the first slots of sources, by their ids; where there is one already, it stays."""
    statement = (
        insert_of(connection.dialect.name)(t.slot)
        .from_select(WRITTEN, _FIRST)
        .on_conflict_do_nothing()
    )
    _each(connection, statement, planned)


def no_later(connection: Connection, planned: Mapping[int, Planned]) -> None:
    """Let the slots of sources, by their ids, be these where they are further away.

    For schedules that are others now, and clocks that were ahead. Whoever holds one keeps it.
    """
    _each(connection, _NO_LATER, planned)


def claim(
    connection: Connection,
    now: datetime,
    most: int,
    *,
    early: timedelta = timedelta(0),
    but: Iterable[int] = (),
    only: Sequence[int] | None = None,
    hosts: Iterable[str] = (),
) -> list[Due]:
    """The slots that may be claimed now, the most overdue first.

    What another transaction is claiming is passed over, and nobody waits. `hold` those that are
    to be kept before this transaction ends.

    Args:
        early: so much earlier than its due time a slot is claimed, if it has come itself.
        but: the ids of sources that are left out.
        only: the ids of those that it is about; None for all.
        hosts: `NAME:PORT` of those whose sources are left out, by their stored addresses.
    """
    values = {"now": now, "until": now + early, "most": most}
    addresses = [pattern for host in sorted(hosts) for pattern in _addresses(host)]
    values.update({f"address_{number}": one for number, one in enumerate(addresses)})
    if but:
        values["but"] = sorted(but)
    if only is not None:
        values["sources"] = list(only)
    found = []
    for row in connection.execute(
        _claiming("but" in values, only is not None, len(addresses)), values
    ):
        slot_at, settings, polled_at, *begun = row
        found.append(Due(slot_at, settings, poll_state.of_row(begun), polled_at))
    return found


def hold(connection: Connection, leases: Iterable[Lease], owner: str, now: datetime) -> None:
    """Give the slots that this transaction has claimed to their holder."""
    rows = [
        {
            "source": one.source_id,
            "secret": one.token,
            "until": one.until,
            "holder": owner,
            "now": now,
        }
        for one in leases
    ]
    _HOLD.run(connection, rows)


def give_back(
    connection: Connection, source_id: int, token: str, until: datetime | None = None
) -> None:
    """Let go of a slot that was not begun: it is due again at once, or at a time."""
    connection.execute(_GIVE_BACK, {"source": source_id, "secret": token, "until": until})


def finish(connection: Connection, source_id: int, token: str, following: Planned) -> bool:
    """Give a slot back and set the next one; False where the lease was lost meanwhile."""
    return finish_many(connection, [Finished(source_id, token, following)]) == 1


def finish_many(connection: Connection, finished: Sequence[Finished]) -> int:
    """The same of several; of how many the lease had not been lost."""
    rows = [
        {"source": one.source_id, "secret": one.token, **_values(one.following)} for one in finished
    ]
    return _FINISH.run(connection, rows)


def holds(connection: Connection, source_id: int, token: str) -> bool:
    """Whether the lease on a source's slot is still this holder's."""
    return connection.execute(_HOLDER, {"source": source_id}).scalar() == token


def _each(connection: Connection, statement: object, planned: Mapping[int, Planned]) -> None:
    rows = [{"source": source, **_values(one)} for source, one in planned.items()]
    if rows:
        connection.execute(statement, rows)  # type: ignore[call-overload]  # any statement


def _values(planned: Planned) -> dict[str, object]:
    return {"slot": planned.slot_at, "due": planned.due_at, "now": planned.set_at}


WRITTEN = ["source_id", "slot_at", "due_at", "set_at", "paused"]
_TIME = t.slot.c.due_at.type
_OURS = t.slot.c.source_id == bindparam("source")
_FIRST = select(
    t.source.c.id,
    bindparam("slot", type_=_TIME),
    bindparam("due", type_=_TIME),
    bindparam("now", type_=_TIME),
    t.source.c.paused,
).where(t.source.c.id == bindparam("source"))
FREE = {"owner": None, "token": None}
_IS_LATER = t.slot.c.slot_at > bindparam("slot", type_=_TIME)
_NO_LATER = (
    update(t.slot)
    .where(_OURS)
    .values(
        slot_at=case((_IS_LATER, bindparam("slot", type_=_TIME)), else_=t.slot.c.slot_at),
        due_at=case(
            (_IS_LATER & t.slot.c.token.is_(None), bindparam("due", type_=_TIME)),
            else_=t.slot.c.due_at,
        ),
        set_at=bindparam("now"),
    )
)
_TYPES = {
    "source": t.slot.c.source_id.type,
    **dict.fromkeys(("secret", "holder"), t.slot.c.token.type),
    **dict.fromkeys(("slot", "due", "until", "now"), _TIME),
}


def _for_each(names: Sequence[str], statement: Callable[[Given], Update]) -> ForEach:
    return ForEach({name: _TYPES[name] for name in names}, statement)


_HOLD = _for_each(
    ("source", "secret", "holder", "until", "now"),
    lambda given: (
        update(t.slot)
        .where(t.slot.c.source_id == given("source"))
        .values(
            owner=given("holder"), token=given("secret"), due_at=given("until"), set_at=given("now")
        )
    ),
)
THESE = t.slot.c.source_id.in_(bindparam("sources", expanding=True))
_BUT = t.slot.c.source_id.not_in(bindparam("but", expanding=True))
_HELD = t.slot.c.token == bindparam("secret")
_GIVE_BACK = (
    update(t.slot)
    .where(_OURS, _HELD)
    .values(due_at=func.coalesce(bindparam("until", type_=_TIME), t.slot.c.slot_at), **FREE)
)
_FINISH = _for_each(
    ("source", "secret", "slot", "due", "now"),
    lambda given: (
        update(t.slot)
        .where(t.slot.c.source_id == given("source"), t.slot.c.token == given("secret"))
        .values(slot_at=given("slot"), due_at=given("due"), set_at=given("now"), **FREE)
    ),
)
_HOLDER = select(t.slot.c.token).where(_OURS)
# As the index has it, on either database.
_NOT_PAUSED = text("NOT slot.paused")
HAS_COME = and_(
    _NOT_PAUSED,
    t.slot.c.due_at <= bindparam("until", type_=_TIME),
    t.slot.c.slot_at <= bindparam("now", type_=_TIME),
    # Whoever comes early for a slot comes early for no lease: its holder has it to the end.
    t.slot.c.token.is_(None) | (t.slot.c.due_at <= bindparam("now", type_=_TIME)),
)
_COMING = (
    select(t.slot.c.source_id, t.slot.c.slot_at, t.slot.c.due_at)
    .where(HAS_COME)
    .order_by(t.slot.c.due_at)
    .limit(bindparam("most"))
)


_ADDRESS = func.lower(func.coalesce(t.source.c.url, "")).concat("/")


def _is_of_none(addresses: int) -> ColumnElement[bool]:
    """Whether the source of a slot is at none of so many addresses.

    Asked for each slot: joined, all sources would be gone through before the first is found.
    """
    others = [
        _ADDRESS.not_like(bindparam(f"address_{number}"), escape="\\")
        for number in range(addresses)
    ]
    asked = select(and_(*others)).where(t.source.c.id == t.slot.c.source_id)
    return asked.correlate(t.slot).scalar_subquery()


def _addresses(host: str) -> list[str]:
    """What the addresses of sources at `NAME:PORT` look like, as patterns of LIKE."""
    name, _, port = host.rpartition(":")
    name = f"[{name}]" if ":" in name else name.replace("_", "\\_")
    own = {"80": ["http"], "443": ["https"]}.get(port, [])
    return [
        *(f"{scheme}://{name}/%" for scheme in own),
        *(f"{scheme}://{name}:{port}/%" for scheme in ("http", "https")),
    ]


# A few hosts at once are left out, of as many as poll.
@lru_cache(maxsize=32)
def _claiming(but: bool, only: bool, addresses: int = 0) -> AnySelect:
    """What polls of the slots that are due begin from, the most overdue first; nobody waits."""
    due = _COMING.where(_BUT) if but else _COMING
    due = due.where(THESE) if only else due
    due = due.where(_is_of_none(addresses)) if addresses else due
    found = due.with_for_update(skip_locked=True).cte("due")
    polled = select(t.poll.c.started_at).where(
        t.poll.c.source_id == found.c.source_id, t.poll.c.slot == found.c.slot_at
    )
    return (
        select(found.c.slot_at, t.source.c.settings, polled.scalar_subquery(), *poll_state.columns)
        .select_from(poll_state.joined(found, t.source.c.id == found.c.source_id))
        .order_by(found.c.due_at)
    )
