"""Coverage on its way to another database: every stretch as it is, none worked out anew."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from pricetrail.catalog.times import rfc3339, utc
from pricetrail.storage import tables as t
from pricetrail.storage.polls.stretches import COLUMNS, Stretch
from pricetrail.storage.types import Outcome

_LONGEST_TEXT = 10_000
_NAMES = tuple(name for name in Stretch.__dataclass_fields__ if name != "id")


def by_version(connection: Connection, source_id: int) -> "ByVersion":
    """The stretches of a source, to be taken version by version."""
    rows = connection.execute(_ALL, {"source": source_id})
    return ByVersion(Stretch(*row) for row in rows)


class ByVersion:
    """Stretches by version and in their order."""

    def __init__(self, rows: Iterator[Stretch]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def up_to(self, version: int) -> Iterator[Stretch]:
        """Those of a version, and those before it that nobody took."""
        while self._next is not None and self._next.version <= version:
            yield self._next
            self._next = next(self._rows, None)


def as_json(stretch: Stretch) -> dict[str, object]:
    """A stretch as a JSON object; what is not known is left out."""
    members = {name: getattr(stretch, name) for name in _NAMES}
    return {
        name: rfc3339(value) if isinstance(value, datetime) else value
        for name, value in members.items()
        if value is not None
    }


def from_json(entry: object) -> Stretch:
    """The stretch again.

    Raises:
        ValueError, TypeError: it is none, and why.
    """
    if not isinstance(entry, dict):
        raise TypeError("a stretch is not an object")
    stretch = Stretch(
        outcome=_outcome(entry),
        version=_number(entry, "version"),
        first_at=_time(entry, "first_at"),
        last_at=_time(entry, "last_at"),
        polls=_number(entry, "polls"),
        longest_gap_ms=_number({"longest_gap_ms": 0} | entry, "longest_gap_ms", bits=63),
        why=_text(entry, "why") if "why" in entry else None,
    )
    if stretch.first_at > stretch.last_at:
        raise ValueError("a stretch ends before it begins")
    return stretch


def _outcome(entry: Mapping[str, object]) -> str:
    value = _text(entry, "outcome")
    if value not in Outcome.letters:
        raise _unreadable("outcome", value)
    return value


def _time(entry: Mapping[str, object], name: str) -> datetime:
    return utc(_text(entry, name))


def _number(entry: Mapping[str, object], name: str, *, bits: int = 31) -> int:
    value = _member(entry, name)
    # A boolean is a number to Python.
    if type(value) is not int or not 0 <= value < 1 << bits:
        raise _unreadable(name, value)
    return value


def _text(entry: Mapping[str, object], name: str) -> str:
    value = _member(entry, name)
    if not isinstance(value, str) or len(value) >= _LONGEST_TEXT:
        raise _unreadable(name, value)
    return value


def _member(entry: Mapping[str, object], name: str) -> object:
    if name not in entry:
        raise ValueError(f"a stretch has no `{name}`")
    return entry[name]


def _unreadable(name: str, value: object) -> ValueError:
    return ValueError(f"the `{name}` of a stretch is {str(value)[:40]!r}")


_ALL = (
    select(*COLUMNS)
    .where(t.coverage.c.source_id == bindparam("source"))
    .order_by(t.coverage.c.version, t.coverage.c.id)
)
