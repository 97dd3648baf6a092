"""The event log, read back exactly as it was announced."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)

from pricetrail.catalog import events as kinds
from pricetrail.catalog import sunsets
from pricetrail.catalog.diffs import between
from pricetrail.catalog.event_details import (
    Details,
    Heading,
    ModelAdded,
    ModelChanged,
    ModelRemoved,
)
from pricetrail.catalog.events import Event
from pricetrail.catalog.strict_json import loads
from pricetrail.catalog.times import next_millisecond
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.codecs import changes, documents
from pricetrail.storage.codecs.stored_json import decode_object
from pricetrail.storage.errors import TamperedError
from pricetrail.storage.history.versions import is_keyframe
from pricetrail.storage.types import AnyRow


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events to read; None leaves a side open. `after` and `before` are row numbers.

    `versions` are the first and the last of those that may have made one: it spares a look at the
    times of others.
    """

    source_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    types: Sequence[str] = ()
    model_id: int | None = None
    version: int | None = None
    versions: tuple[int, int] | None = None
    after: int | None = None
    before: int | None = None
    model_ids: Sequence[int] | None = None
    limit: int | None = None


def read(connection: Connection, wanted: EventFilter) -> Iterator[tuple[int, Event]]:
    """Events with their row numbers, oldest first."""
    query = _QUERY.where(*rules(wanted)).order_by(t.event.c.number)
    if wanted.limit is not None:
        query = query.limit(wanted.limit)
    for row in connection.execute(query):
        yield row.number, _event(row)


def numbers(connection: Connection, wanted: EventFilter) -> Iterator[int]:
    """The row numbers of events in order of time, those of a time in the order of the log.

    Sources are recorded side by side, and an import may come late.
    """
    query = select(t.event.c.number).select_from(t.event).outerjoin(t.snapshot, OF_SNAPSHOT)
    query = query.where(*rules(wanted)).order_by(happened(), t.event.c.number)
    yield from connection.execute(query).scalars()


def by_numbers(connection: Connection, some: Sequence[int]) -> Iterator[tuple[int, Event]]:
    """The events with these row numbers, in the order of the log."""
    for row in connection.execute(_BY_NUMBERS, {"numbers": some}):
        yield row.number, _event(row)


def by_ids(connection: Connection, ids: Sequence[str]) -> list[Event]:
    """The events with these ids, in the order of the log.

    Raises:
        TamperedError: an id, as it is stored with a message, cannot be one.
    """
    events: dict[int, Event] = {}
    for some in chunks(ids):
        rows = connection.execute(_BY_IDS, {"ids": some, "starts": list(map(_start, some))})
        events |= {row.number: _event(row) for row in rows}
    return [events[number] for number in sorted(events)]


def _start(event_id: str) -> bytes:
    try:
        return bytes.fromhex(event_id.removeprefix("evt_"))[: t.EVENT_ID_START]
    except ValueError:
        raise TamperedError(f"a stored id of an event is none: {event_id[:40]!r}") from None


def happened() -> ColumnElement[datetime]:
    """When an event was first seen; its snapshot must be joined by `OF_SNAPSHOT`."""
    return func.coalesce(t.event.c.at, t.snapshot.c.not_after, type_=t.event.c.at.type)


def rules(wanted: EventFilter) -> Iterator[ColumnElement[bool]]:
    """What a filter asks of the rows of events, beside its limit."""
    if wanted.source_id is not None:
        yield t.event.c.source_id == wanted.source_id
    if wanted.types:
        yield t.event.c.type.in_(wanted.types)
    if wanted.model_id is not None:
        yield t.event.c.model_id == wanted.model_id
    if wanted.version is not None:
        yield t.event.c.version == wanted.version
    if wanted.model_ids is not None:
        yield t.event.c.model_id.in_(wanted.model_ids)
    if wanted.after is not None:
        yield t.event.c.number > wanted.after
    if wanted.before is not None:
        yield t.event.c.number < wanted.before
    yield from _times(wanted)


