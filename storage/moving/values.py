"""Values that leave one database and reach another: as they are stored, and compared alike."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Column, LargeBinary, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

from pricetrail.catalog.amounts import plain
from pricetrail.storage.errors import TamperedError
from pricetrail.storage.types import EventId, EventType, Outcome

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MODULUS = 1 << 256


@lru_cache
def as_stored(table: Table) -> Table:
    """The table with columns of plain types: only what the databases store apart is interpreted.

    Times are `timestamptz` or milliseconds, amounts `numeric` or text. Letters that stand for
    words, and ids in bytes, are the same in both.
    """
    columns = (
        Column(column.name, _stored(column.type), primary_key=column.primary_key)
        for column in table.c
    )
    return Table(table.name, MetaData(), *columns)


def _stored(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    if isinstance(kind, EventId):
        return LargeBinary()
    if isinstance(kind, EventType | Outcome):
        return Text()
    return kind


class Content:
    """How many rows were seen, and a digest of what they hold, in whatever order they came.

    Alike for the same rows in either database: the sum of the rows' SHA-256, so that nothing has
    to be sorted, which databases do by different alphabets.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, row: Any) -> None:
        """Take one row more into account."""
        encoded = b"".join(map(_encoded, row))
        self.rows += 1
        self._sum = (self._sum + int.from_bytes(sha256(encoded).digest())) % _MODULUS

    @property
    def digest(self) -> str:
        """The sum, as 64 hex digits."""
        return f"{self._sum:064x}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Content) and (self.rows, self._sum) == (other.rows, other._sum)

    __hash__ = None  # type: ignore[assignment]  # it grows


def _encoded(value: Any) -> bytes:
    """A value's kind, length and bytes: two rows are encoded alike only where they are equal."""
    if value is None:
        return b"-"
    if isinstance(value, bytes):
        kind, content = b"b", value
    elif isinstance(value, str):
        kind, content = b"t", value.encode()
    elif isinstance(value, datetime):
        kind, content = b"u", str((value - _EPOCH) // _MICROSECOND).encode()
    elif isinstance(value, Decimal):
        kind, content = b"a", plain(value).encode()
    elif isinstance(value, int):
        # A boolean counts as the number that SQLite makes of it.
        kind, content = b"n", str(int(value)).encode()
    else:
        raise TamperedError(f"a value of the kind {type(value).__name__}: {str(value)[:40]!r}")
    return b"%b%d:%b" % (kind, len(content), content)


def holds_long_values(table: Table) -> bool:
    """Whether a row may have megabytes: a whole catalog, and not a model's document."""
    return "body" in table.c and isinstance(table.c.body.type, LargeBinary)
