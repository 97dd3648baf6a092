"""The event log, read back exactly as it was announced."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from catalog import events as kinds
from catalog.events import Event
from catalog.steps import Version, change_envelope, event_envelope
from catalog.strict_json import loads
from storage import tables as t
from storage.changes import unpack_changes
from storage.errors import NothingThereError


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events to read; None leaves a side open. `after` is a cursor: a row's number."""

    source_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    types: Sequence[str] = ()
    model_id: int | None = None
    version: int | None = None
    after: int | None = None
    limit: int | None = None


def read(connection: Connection, wanted: EventFilter) -> Iterator[tuple[int, Event]]:
    """Events with their row numbers, oldest first."""
    query = _filtered(wanted).order_by(t.event.c.number)
    if wanted.limit is not None:
        query = query.limit(wanted.limit)
    for row in connection.execute(query):
        yield row.number, _event(row)


def by_ids(connection: Connection, ids: Sequence[str]) -> list[Event]:
    """The events with these ids, in the order of the log."""
    found = []
    for start in range(0, len(ids), 5000):
        query = _QUERY.where(t.event.c.id.in_(ids[start : start + 5000]))
        found += [(row.number, _event(row)) for row in connection.execute(query)]
    return [event for _, event in sorted(found, key=lambda pair: pair[0])]


def require(connection: Connection, event_id: str) -> Event:
    """One event by its id.

    Raises:
        NothingThereError: there is none.
    """
    hexadecimal = event_id.removeprefix("evt_")
    known = len(hexadecimal) == 40 and not set(hexadecimal) - set("0123456789abcdef")
    found = by_ids(connection, [event_id]) if known else []
    if not found:
        raise NothingThereError(f"no event {event_id!r}: see `pricetrail events`")
    return found[0]


def _filtered(wanted: EventFilter) -> Select[Any]:
    happened = func.coalesce(t.event.c.at, t.snapshot.c.not_after, type_=t.event.c.at.type)
    conditions: dict[str, Callable[[Any], Any]] = {
        "source_id": lambda given: t.event.c.source_id == given,
        "since": lambda given: happened >= given,
        "until": lambda given: happened < given,
        "types": t.event.c.type.in_,
        "model_id": lambda given: t.event.c.model_id == given,
        "version": lambda given: t.event.c.version == given,
        "after": lambda given: t.event.c.number > given,
    }
    asked = {name: getattr(wanted, name) for name in conditions}
    rules = [conditions[name](given) for name, given in asked.items() if given not in (None, ())]
    return _QUERY.where(*rules)


def _event(row: Row[*tuple[Any, ...]]) -> Event:
    name = row.id
    if row.at is not None:
        data = {"id": name, "source": row.source, **loads(row.body)}
        return Event(name, row.source, row.version, row.sequence, row.type, None, row.at, data)
    version = Version(row.source, row.version, row.chain_hash, b"", row.not_before, row.not_after)
    data = event_envelope(name, version) | _particulars(row)
    at = row.not_after
    return Event(name, row.source, row.version, row.sequence, row.type, row.model, at, data)


def _particulars(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    if row.type in (kinds.ADDED, kinds.REMOVED):
        return {"model": loads(row.document)}
    if row.type in (kinds.REPRICED, kinds.UPDATED):
        changes = unpack_changes(row.body)
        return change_envelope(loads(row.document), changes)
    return dict(loads(row.body))


# A removed model's last document is the one that its removal closed.
_DOCUMENT = and_(
    t.model_version.c.model_id == t.event.c.model_id,
    or_(
        and_(t.event.c.type == kinds.REMOVED, t.model_version.c.valid_to == t.event.c.version),
        and_(t.event.c.type != kinds.REMOVED, t.model_version.c.valid_from == t.event.c.version),
    ),
)
_SNAPSHOT = and_(
    t.snapshot.c.source_id == t.event.c.source_id,
    t.snapshot.c.version == t.event.c.version,
    t.event.c.at.is_(None),
)
_QUERY = (
    select(
        t.event.c.number,
        t.event.c.id,
        t.event.c.version,
        t.event.c.sequence,
        t.event.c.type,
        t.event.c.at,
        t.event.c.body,
        t.source.c.name.label("source"),
        t.model.c.name.label("model"),
        t.snapshot.c.chain_hash,
        t.snapshot.c.not_before,
        t.snapshot.c.not_after,
        t.model_version.c.document,
    )
    .select_from(t.event)
    .join(t.source, t.source.c.id == t.event.c.source_id)
    .outerjoin(t.snapshot, _SNAPSHOT)
    .outerjoin(t.model, t.model.c.id == t.event.c.model_id)
    .outerjoin(t.model_version, _DOCUMENT)
)