def _times(wanted: EventFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.versions is not None:
        yield or_(t.event.c.at.is_not(None), t.event.c.version.between(*wanted.versions))
    # Times are stored to the millisecond; what is asked may be finer.
    if wanted.since is not None:
        yield happened() >= next_millisecond(wanted.since)
    if wanted.until is not None:
        yield happened() < next_millisecond(wanted.until)


def _event(row: AnyRow) -> Event:
    of_snapshot = row.type in kinds.MODEL_TYPES and row.at is None
    details = _model_details(row) if of_snapshot else None
    body = {} if details is not None else decode_object(row.body)
    try:
        # A source's event says itself what its head was; a snapshot's is in the snapshot's row.
        head = row.chain_hash if row.at is None else _head(body.pop("head", None))
        return Event(
            id=row.id,
            source=row.source,
            version=row.version,
            sequence=row.sequence,
            type=row.type,
            model=row.model,
            at=row.not_after if row.at is None else row.at,
            details=details or kinds.details_from_json(row.type, body),
            head=head,
            not_before=row.not_before if row.at is None else None,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise TamperedError(f"the body of event {row.id} is none: {error}") from None


def _head(stored: Mapping[str, object] | None) -> bytes | None:
    return None if stored is None else bytes.fromhex(str(stored["hash"]).removeprefix("sha256:"))


def _model_details(row: AnyRow) -> Details:
    document = loads(documents.decode(row.document, row.keyframe))
    if row.type == kinds.ADDED:
        return ModelAdded(document)
    if row.type == kinds.REMOVED:
        return ModelRemoved(document)
    if row.type == kinds.SUNSET:
        changed = tuple(changes.decode(row.body))
        return sunsets.announced(Heading.of(document), changed, row.not_after)
    if row.body is not None:
        return ModelChanged(Heading.of(document), tuple(changes.decode(row.body)))
    # Amounts changed and no more: the documents before and after say which.
    before = loads(documents.decode(row.document_before, row.keyframe_before))
    repriced = (change for change in between(before, document) if change.repriced)
    return ModelChanged(Heading.of(document), tuple(repriced))


def _state_before() -> ColumnElement[int]:
    """Where the model's state began that an event ended: one seek, however many it has."""
    ones = t.model_version.alias()
    return (
        select(func.max(ones.c.valid_from))
        .where(
            ones.c.source_id == t.event.c.source_id,
            ones.c.model_id == t.event.c.model_id,
            ones.c.valid_from < t.event.c.version,
        )
        .correlate(t.event)
        .scalar_subquery()
    )


# A removed model's last document is the one that its removal closed.
_DOCUMENT = and_(
    t.model_version.c.source_id == t.event.c.source_id,
    t.model_version.c.model_id == t.event.c.model_id,
    t.model_version.c.valid_from
    == case((t.event.c.type == kinds.REMOVED, _state_before()), else_=t.event.c.version),
)
OF_SNAPSHOT = and_(
    t.snapshot.c.source_id == t.event.c.source_id,
    t.snapshot.c.version == t.event.c.version,
    t.event.c.at.is_(None),
)
_keyframe = t.model_version.alias("keyframe")
_before = t.model_version.alias("before")
_keyframe_before = t.model_version.alias("keyframe_before")
_BEFORE = and_(
    t.event.c.type == kinds.REPRICED,
    t.event.c.body.is_(None),
    _before.c.source_id == t.event.c.source_id,
    _before.c.model_id == t.event.c.model_id,
    _before.c.valid_from == _state_before(),
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
        _keyframe.c.document.label("keyframe"),
        _before.c.document.label("document_before"),
        _keyframe_before.c.document.label("keyframe_before"),
    )
    .select_from(t.event)
    .join(t.source, t.source.c.id == t.event.c.source_id)
    .outerjoin(t.snapshot, OF_SNAPSHOT)
    .outerjoin(t.model, t.model.c.id == t.event.c.model_id)
    .outerjoin(t.model_version, _DOCUMENT)
    .outerjoin(_keyframe, is_keyframe(_keyframe, t.model_version))
    .outerjoin(_before, _BEFORE)
    .outerjoin(_keyframe_before, is_keyframe(_keyframe_before, _before))
)
_BY_NUMBERS = _QUERY.where(t.event.c.number.in_(bindparam("numbers", expanding=True))).order_by(
    t.event.c.number
)
_BY_IDS = _QUERY.where(
    t.event_id_start.in_(bindparam("starts", expanding=True)),
    t.event.c.id.in_(bindparam("ids", expanding=True)),
)
