"""The sources in pages: found by name or label, those that need somebody first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Executable,
    and_,
    bindparam,
    case,
    cast,
    false,
    func,
    or_,
    select,
)

from pricetrail.storage import source_names
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.globs import matching
from pricetrail.storage.polls.poll_counts import is_overdue
from pricetrail.storage.sources import SourceState, columns, latest_models, with_slot


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sources: those whose names match a glob and that have all of the labels.

    `labelled` are the names of those that have the labels by what the database does not know.
    """

    name: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    labelled: Sequence[str] = ()


EVERY = Wanted()


@dataclass(frozen=True, slots=True)
class Listed:
    """A source, how many models its newest version has, and what its row says (`settings`)."""

    state: SourceState
    models: int
    overdue: bool
    settings: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many sources there are, and of how many something is to be said."""

    total: int
    failing: int
    overdue: int


def page(
    connection: Connection,
    now: datetime,
    wanted: Wanted = EVERY,
    *,
    after: str | None = None,
    skip: int = 0,
    limit: int | None = None,
    urgent_first: bool = False,
) -> list[Listed]:
    """Some of the sources that are wanted, by name.

    Args:
        after: only those behind a name, where they are by name.
        urgent_first: those that fail, then those with a catalog in quarantine, then those that are
            overdue, then all others.
    """
    query = _LISTED.where(*_rules(connection, wanted))
    if after is not None:
        query = query.where(t.source.c.name > after)
    order = (_urgency, t.source.c.name) if urgent_first else (t.source.c.name,)
    query = query.order_by(*order).offset(skip or None).limit(limit)
    return _listed(connection, now, query)


def count(connection: Connection, wanted: Wanted = EVERY) -> int:
    """How many sources are wanted."""
    query = select(func.count()).select_from(t.source).where(*_rules(connection, wanted))
    return int(connection.execute(query).scalar_one())


def counts(connection: Connection, now: datetime) -> Counts:
    """How many there are; how many of which `source.failing` was said, and that are overdue."""
    return Counts(*connection.execute(_COUNTS, {"now": now}).one())


def failing(connection: Connection, now: datetime, limit: int) -> list[Listed]:
    """The first of which `source.failing` was said, and nothing good since, by name."""
    return _some(connection, now, t.source.c.failing_told, limit)


def overdue(connection: Connection, now: datetime, limit: int) -> list[Listed]:
    """The first that are overdue, and of which `source.failing` was not said, by name."""
    return _some(connection, now, is_overdue() & t.source.c.failing_told.is_(False), limit)


def sound(connection: Connection, now: datetime, since: datetime | None = None) -> frozenset[str]:
    """The names of those that nothing is wrong with.

    Args:
        since: the last good poll was then or later.
    """
    query = _SOUND if since is None else _SOUND.where(t.source.c.good_at >= since)
    return frozenset(connection.execute(query, {"now": now}).scalars())


def there(connection: Connection, names: Sequence[str]) -> set[str]:
    """Those of some names that a source has."""
    found: set[str] = set()
    for some in chunks(names):
        found.update(connection.execute(_THERE, {"names": some}).scalars())
    return found


def any_kept(connection: Connection) -> bool:
    """Whether any source is kept in the database."""
    return connection.execute(_KEPT).first() is not None


def _some(
    connection: Connection, now: datetime, rule: ColumnElement[bool], limit: int
) -> list[Listed]:
    return _listed(connection, now, _LISTED.where(rule).order_by(t.source.c.name).limit(limit))


def _listed(connection: Connection, now: datetime, query: Executable) -> list[Listed]:
    found = [
        Listed(SourceState(*row[:-3]), row.models or 0, bool(row.overdue), row.settings)
        for row in connection.execute(query, {"now": now})
    ]
    source_names.notice(connection, {one.state.id: one.state.name for one in found})
    return found


def _rules(connection: Connection, wanted: Wanted) -> list[ColumnElement[bool]]:
    sqlite = connection.dialect.name == "sqlite"
    rules = [] if wanted.name is None else [matching(connection, t.source.c.name, wanted.name)]
    if wanted.labels:
        kept = and_(*(_has(*label, sqlite=sqlite) for label in wanted.labels.items()))
        # Most say nothing of labels, and to read all texts takes long.
        says_so = case((_says_labels, kept), else_=false())
        rules.append(or_(says_so, t.source.c.name.in_(wanted.labelled)))
    return rules


def _has(label: str, value: str, *, sqlite: bool) -> ColumnElement[bool]:
    if sqlite:
        path = f'$.labels."{label}"'
        return func.json_extract(t.source.c.settings, path) == value
    settings = cast(t.source.c.settings, JSON)
    return func.json_extract_path_text(settings, "labels", label) == value


_says_labels = t.source.c.settings.contains('"labels":', autoescape=True)
_NOT_URGENT = 3
_urgency = case(
    (t.source.c.paused, _NOT_URGENT),
    (t.source.c.failures > 0, 0),
    (t.source.c.holding, 1),
    (is_overdue(), 2),
    else_=_NOT_URGENT,
)
_LISTED = select(
    *columns,
    latest_models.label("models"),
    is_overdue().label("overdue"),
    t.source.c.settings,
).select_from(with_slot)
_COUNTS = select(
    func.count(),
    func.coalesce(func.sum(case((t.source.c.failing_told, 1), else_=0)), 0),
    func.coalesce(
        func.sum(case((is_overdue() & t.source.c.failing_told.is_(False), 1), else_=0)), 0
    ),
).select_from(t.source)
_THERE = select(t.source.c.name).where(t.source.c.name.in_(bindparam("names", expanding=True)))
_SOUND = select(t.source.c.name).where(
    t.source.c.good_at.is_not(None), _urgency == _NOT_URGENT, t.source.c.paused.is_(False)
)
_KEPT = select(t.source.c.id).where(t.source.c.settings.is_not(None)).limit(1)
