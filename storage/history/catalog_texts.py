"""The documents of a whole catalog as text, and what is known of them from other versions.

Most models are the same from version to version. Of a version near one that was asked for before,
only those are read of which it is not known that they were the same then.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, case, func, select

from pricetrail.catalog.strict_json import printable
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.codecs import documents
from pricetrail.storage.history.versions import in_force, is_keyframe, is_of_model, state_columns
from pricetrail.storage.remembered import Apart
from pricetrail.storage.sources import SourceState
from pricetrail.storage.types import AnyRow

# Of all sources' views, in bytes; most of them are the same texts.
_MOST = 32_000_000


class Interval(NamedTuple):
    """What a source shows of a model in the versions `begin <= v < end`; None: nothing."""

    begin: int
    end: int
    text: bytes | None


class View(NamedTuple):
    """An interval of each model, by name, in which a version lies; `size`: of their texts."""

    version: int
    intervals: Mapping[str, Interval]
    size: int

    def at(self, version: int) -> dict[str, Interval]:
        """What it knows of any version."""
        if version == self.version:
            return dict(self.intervals)
        return {name: one for name, one in self.intervals.items() if one[0] <= version < one[1]}


class Known(NamedTuple):
    """What is known of a source since its version was `head`; the last views, newest last.

    `hash` is the chain's there: it names the one history that all of this is true of. `names` are
    those of its models up to then, in byte order.
    """

    head: int
    hash: bytes
    names: tuple[str, ...]
    views: tuple[View, ...] = ()


def catalog_texts(connection: Connection, source: SourceState, version: int) -> dict[str, bytes]:
    """The documents in force at a version as a command prints them, by id in byte order."""
    memory = _KNOWN.of(connection.engine)
    known = _up_to_date(connection, source, memory.find(source.id))
    near = _neighbours(known.views, version)
    found: dict[str, Interval] = {}
    for view in near:
        if len(found) < len(known.names):
            found = view.at(version) | found
    unknown = [name for name in known.names if name not in found]
    if unknown:
        found |= _intervals(connection, source, version, unknown)
        size = sum(len(text) for _, _, text in found.values() if text is not None)
        # Whoever goes from version to version takes a view along.
        moved = near[0] if near and len(unknown) < len(known.names) // _MOVED else None
        rest = [view for view in known.views if view is not moved]
        views = (*rest, View(version, found, size))[-_VIEWS:]
        memory.put(source.id, known._replace(views=views))
    texts = ((name, found[name].text) for name in known.names)
    return {name: text for name, text in texts if text is not None}


def _neighbours(views: Sequence[View], version: int) -> list[View]:
    """The views next to a version on either side, the nearer one first.

    Of a model that changed once between them one or the other knows what it was.
    """
    before = max((view for view in views if view.version <= version), default=None, key=_version)
    after = min((view for view in views if view.version > version), default=None, key=_version)
    near = [view for view in (before, after) if view is not None]
    return sorted(near, key=lambda view: abs(view.version - version))


def _up_to_date(connection: Connection, source: SourceState, known: Known | None) -> Known:
    """What is known, with the names of all models that there are by now."""
    if known is not None and known.hash == source.head_hash:
        return known
    names = tuple(connection.execute(_NAMES, {"source": source.id}).scalars())
    views: tuple[View, ...] = ()
    if known is not None:
        asked = {"source": source.id, "version": known.head}
        # Else the source was removed, or another database was put in the place of this one.
        if connection.execute(_HASH, asked).scalar() == known.hash:
            views = known.views
    return Known(source.head_version, source.head_hash, names, views)


def _intervals(
    connection: Connection, source: SourceState, version: int, names: Sequence[str]
) -> Iterator[tuple[str, Interval]]:
    """The intervals of models in which a version lies; those of others may come as well."""
    asked = {"source": source.id, "version": version}
    parts: Iterable[Iterable[AnyRow]]
    if len(names) > _FEW:
        parts = [connection.execute(_ALL, asked)]
    else:
        parts = [connection.execute(_SOME, {**asked, "names": some}) for some in chunks(names)]
    # What is not over by the last version may be by the next.
    last = source.head_version + 1
    for rows in parts:
        for name, begin, end, document, keyframe, following in rows:
            if begin is not None and (end is None or end > version):
                text = printable(documents.decode(document, keyframe)).encode()
                yield name, Interval(begin, end or last, text)
            else:
                yield name, Interval(end or 0, following or last, None)


_version = attrgetter("version")
# So many views of a source are kept; one that differs in less than such a part is moved.
_VIEWS, _MOVED = 16, 20
# Of more models than these the whole catalog is read at once.
_FEW = 500
_KNOWN: Apart[int, Known] = Apart(_MOST, size=lambda known: sum(view.size for view in known.views))
_HASH = select(t.snapshot.c.chain_hash).where(
    t.snapshot.c.source_id == bindparam("source"), t.snapshot.c.version == bindparam("version")
)
_NAMES = (
    select(t.model.c.name)
    .where(t.model.c.source_id == bindparam("source"))
    .order_by(t.model.c.name)
)
_keyframe = t.model_version.alias("keyframe")
_later = t.model_version.alias("later")
# When a model that is not there comes again.
_following = (
    select(func.min(_later.c.valid_from))
    .where(is_of_model(_later, t.model), _later.c.valid_from > bindparam("version"))
    .correlate(t.model)
    .scalar_subquery()
)
_is_over = t.model_version.c.valid_from.is_(None) | (
    t.model_version.c.valid_to <= bindparam("version")
)
_ALL = (
    select(
        t.model.c.name,
        *state_columns(t.model_version, _keyframe),
        case((_is_over, _following)).label("following"),
    )
    .select_from(t.model)
    .outerjoin(t.model_version, in_force(t.model_version, t.model, bindparam("version")))
    .outerjoin(_keyframe, is_keyframe(_keyframe, t.model_version))
    .where(t.model.c.source_id == bindparam("source"))
)
_SOME = _ALL.where(t.model.c.name.in_(bindparam("names", expanding=True)))
