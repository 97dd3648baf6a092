"""The dates of retirement of the models in force, and when each is to be said again."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from pricetrail.catalog.documents import Document
from pricetrail.catalog.strict_json import loads
from pricetrail.catalog.sunset_dates import next_reminder, sunset_of
from pricetrail.catalog.versions import NewVersion
from pricetrail.storage import tables as t
from pricetrail.storage.codecs.documents import decode
from pricetrail.storage.history.versions import is_keyframe
from pricetrail.storage.sources import SourceState


class Retirement(NamedTuple):
    """A model in force that has a date of retirement, and the row id of it."""

    source: str
    model: str
    at: datetime
    model_id: int


def write(
    connection: Connection, source: SourceState, new: NewVersion, ids: Mapping[str, int]
) -> None:
    """Write which dates a version brought, moved and took away; a date that stays is left alone.

    Args:
        ids: the row ids of the models that the version touched.
    """
    moved = list(_moved(new))
    if not moved:
        return
    rows = [{"source": source.id, "model": ids[model]} for model, _ in moved]
    connection.execute(_DELETE, rows)
    # Only what comes to pass from now on is said: a date that is near is told as near at once.
    seen = new.version.not_after
    dates = [
        {
            "source_id": source.id,
            "model_id": ids[model],
            "at": date,
            "remind_at": next_reminder(date, seen),
        }
        for model, date in moved
        if date is not None
    ]
    if dates:
        connection.execute(_INSERT, dates)
    plan(connection, source.id)


def _moved(new: NewVersion) -> Iterator[tuple[str, datetime | None]]:
    """The models whose date is another one now, and that date; None where there is none."""
    old, now = new.comparison.old_documents, new.comparison.new_documents
    for model in sorted(old.keys() | now.keys()):
        before, after = _date(old.get(model)), _date(now.get(model))
        if before != after:
            yield model, after


def _date(document: Document | None) -> datetime | None:
    return None if document is None else sunset_of(document)


def plan(connection: Connection, source_id: int) -> None:
    """Write down when the first of a source's dates is to be said again."""
    first = select(func.min(t.sunset.c.remind_at, type_=t.sunset.c.remind_at.type))
    first = first.where(t.sunset.c.source_id == source_id)
    row = update(t.source).where(t.source.c.id == source_id)
    connection.execute(row.values(remind_at=first.scalar_subquery()))


def due(connection: Connection, source_id: int, now: datetime) -> list[Retirement]:
    """The dates of a source that are to be said again by now, by model."""
    rows = connection.execute(_DUE, {"source": source_id, "now": now})
    return [Retirement(*row) for row in rows]


def postpone(
    connection: Connection, source_id: int, some: Sequence[Retirement], now: datetime
) -> None:
    """Say some dates not before their next reminder after now."""
    rows = [
        {"source": source_id, "model": one.model_id, "next": next_reminder(one.at, now)}
        for one in some
    ]
    connection.execute(_POSTPONE, rows)
    plan(connection, source_id)


def start_anew(connection: Connection, source_id: int, now: datetime) -> None:
    """Plan all reminders of a source as of now: its clock was ahead when they were planned."""
    rows = connection.execute(_OF_SOURCE, {"source": source_id})
    known = [Retirement(*row) for row in rows]
    if known:
        postpone(connection, source_id, known, now)


def documents(
    connection: Connection, source_id: int, some: Sequence[Retirement]
) -> dict[str, Document]:
    """The documents in force of models, by id."""
    found = {}
    for one in some:
        row = connection.execute(_DOCUMENT, {"source": source_id, "model": one.model_id}).first()
        if row is not None:
            found[one.model] = loads(decode(row.document, row.keyframe))
    return found


def upcoming(
    connection: Connection, since: datetime, source_id: int | None = None, limit: int | None = None
) -> list[Retirement]:
    """The dates of retirement from a time on, the nearest first."""
    query = _ALL.where(t.sunset.c.at >= since)
    if source_id is not None:
        query = query.where(t.sunset.c.source_id == source_id)
    # By the index alone; those of a day are in the order in which their models were first seen.
    query = query.order_by(t.sunset.c.at, t.sunset.c.source_id, t.sunset.c.model_id).limit(limit)
    return [Retirement(*row) for row in connection.execute(query)]


_DELETE = delete(t.sunset).where(
    t.sunset.c.source_id == bindparam("source"), t.sunset.c.model_id == bindparam("model")
)
_INSERT = insert(t.sunset)
_POSTPONE = (
    update(t.sunset)
    .where(t.sunset.c.source_id == bindparam("source"), t.sunset.c.model_id == bindparam("model"))
    .values(remind_at=bindparam("next", type_=t.sunset.c.remind_at.type))
)
_ALL = (
    select(t.source.c.name, t.model.c.name, t.sunset.c.at, t.sunset.c.model_id)
    .select_from(t.sunset)
    .join(t.source, t.source.c.id == t.sunset.c.source_id)
    .join(t.model, t.model.c.id == t.sunset.c.model_id)
)
_OF_SOURCE = _ALL.where(t.sunset.c.source_id == bindparam("source")).order_by(t.model.c.name)
_DUE = _OF_SOURCE.where(t.sunset.c.remind_at <= bindparam("now", type_=t.sunset.c.remind_at.type))
_keyframe = t.model_version.alias("keyframe")
_DOCUMENT = (
    select(t.model_version.c.document, _keyframe.c.document.label("keyframe"))
    .select_from(t.model_version)
    .outerjoin(_keyframe, is_keyframe(_keyframe, t.model_version))
    .where(
        t.model_version.c.source_id == bindparam("source"),
        t.model_version.c.model_id == bindparam("model"),
        t.model_version.c.valid_to.is_(None),
    )
)
