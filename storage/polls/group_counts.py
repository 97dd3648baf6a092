"""How the polling of many sources goes, in numbers, added up by the labels that they have."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Executable,
    FromClause,
    Text,
    bindparam,
    case,
    cast,
    func,
    select,
)

from pricetrail.storage import tables as t
from pricetrail.storage.polls.outcomes import OUTCOMES
from pricetrail.storage.polls.poll_counts import is_overdue, planned

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """The sources with the same labels: sums, but for `failures`, the most that any has, and times.

    Times are the earliest of any. `polls` are by outcome, `events` by type.
    """

    labels: Labels
    polls: Mapping[str, int]
    events: Mapping[str, int]
    good_at: datetime | None
    next_slot_at: datetime | None
    models: int
    version: int
    failures: int
    quarantined: int
    overdue: int


def counts(
    connection: Connection, now: datetime, configured: Mapping[str, Labels]
) -> list[GroupCounts]:
    """All sources with a row, by their labels; one statement each for polls and for events.

    Args:
        configured: the labels that the configuration gives sources, by name; others have those
            that are kept with them.
    """
    given = {name: json.dumps(dict(labels)) for name, labels in configured.items() if labels}
    asked = {"now": now, "given": json.dumps(given)}
    events: dict[str | None, dict[str, int]] = {}
    for row in connection.execute(_events(connection.dialect.name), asked):
        events.setdefault(row.labels, {})[row.type] = int(row.events)
    return [
        GroupCounts(
            labels=_labels(row.labels),
            polls={outcome: int(getattr(row, f"polls_{outcome}")) for outcome in OUTCOMES},
            events=events.get(row.labels, {}),
            good_at=row.good_at,
            next_slot_at=row.next_slot_at,
            models=int(row.models),
            version=int(row.version),
            failures=row.failures,
            quarantined=int(row.quarantined),
            overdue=int(row.overdue),
        )
        for row in connection.execute(_polls(connection.dialect.name), asked)
    ]


def _labels(text: str | None) -> Labels:
    found = json.loads(text) if text is not None else None
    return found if isinstance(found, dict) else {}


@cache
def _polls(dialect: str) -> Executable:
    labels, sources = _grouped(dialect)
    source = t.source.c
    return (
        select(
            labels,
            *(func.sum(source[name]).label(name) for name in (f"polls_{one}" for one in OUTCOMES)),
            func.min(source.good_at, type_=source.good_at.type).label("good_at"),
            func.min(planned, type_=source.good_at.type).label("next_slot_at"),
            func.coalesce(func.sum(t.snapshot.c.models), 0).label("models"),
            func.sum(source.head_version).label("version"),
            func.max(source.failures).label("failures"),
            func.sum(case((source.holding, 1), else_=0)).label("quarantined"),
            func.sum(case((is_overdue(), 1), else_=0)).label("overdue"),
        )
        .select_from(
            sources.outerjoin(t.slot, t.slot.c.source_id == source.id).outerjoin(
                t.snapshot,
                (t.snapshot.c.source_id == source.id)
                & (t.snapshot.c.version == source.head_version),
            )
        )
        .group_by(labels)
    )


@cache
def _events(dialect: str) -> Executable:
    labels, sources = _grouped(dialect)
    count = t.event_count.c
    return (
        select(labels, count.type, func.sum(count.events).label("events"))
        .select_from(sources.join(t.event_count, count.source_id == t.source.c.id))
        .group_by(labels, count.type)
    )


def _grouped(dialect: str) -> tuple[ColumnElement[str], FromClause]:
    """The labels of a source as JSON, null for none, and the sources with what tells them."""
    given = bindparam("given", type_=Text())
    if dialect == "sqlite":
        pairs = func.json_each(given).table_valued("key", "value")
        kept = func.json_extract(t.source.c.settings, "$.labels")
    else:
        pairs = func.json_each_text(cast(given, JSON)).table_valued("key", "value")
        kept = func.json_extract_path_text(cast(t.source.c.settings, JSON), "labels")
    # Once, and not for each source.
    known = select(pairs.c.key, pairs.c.value).cte("given")
    # Most say nothing of labels, and to read all texts takes long.
    says = t.source.c.settings.contains('"labels":', autoescape=True)
    labels = func.coalesce(known.c.value, case((says, kept))).label("labels")
    return labels, t.source.outerjoin(known, known.c.key == t.source.c.name)
