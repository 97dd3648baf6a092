"""How the polling of every source goes, in numbers: read from the sources' rows alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, func, select

from pricetrail.storage import tables as t
from pricetrail.storage.polls.outcomes import OUTCOMES
from pricetrail.storage.source_names import FEW, SomeNames


@dataclass(frozen=True, slots=True)
class SourceCounts:
    """One source in numbers; `models` are those of its newest version, 0 without one.

    `polls` are those that were made of it, by outcome: what was pruned is counted, what was
    imported is not. `failures` are those that failed since the last good one.
    """

    id: int
    name: str
    version: int
    models: int
    polls: Mapping[str, int]
    good_at: datetime | None
    next_slot_at: datetime | None
    failures: int
    holding: bool
    overdue: bool


def counts(connection: Connection, now: datetime) -> list[SourceCounts]:
    """Every source with a row, by name."""
    rows = connection.execute(_COUNTS, {"now": now})
    return [
        SourceCounts(
            id=row.id,
            name=row.name,
            version=row.head_version,
            models=row.models,
            polls={outcome: getattr(row, f"polls_{outcome}") for outcome in OUTCOMES},
            good_at=row.good_at,
            next_slot_at=row.next_slot_at,
            failures=row.failures,
            holding=row.holding,
            overdue=bool(row.overdue),
        )
        for row in rows
    ]


def overdue(connection: Connection, now: datetime, most: int = FEW) -> SomeNames:
    """The first of the sources that are overdue, by name; one that is paused is not."""
    found = connection.execute(_OVERDUE, {"now": now, "most": most + 1}).scalars().all()
    if len(found) <= most:
        return SomeNames(tuple(found), len(found))
    return SomeNames(
        tuple(found[:most]), connection.execute(_ALL_OVERDUE, {"now": now}).scalar_one()
    )


def is_late(connection: Connection, source_id: int, now: datetime) -> bool:
    """Whether one source is overdue."""
    found = connection.execute(_IS_LATE, {"now": now, "source": source_id})
    return found.first() is not None


def is_overdue() -> ColumnElement[bool]:
    """Whether a source is, at the time `now`."""
    late = t.source.c.overdue_at < bindparam("now", type_=t.source.c.overdue_at.type)
    return and_(t.source.c.overdue_at.is_not(None), late, t.source.c.paused.is_(False))


# When a source is polled next; null where it is paused.
planned = case((t.source.c.paused.is_(False), t.slot.c.slot_at))
_COUNTS = (
    select(
        t.source.c.id,
        t.source.c.name,
        t.source.c.head_version,
        t.source.c.good_at,
        planned.label("next_slot_at"),
        t.source.c.failures,
        t.source.c.holding,
        *(t.source.c[f"polls_{outcome}"] for outcome in OUTCOMES),
        func.coalesce(t.snapshot.c.models, 0).label("models"),
        is_overdue().label("overdue"),
    )
    .select_from(t.source)
    .outerjoin(t.slot, t.slot.c.source_id == t.source.c.id)
    .outerjoin(
        t.snapshot,
        (t.snapshot.c.source_id == t.source.c.id)
        & (t.snapshot.c.version == t.source.c.head_version),
    )
    .order_by(t.source.c.name)
)
_OVERDUE = (
    select(t.source.c.name).where(is_overdue()).order_by(t.source.c.name).limit(bindparam("most"))
)
_IS_LATE = select(t.source.c.id).where(t.source.c.id == bindparam("source"), is_overdue())
_ALL_OVERDUE = select(func.count()).select_from(t.source).where(is_overdue())
