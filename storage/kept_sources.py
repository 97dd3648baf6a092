"""The sources that are kept in the database: what each says, and many of them written at once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Update, bindparam, case, delete, select, update

from pricetrail.catalog.errors import FailedError
from pricetrail.catalog.merkle import GENESIS
from pricetrail.storage import source_names
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.upsert import insert_or_skip

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A source to be kept: its settings as JSON, and its address without what may be secret."""

    name: str
    settings: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Other settings of a source, instead of those that it had when they were compared."""

    name: str
    before: str
    settings: str


def settings(connection: Connection) -> dict[str, str]:
    """What each kept source says, by its name, in order."""
    return {row.name: row.settings for row in connection.execute(_SETTINGS)}


def settings_of(connection: Connection, name: str) -> str | None:
    """What one source says; None where it is not kept here."""
    found = select(t.source.c.settings).where(t.source.c.name == name)
    return connection.execute(found).scalar()


def names(connection: Connection) -> list[str]:
    """The names of the kept sources, in order."""
    found = select(t.source.c.name).where(_kept).order_by(t.source.c.name)
    return list(connection.execute(found).scalars())


def labels(connection: Connection) -> dict[str, Mapping[str, str]]:
    """The labels of each kept source, by its name, in order."""
    return {row.name: labels_in(row.settings) for row in connection.execute(_LABELS)}


def known(connection: Connection) -> dict[str, Mapping[str, str]]:
    """Every source with a row, by its name, in order, with the labels of those that are kept."""
    found = select(t.source.c.name, _WITH_LABELS.label("settings")).order_by(t.source.c.name)
    return {row.name: labels_in(row.settings) for row in connection.execute(found)}


def labels_of(connection: Connection, wanted: Sequence[str]) -> dict[str, Mapping[str, str]]:
    """The labels of some of the kept sources, by name: of those that have any."""
    found = {
        row.name: labels_in(row.settings)
        for some in chunks(wanted)
        for row in connection.execute(_LABELS.where(t.source.c.name.in_(some)))
    }
    return {name: own for name, own in found.items() if own}


def among(connection: Connection, wanted: Sequence[str]) -> list[str]:
    """Those of some names that are kept here."""
    found: list[str] = []
    for some in chunks(wanted):
        rows = select(t.source.c.name).where(_kept, t.source.c.name.in_(some))
        found.extend(connection.execute(rows).scalars())
    return found


def ids(connection: Connection, wanted: Sequence[str]) -> dict[str, int]:
    """The ids of some sources, by their names."""
    found: dict[str, int] = {}
    for some in chunks(wanted):
        rows = select(t.source.c.name, t.source.c.id).where(t.source.c.name.in_(some))
        found.update({row.name: row.id for row in connection.execute(rows)})
    return found


def is_empty(connection: Connection) -> bool:
    """Whether no source is kept here."""
    return connection.execute(select(t.source.c.id).where(_kept).limit(1)).first() is None


def add(connection: Connection, sources: Sequence[Kept], now: datetime) -> None:
    """Keep sources that are not kept yet; one with a history goes on with it.

    Raises:
        FailedError: one of them was added by somebody else meanwhile.
    """
    known = _known(connection, [one.name for one in sources])
    adopted = [{"of_name": one.name, "to": one.settings} for one in sources if one.name in known]
    _write(connection, _ADOPT, adopted)
    new = [one for one in sources if one.name not in known]
    identities = source_names.identities_of(connection, [one.name for one in new])
    rows = [_row(one, now) | own for one, own in zip(new, identities, strict=True)]
    for some in chunks(rows, _AT_ONCE):
        _require_all(insert_or_skip(connection, t.source, some), some)


def change(connection: Connection, changes: Sequence[Change]) -> None:
    """Let kept sources say something else.

    Raises:
        FailedError: one of them was changed by somebody else meanwhile.
    """
    rows = [{"of_name": it.name, "before": it.before, "to": it.settings} for it in changes]
    _write(connection, _CHANGE, rows)


def drop(connection: Connection, dropped: Sequence[str]) -> None:
    """Keep sources no more; their history stays, and one without any is gone."""
    for some in chunks(dropped):
        ids = list(
            connection.execute(
                select(t.source.c.id).where(t.source.c.name.in_(some), _is_untouched)
            ).scalars()
        )
        connection.execute(update(t.source).where(t.source.c.name.in_(some)).values(settings=None))
        for table in t.metadata.sorted_tables if ids else ():
            if "source_id" in table.c:
                connection.execute(delete(table).where(table.c.source_id.in_(ids)))
        if ids:
            connection.execute(delete(t.source).where(t.source.c.id.in_(ids)))


def labels_in(text: str | None) -> Mapping[str, str]:
    """The labels that settings say; none where those are damaged."""
    if text is None:
        return {}
    try:
        found = json.loads(text)["labels"]
        return {name: value for name, value in found.items() if isinstance(value, str)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _known(connection: Connection, wanted: Sequence[str]) -> set[str]:
    """Those of the names that have a row."""
    found: set[str] = set()
    for some in chunks(wanted):
        named = select(t.source.c.name).where(t.source.c.name.in_(some))
        found.update(connection.execute(named).scalars())
    return found


def _row(source: Kept, now: datetime) -> dict[str, object]:
    own = {"name": source.name, "settings": source.settings, "url": source.url}
    return own | {"created_at": now, "head_hash": GENESIS}


def _write(connection: Connection, statement: Update, rows: Sequence[Mapping[str, object]]) -> None:
    """Change rows, each of which must still be as it was."""
    keeping = {"preserve_rowcount": True}
    for some in chunks(rows, _AT_ONCE):
        done = connection.execute(statement, list(some), execution_options=keeping)
        _require_all(done.rowcount, some)


def _require_all(done: int, rows: Sequence[object]) -> None:
    if done != len(rows):
        raise FailedError("somebody else changed these sources meanwhile: try again")


_kept = t.source.c.settings.is_not(None)
_is_untouched = (t.source.c.polls == 0) & (t.source.c.head_version == 0)
_SETTINGS = select(t.source.c.name, t.source.c.settings).where(_kept).order_by(t.source.c.name)
# Few have labels, and to read all texts takes long.
_WITH_LABELS = case(
    (t.source.c.settings.contains('"labels":', autoescape=True), t.source.c.settings)
)
_LABELS = (
    select(t.source.c.name, _WITH_LABELS.label("settings")).where(_kept).order_by(t.source.c.name)
)
_ADOPT = (
    update(t.source)
    .where(t.source.c.name == bindparam("of_name"), t.source.c.settings.is_(None))
    .values(settings=bindparam("to"))
)
_CHANGE = (
    update(t.source)
    .where(t.source.c.name == bindparam("of_name"), t.source.c.settings == bindparam("before"))
    .values(settings=bindparam("to"))
)
