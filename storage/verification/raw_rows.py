"""A source's history as its rows stand, version by version, whatever was done to them.

For whoever checks it: values are read without interpreting them, and text that is not UTF-8 any
more is shown with escapes instead of failing.
"""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, type_coerce
from sqlalchemy.types import NullType

from pricetrail.catalog import event_types as kinds
from pricetrail.storage import tables as t
from pricetrail.storage.history.shared_bodies import is_shared
from pricetrail.storage.history.versions import is_keyframe, is_of_model
from pricetrail.storage.types import AnyRow, AnySelect, EventType

# What only a snapshot makes: a reminder of a date of retirement has a time of its own.
_SNAPSHOT_TYPES = (*kinds.COUNTED_TYPES, kinds.SCHEMA_CHANGED, *EventType.letters.values())
_FETCHED_AT_ONCE = 500


@contextmanager
def as_it_stands(connection: Connection) -> Iterator[None]:
    """Within it, text is read even where its bytes are not UTF-8."""
    raw = connection.connection.driver_connection
    if raw is None or connection.dialect.name != "sqlite":
        # A Postgres in UTF-8 holds no other text.
        yield
        return
    before = raw.text_factory
    raw.text_factory = _lenient
    try:
        yield
    finally:
        raw.text_factory = before


def _lenient(stored: bytes) -> str:
    return stored.decode(errors="backslashreplace")


class ByVersion:
    """Rows in order of their `version`, handed out version by version."""

    def __init__(self, rows: Generator[AnyRow, None, None]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def take(self, version: int) -> list[AnyRow]:
        """The rows of a version; `stray` tells of those that belong to none before it."""
        found = []
        while self._next is not None and self._next.version == version:
            found.append(self._next)
            self._next = next(self._rows, None)
        return found

    def stray(self, version: int) -> bool:
        """Whether a row is waiting that should have come by `version`."""
        waiting = self._next.version if self._next is not None else None
        return waiting is not None and not (isinstance(waiting, int) and waiting > version)

    def close(self) -> None:
        """Stop reading."""
        self._rows.close()

    @property
    def left(self) -> AnyRow | None:
        """The first row that nobody took."""
        return self._next


def snapshots(connection: Connection, source_id: int) -> Generator[AnyRow, None, None]:
    """The snapshot rows by version, bodies as they are packed: in `body`, or in `shared_body`."""
    shared = _raw(t.shared_body.c.body).label("shared_body")
    query = select(*map(_raw, t.snapshot.c), shared).outerjoin(t.shared_body, is_shared)
    query = query.where(t.snapshot.c.source_id == source_id)
    return _streamed(connection, query.order_by(t.snapshot.c.version))


def has_dialects(connection: Connection, source_id: int) -> bool:
    """Whether any version's body was read by another dialect than PipeLLM's."""
    row = t.snapshot.c
    other = row.dialect.is_not(None) | row.keep.is_not(None)
    query = select(row.version).where(row.source_id == source_id, other).limit(1)
    return connection.execute(query).first() is not None


def model_versions(connection: Connection, source_id: int) -> ByVersion:
    """`version` (the first in force), `name`, `valid_to`, and `document` as it is packed.

    `base` and `keyframe`: which document it rests on, and that one; `keyframe_base`: on which that.
    """
    row = t.model_version.c
    columns = (
        row.valid_from.label("version"),
        t.model.c.name,
        row.valid_to,
        row.base,
        _raw(row.document),
        _raw(_keyframe.c.document).label("keyframe"),
        _keyframe.c.base.label("keyframe_base"),
    )
    query = select(*columns).select_from(t.model_version)
    query = query.outerjoin(t.model, is_of_model(t.model_version, t.model))
    query = query.outerjoin(_keyframe, is_keyframe(_keyframe, t.model_version))
    query = query.where(row.source_id == source_id)
    return ByVersion(_streamed(connection, query.order_by(row.valid_from)))


def prices(connection: Connection, source_id: int) -> ByVersion:
    """`version`, `name` of the model, `path`, `unit`, `amount`, `flagged`."""
    row = t.price.c
    columns = (
        row.valid_from.label("version"),
        t.model.c.name,
        t.path.c.path,
        t.path.c.unit,
        _raw(row.amount),
        _raw(row.flagged),
    )
    query = select(*columns).select_from(t.price)
    query = query.outerjoin(t.model, is_of_model(t.price, t.model))
    query = query.outerjoin(t.path, t.path.c.id == row.path_id)
    query = query.where(row.source_id == source_id)
    return ByVersion(_streamed(connection, query.order_by(row.valid_from)))


def events(connection: Connection, source_id: int) -> ByVersion:
    """The events of snapshots: `number`, `id`, `version`, `sequence`, `type`, `name`, `body`."""
    row = t.event.c
    columns = (row.number, _raw(row.id), row.version, row.sequence, _raw(row.type), t.model.c.name)
    query = select(*columns, row.model_id, _raw(row.body)).select_from(t.event)
    query = query.outerjoin(t.model, t.model.c.id == row.model_id)
    query = query.where(row.source_id == source_id, row.at.is_(None))
    return ByVersion(_streamed(connection, query.order_by(row.version, row.sequence, row.number)))


def schema(connection: Connection, source_id: int) -> ByVersion:
    """`version` and the `item` first seen in it."""
    row = t.schema_seen.c
    query = select(row.version, row.item).where(row.source_id == source_id)
    return ByVersion(_streamed(connection, query.order_by(row.version)))


def disguised_events(connection: Connection, source_id: int) -> int:
    """How many rows give themselves out for events of a snapshot, with a time of their own."""
    row = t.event.c
    query = select(func.count()).where(
        row.source_id == source_id, row.at.is_not(None), _raw(row.type).in_(_SNAPSHOT_TYPES)
    )
    return connection.execute(query).scalar_one()


def chain_from(connection: Connection, source_id: int, version: int) -> list[AnyRow]:
    """What the chain is made of from a version to the head: the columns that it covers."""
    row = t.snapshot.c
    columns = (row.version, row.not_before, row.not_after, row.models, row.dialect)
    query = select(*columns, row.catalog_root, row.body_hash, row.chain_hash)
    query = query.where(row.source_id == source_id, row.version >= version)
    return list(connection.execute(query.order_by(row.version)))


_keyframe = t.model_version.alias("keyframe")


def _raw(column: ColumnElement[Any]) -> ColumnElement[Any]:
    name = getattr(column, "name", None)
    return type_coerce(column, NullType()).label(name)


def _streamed(connection: Connection, query: AnySelect) -> Generator[AnyRow, None, None]:
    options: Mapping[str, Any] = {"stream_results": True, "yield_per": _FETCHED_AT_ONCE}
    with connection.execute(query, execution_options=options) as rows:
        yield from rows
