"""Coverage on its way to another database: every stretch as it is, none worked out anew."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    Text,
    bindparam,
    insert,
    select,
    update,
)

from pricetrail.catalog.times import rfc3339, utc
from pricetrail.storage import tables as t
from pricetrail.storage.polls.polls import GOOD, IMPORTED, MISSED, MISSED_WHY
from pricetrail.storage.sources import SourceState
from pricetrail.storage.types import Outcome, Utc

# A row of the table `coverage`, by the names of its columns, less whose it is.
Stretch: TypeAlias = dict[str, Any]

# Outcomes of polls that saw an accepted catalog.
SEEN = (GOOD, IMPORTED)
# Whatever columns there are: what is added to the table moves along.
_COLUMNS = [column for column in t.coverage.c if column.name not in ("id", "source_id")]
_LONGEST_TEXT = 10_000


def by_version(connection: Connection, source_id: int) -> "ByVersion":
    """The stretches of a source, to be taken version by version."""
    rows = connection.execute(_ALL, {"source": source_id}).mappings()
    return ByVersion(dict(row) for row in rows)


class ByVersion:
    """Stretches by version and in their order."""

    def __init__(self, rows: Iterator[Stretch]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def up_to(self, version: int) -> Iterator[Stretch]:
        """Those of a version, and those before it that nobody took."""
        while self._next is not None and self._next["version"] <= version:
            yield self._next
            self._next = next(self._rows, None)


def as_json(stretch: Stretch) -> dict[str, Any]:
    """A stretch as a JSON object; what is not known is left out."""
    return {
        name: rfc3339(value) if isinstance(value, datetime) else value
        for name, value in stretch.items()
        if value is not None
    }


def from_json(entry: object) -> Stretch:
    """The stretch again.

    Raises:
        ValueError, TypeError: it is none, and why.
    """
    if not isinstance(entry, dict):
        raise TypeError("a stretch is not an object")
    stretch = {
        column.name: _value(column, entry[column.name])
        for column in _COLUMNS
        if column.name in entry
    }
    for column in _COLUMNS:
        if column.name not in stretch and not column.nullable and column.server_default is None:
            raise ValueError(f"a stretch has no `{column.name}`")
    if stretch["first_at"] > stretch["last_at"]:
        raise ValueError("a stretch ends before it begins")
    return stretch


def _value(column: "Column[Any]", value: object) -> Any:
    kind = column.type
    if isinstance(kind, Utc) and isinstance(value, str):
        return utc(value)
    if isinstance(kind, Outcome) and value in Outcome.letters:
        return value
    if isinstance(kind, Integer) and type(value) is int:
        limit = 1 << (63 if isinstance(kind, BigInteger) else 31)
        if 0 <= value < limit:
            return value
    if isinstance(kind, Text) and isinstance(value, str) and len(value) < _LONGEST_TEXT:
        return value
    raise ValueError(f"the `{column.name}` of a stretch is {str(value)[:40]!r}")


def find_last(connection: Connection, source_id: int) -> Stretch | None:
    """The end of a source's coverage, with its `id`; None where it has none."""
    row = connection.execute(_LAST, {"source": source_id}).mappings().first()
    return None if row is None else dict(row)


def append(connection: Connection, source: SourceState, stretches: Sequence[Stretch]) -> None:
    """Stretches behind the end of a source's coverage.

    Args:
        source: as it was before the observation that they came with was recorded.
    """
    for stretch in stretches:
        connection.execute(_NEW, {**stretch, "source_id": source.id})
    _advance(connection, source, stretches)


def extend(connection: Connection, source: SourceState, stretches: Iterable[Stretch]) -> None:
    """What is new of the stretches of a source's head: what its coverage has already stays.

    What overlaps with later polls of the source's own is left out: nobody has seen what both say
    together.
    """
    last = find_last(connection, source.id)
    new: list[Stretch] = []
    counted = 0
    for stretch in stretches:
        if not new and last is not None and stretch["last_at"] <= last["last_at"]:
            continue
        if not new and last is not None and _begin_alike(stretch, last):
            counted = last["polls"]
            connection.execute(_EXTEND.values(**stretch), {"row": last["id"]})
        elif new or last is None or stretch["first_at"] >= last["last_at"]:
            connection.execute(_NEW, {**stretch, "source_id": source.id})
        else:
            continue
        new.append(stretch)
    if new:
        _advance(connection, source, new, counted)


def _begin_alike(one: Stretch, other: Stretch) -> bool:
    return all(one[name] == other[name] for name in ("outcome", "version", "first_at"))


def missed(version: int, since: datetime, until: datetime) -> Stretch:
    """A time of which nothing is known."""
    return {
        "outcome": MISSED,
        "version": version,
        "first_at": since,
        "last_at": until,
        "polls": 0,
        "why": MISSED_WHY,
    }


def _advance(
    connection: Connection, source: SourceState, new: Sequence[Stretch], counted: int = 0
) -> None:
    """Let the source stand where its coverage ends; so many polls of the first were known."""
    polled = [stretch["last_at"] for stretch in new if stretch["outcome"] != MISSED]
    seen = [stretch["last_at"] for stretch in new if stretch["outcome"] in SEEN]
    polls = sum(stretch["polls"] for stretch in new) - counted
    good_polls = sum(stretch["polls"] for stretch in new if stretch["outcome"] in SEEN)
    good_polls -= counted if new[0]["outcome"] in SEEN else 0
    values: dict[str, Any] = {
        "polls": source.polls + max(1, polls),
        "good_polls": source.good_polls + max(1, good_polls),
        "last_poll_at": _latest(source.last_poll_at, polled),
        "good_at": _latest(source.good_at, seen),
        "good_started_at": _latest(source.good_started_at, seen),
    }
    connection.execute(update(t.source).where(t.source.c.id == source.id).values(**values))


def _latest(before: datetime | None, moments: Sequence[datetime]) -> datetime | None:
    return max((moment for moment in (before, *moments) if moment is not None), default=None)


_OURS = t.coverage.c.source_id == bindparam("source")
_ALL = select(*_COLUMNS).where(_OURS).order_by(t.coverage.c.version, t.coverage.c.id)
_LAST = select(t.coverage.c.id, *_COLUMNS).where(_OURS).order_by(t.coverage.c.id.desc()).limit(1)
_NEW = insert(t.coverage)
_EXTEND = update(t.coverage).where(t.coverage.c.id == bindparam("row"))
