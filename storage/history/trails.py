"""Everything that one model's page draws: its prices, when it was visible, what the log says.

Rows alone are read, and no document: a model that changed thousands of times costs milliseconds.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, or_, select

from pricetrail.catalog.changes import Change
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.codecs import changes, documents
from pricetrail.storage.history.versions import COUNTS, is_keyframe


class PriceRow(NamedTuple):
    """A price from a version on; `amount` and `flagged` are None where it went."""

    version: int
    path: str
    amount: Decimal | None
    flagged: str | None


class EventRow(NamedTuple):
    """An event as its row says; `changes` is None where the rows of prices imply them."""

    id: str
    version: int
    type: str
    changes: tuple[Change, ...] | None


class Window(NamedTuple):
    """The times between which a version came; `not_before` is None for the first of all."""

    not_before: datetime | None
    not_after: datetime


class VisibleVersions(NamedTuple):
    """The versions `begin <= v < end` in which a model was visible; `end` None: it still is."""

    begin: int
    end: int | None


def price_rows(
    connection: Connection, source_id: int, model_id: int, version: int, since: int = 0
) -> list[PriceRow]:
    """The rows of a model's prices up to a version, oldest first, those of a version by path.

    Args:
        since: of those up to this version, the last of each path alone.
    """
    asked = {"source": source_id, "model": model_id, "version": version, "since": since}
    found = [PriceRow(*row) for row in connection.execute(_PRICES, asked)]
    if since:
        found += [PriceRow(*row) for row in connection.execute(_STANDING, asked)]
    # Byte order, which no database's own order need be.
    found.sort(key=lambda row: (row.version, row.path))
    return found


def visible_versions(
    connection: Connection, source_id: int, model_id: int, version: int
) -> list[VisibleVersions]:
    """When a model was visible, as known at a version: neighbouring states as one."""
    asked = {"source": source_id, "model": model_id, "version": version}
    whole = connection.execute(_WHOLE, asked).one()
    if whole.first is None:
        return []
    # No state overlaps the next: where all of them leave nothing out, none is apart.
    if whole.last_end is None and whole.apart == 0:
        return [VisibleVersions(whole.first, None)]
    joined: list[VisibleVersions] = []
    for begin, end, before, _ in connection.execute(_STATES, asked):
        known = None if end is None or end > version else end
        if before != begin:
            joined.append(VisibleVersions(begin, known))
        else:
            joined[-1] = VisibleVersions(joined[-1].begin, known)
    return joined


def last_document(connection: Connection, source_id: int, model_id: int, version: int) -> str:
    """The document that a model had at a version, or last had before it, as it was served."""
    asked = {"source": source_id, "model": model_id, "version": version}
    row = connection.execute(_DOCUMENT, asked).one()
    return documents.decode(row.document, row.keyframe)


def event_rows(
    connection: Connection,
    source_id: int,
    model_id: int,
    version: int,
    since: int = 0,
    besides: Iterable[int] = (),
) -> list[EventRow]:
    """The events of a model up to a version, oldest first: after `since`, and those `besides`."""
    asked: dict[str, object] = {"source": source_id, "model": model_id, "version": version}
    asked |= {"since": since, "besides": list(besides)}
    found = [
        EventRow(name, number, kind, None if body is None else tuple(changes.decode(body)))
        for name, number, kind, body in connection.execute(_EVENTS, asked)
    ]
    # An import may come late, and be written behind what happened after it.
    found.sort(key=lambda row: row.version)
    return found


def count_events(connection: Connection, model_id: int) -> int:
    """How many events a model ever had."""
    return int(connection.execute(_COUNT, {"model": model_id}).scalar_one())


def windows(connection: Connection, source_id: int, versions: Iterable[int]) -> dict[int, Window]:
    """When each of some versions came."""
    found: dict[int, Window] = {}
    for some in chunks(sorted(set(versions))):
        asked = {"source": source_id, "first": some[0], "last": some[-1]}
        # Where most of a range is wanted, one range costs less than a seek for each.
        dense = len(some) > (some[-1] - some[0]) // 4
        query, more = (_RANGE, {}) if dense else (_SOME, {"versions": some})
        for number, not_before, not_after in connection.execute(query, asked | more):
            found[number] = Window(not_before, not_after)
    return found


def without_events(connection: Connection, source_id: int, versions: Iterable[int]) -> set[int]:
    """Which of some versions made no events of models, as a baseline makes none."""
    found: set[int] = set()
    for some in chunks(sorted(set(versions))):
        asked = {"source": source_id, "versions": some}
        found |= set(connection.execute(_SILENT, asked).scalars())
    return found


_OURS = (t.price.c.source_id == bindparam("source"), t.price.c.model_id == bindparam("model"))
_PRICES = (
    select(t.price.c.valid_from, t.path.c.path, t.price.c.amount, t.price.c.flagged)
    .join(t.path, t.path.c.id == t.price.c.path_id)
    .where(*_OURS, t.price.c.valid_from > bindparam("since"))
    .where(t.price.c.valid_from <= bindparam("version"))
)
_last = (
    select(t.price.c.path_id, func.max(t.price.c.valid_from).label("valid_from"))
    .where(*_OURS, t.price.c.valid_from <= bindparam("since"))
    .group_by(t.price.c.path_id)
    .subquery("last")
)
_STANDING = (
    select(t.price.c.valid_from, t.path.c.path, t.price.c.amount, t.price.c.flagged)
    .join(t.path, t.path.c.id == t.price.c.path_id)
    .join(
        _last,
        (_last.c.path_id == t.price.c.path_id) & (_last.c.valid_from == t.price.c.valid_from),
    )
    .where(*_OURS)
)
_THEIRS = (
    t.model_version.c.source_id == bindparam("source"),
    t.model_version.c.model_id == bindparam("model"),
    t.model_version.c.valid_from <= bindparam("version"),
)
# What lies between the end of a state and the next one's beginning, all of it together; the end
# of the last counts as none.
_last_end = (
    select(t.model_version.c.valid_to)
    .where(*_THEIRS)
    .order_by(t.model_version.c.valid_from.desc())
    .limit(1)
    .scalar_subquery()
)
_WHOLE = select(
    func.min(t.model_version.c.valid_from).label("first"),
    (
        func.sum(t.model_version.c.valid_from)
        - func.min(t.model_version.c.valid_from)
        - func.coalesce(func.sum(t.model_version.c.valid_to), 0)
    ).label("apart"),
    _last_end.label("last_end"),
).where(*_THEIRS)
_states = (
    select(
        t.model_version.c.valid_from,
        t.model_version.c.valid_to,
        func.lag(t.model_version.c.valid_to).over(order_by=t.model_version.c.valid_from),
        func.lead(t.model_version.c.valid_from).over(order_by=t.model_version.c.valid_from),
    )
    .where(*_THEIRS)
    .subquery("states")
)
_began, _ended, _ended_before, _began_after = _states.c
# Of thousands of neighbours the first and the last alone.
_STATES = (
    select(_states)
    .where(
        or_(
            _ended_before.is_distinct_from(_began),
            _began_after.is_distinct_from(_ended),
            _began_after.is_(None),
        )
    )
    .order_by(_began)
)
_keyframe = t.model_version.alias("keyframe")
_DOCUMENT = (
    select(t.model_version.c.document, _keyframe.c.document.label("keyframe"))
    .outerjoin(_keyframe, is_keyframe(_keyframe, t.model_version))
    .where(*_THEIRS)
    .order_by(t.model_version.c.valid_from.desc())
    .limit(1)
)
_EVENTS = (
    select(t.event.c.id, t.event.c.version, t.event.c.type, t.event.c.body)
    .where(
        t.event.c.source_id == bindparam("source"),
        t.event.c.model_id == bindparam("model"),
        or_(
            t.event.c.version > bindparam("since"),
            t.event.c.version.in_(bindparam("besides", expanding=True)),
        ),
        t.event.c.version <= bindparam("version"),
    )
    .order_by(t.event.c.number)
)
_COUNT = select(func.count()).where(t.event.c.model_id == bindparam("model"))
_RANGE = select(t.snapshot.c.version, t.snapshot.c.not_before, t.snapshot.c.not_after).where(
    t.snapshot.c.source_id == bindparam("source"),
    t.snapshot.c.version.between(bindparam("first"), bindparam("last")),
)
# Without a range: SQLite would rather go through all of that.
_SOME = select(*_RANGE.selected_columns).where(
    t.snapshot.c.source_id == bindparam("source"),
    t.snapshot.c.version.in_(bindparam("versions", expanding=True)),
)
# Apart: a version's counts are stored behind its body, which SQLite would go through for them.
_SILENT = select(t.snapshot.c.version).where(
    t.snapshot.c.source_id == bindparam("source"),
    t.snapshot.c.version.in_(bindparam("versions", expanding=True)),
    *(t.snapshot.c[name] == 0 for name in COUNTS),
)
