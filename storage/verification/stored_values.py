"""Whether what is stored is what pricetrail writes: asked when reading it led to an error.

SQLite keeps any value in any column. Whoever reads one believes it; what then goes wrong, and
where, cannot be foreseen. So the values are looked at afterwards, all of them.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    Table,
    select,
    type_coerce,
)
from sqlalchemy.types import NullType

from pricetrail.catalog.amounts import parse_amount
from pricetrail.storage import source_names, sources
from pricetrail.storage import tables as t
from pricetrail.storage.codecs import stored_json
from pricetrail.storage.errors import TamperedError
from pricetrail.storage.polls.outcomes import GOOD, IMPORTED
from pricetrail.storage.types import Amount, EventId, EventType, Outcome, Utc
from pricetrail.storage.verification import raw_rows
from pricetrail.storage.verification.verify import verify

_LATEST = 253_402_300_799_999  # the last millisecond of the year 9999
_FETCHED_AT_ONCE = 500
# Of so many sources every history is recomputed; `pricetrail verify` does it for more.
_MOST_RECOMPUTED = 1_000
_JSON: dict[Column[Any], Callable[[Any], object]] = {
    t.event.c.body: stored_json.decode_object,
    t.snapshot.c.ignored: stored_json.decode_texts,
    t.snapshot.c.keep: stored_json.decode_texts,
    t.source.c.keep: stored_json.decode_texts,
    t.held.c.event_ids: stored_json.decode_texts,
    t.delivery.c.event_ids: stored_json.decode_texts,
    t.delivery.c.blips: stored_json.decode_text_lists,
    t.quarantine.c.counts: stored_json.decode_counts,
}


def damage(connection: Connection) -> TamperedError | None:
    """What to say where a stored value is wrong, or a history is not as it was written."""
    with raw_rows.as_it_stands(connection):
        wrong = next(filter(None, (_wrong_in(connection, table) for table in _TABLES)), None)
        wrong = wrong or _version_of_none(connection)
    return TamperedError(wrong) if wrong else _broken(connection)


_TABLES = t.metadata.sorted_tables


def _wrong_in(connection: Connection, table: Table) -> str | None:
    rows = connection.execute(
        select(*map(_raw, table.c)), execution_options={"yield_per": _FETCHED_AT_ONCE}
    )
    checks = [(column, _check_of(column)) for column in table.c]
    with rows:
        for row in rows:
            for (column, fits), value in zip(checks, row, strict=True):
                if value is None and column.nullable:
                    continue
                if value is None or not fits(value):
                    return f"{table.name}.{column.name} holds {str(value)[:40]!r}"
    return None


def _version_of_none(connection: Connection) -> str | None:
    """A stretch of polls with a version that there is not; 0: bad ones before the first."""
    row = connection.execute(_STRAY).first()
    return None if row is None else f"coverage.version holds {row.version}, which is no version"


_STRAY = (
    select(t.coverage.c.version)
    .outerjoin(
        t.snapshot,
        (t.snapshot.c.source_id == t.coverage.c.source_id)
        & (t.snapshot.c.version == t.coverage.c.version),
    )
    .where(
        (t.coverage.c.version != 0) | t.coverage.c.outcome.in_((GOOD, IMPORTED)),
        t.snapshot.c.version.is_(None),
    )
    .limit(1)
)


def _raw(column: Column[Any]) -> Any:
    return type_coerce(column, NullType()).label(column.name)


def _check_of(column: Column[Any]) -> Callable[[Any], bool]:
    if column is t.usage.c.day:
        return _is_day
    if column in _JSON:
        return lambda value: _is_read(value, _JSON[column])
    for kind, fits in _CHECKS:
        if isinstance(column.type, kind):
            return fits
    return _is_text


def _is_read(value: Any, decode: Callable[[Any], object]) -> bool:
    try:
        decode(value)
    except TamperedError:
        return False
    return True


def _is_text(value: Any) -> bool:
    # Bytes that are no UTF-8 are shown with escapes.
    return isinstance(value, str) and "\\x" not in value


def _is_time(value: Any) -> bool:
    if isinstance(value, datetime):
        return True
    return type(value) is int and 0 <= value <= _LATEST


def _is_day(value: Any) -> bool:
    try:
        return len(value) == 10 and date.fromisoformat(value).isoformat() == value
    except (TypeError, ValueError):
        return False


def _is_bytes(value: Any) -> bool:
    return isinstance(value, bytes | memoryview)


def _is_whole(value: Any) -> bool:
    return type(value) is int


_CHECKS: list[tuple[Any, Callable[[Any], bool]]] = [
    (Utc, _is_time),
    (Amount, lambda value: isinstance(value, Decimal) or parse_amount(value) is not None),
    (EventId, lambda value: _is_bytes(value) and len(value) == 20),
    (EventType, lambda value: isinstance(value, str)),
    (Outcome, lambda value: value in Outcome.words),
    (Boolean, lambda value: value in (0, 1)),
    (Integer, _is_whole),
    (BigInteger, _is_whole),
    (LargeBinary, _is_bytes),
]


def _broken(connection: Connection) -> TamperedError | None:
    """The first break of any source's history."""
    if source_names.count(connection) > _MOST_RECOMPUTED:
        return None
    for name in sources.names(connection):
        found = verify(connection, sources.choose(connection, name)).first_break
        if found is not None:
            version = "" if found.version is None else f"version {found.version}, "
            return TamperedError(f"{name}: {version}{found.what}: {found.why}")
    return None
