"""How the polling of every source goes, in numbers: read from the sources' rows alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select

from pricetrail.storage import tables as t
from pricetrail.storage.polls.outcomes import CHANGED, FAILED, QUARANTINED, UNCHANGED


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
            polls={outcome: getattr(row, f"polls_{outcome}") for outcome in _OUTCOMES},
            good_at=row.good_at,
            next_slot_at=None if row.paused else row.next_slot_at,
            failures=row.failures,
            holding=row.holding,
            overdue=bool(row.overdue),
        )
        for row in rows
    ]


def overdue(connection: Connection, now: datetime) -> list[str]:
    """The names of the sources that are overdue, in order; one that is paused is not."""
    return list(connection.execute(_OVERDUE, {"now": now}).scalars())


def _is_overdue() -> ColumnElement[bool]:
    late = t.source.c.overdue_at < bindparam("now", type_=t.source.c.overdue_at.type)
    return and_(t.source.c.overdue_at.is_not(None), late, t.source.c.paused.is_(False))


_OUTCOMES = (CHANGED, UNCHANGED, FAILED, QUARANTINED)
_COUNTS = (
    select(
        t.source.c.id,
        t.source.c.name,
        t.source.c.head_version,
        t.source.c.good_at,
        t.slot.c.slot_at.label("next_slot_at"),
        t.source.c.paused,
        t.source.c.failures,
        t.source.c.holding,
        *(t.source.c[f"polls_{outcome}"] for outcome in _OUTCOMES),
        func.coalesce(t.snapshot.c.models, 0).label("models"),
        _is_overdue().label("overdue"),
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
_OVERDUE = select(t.source.c.name).where(_is_overdue()).order_by(t.source.c.name)
