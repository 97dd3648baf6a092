"""The past, read: versions, catalogs and model states as of a version or a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    and_,
    bindparam,
    func,
    select,
    type_coerce,
)
from sqlalchemy.types import NullType

from pricetrail.catalog.documents import model_hash
from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.strict_json import loads
from pricetrail.storage import tables as t
from pricetrail.storage.codecs.documents import decode
from pricetrail.storage.types import AnyRow, AnySelect


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One version as its row tells."""

    version: int
    not_before: datetime | None
    not_after: datetime
    hash: bytes
    previous_hash: bytes
    models: int
    counts: dict[str, int]
    last_seen: datetime
    polls: int
    dialect: str | None = None


class ModelState(NamedTuple):
    """A model's document and the versions `valid_from <= v < valid_to` that it is in force for."""

    model: str
    valid_from: int
    valid_to: int | None
    document: str

    @property
    def hash(self) -> bytes:
        """The model hash, worked out."""
        return model_hash(loads(self.document))


def get_version(connection: Connection, source_id: int, version: int) -> Row[Any]:
    """The snapshot row of a version.

    Raises:
        NotFoundError: there is none.
    """
    row = connection.execute(_SNAPSHOT, {"source": source_id, "version": version}).first()
    if row is None:
        raise NotFoundError(f"there is no snapshot {version}")
    return row


def not_before(connection: Connection, source_id: int, version: int) -> datetime | None:
    """When the catalog before a version was last seen; None where there was none."""
    row = {"source": source_id, "version": version}
    return connection.execute(_NOT_BEFORE, row).scalar()


def first_seen_before(connection: Connection, source_id: int) -> datetime | None:
    """When the first version was seen; None without one."""
    first = select(func.min(t.snapshot.c.not_after, type_=t.snapshot.c.not_after.type))
    return connection.execute(first.where(t.snapshot.c.source_id == source_id)).scalar()


def catalog_at(connection: Connection, source_id: int, version: int) -> list[ModelState]:
    """Every model in force at a version, in byte order of the ids; one seek per model."""
    found = connection.execute(_CATALOG, {"source": source_id, "version": version})
    return _states(found.all())


def _states(rows: Iterable[AnyRow]) -> list[ModelState]:
    return [
        ModelState(name, valid_from, valid_to, decode(document, keyframe))
        for name, valid_from, valid_to, document, keyframe in rows
    ]


def listing(documents: Sequence[str]) -> str:
    """A catalog in the gateway's own shape, of the texts of its documents."""
    return f'{{"object":"list","data":[{",".join(documents)}],"total":{len(documents)}}}'


def listing_at(connection: Connection, source_id: int, version: int) -> str:
    """A version's catalog in the gateway's own shape, letter for letter as it was served."""
    return listing([state.document for state in catalog_at(connection, source_id, version)])


def model_id(connection: Connection, source_id: int, name: str) -> int:
    """The row id of a model.

    Raises:
        NotFoundError: this source has never shown it; near names are suggested.
    """
    found: int | None = connection.execute(_MODEL_ID, {"source": source_id, "name": name}).scalar()
    if found is None:
        raise never_seen(connection, name, [source_id])
    return found


def sources_with(connection: Connection, name: str, source_ids: Sequence[int]) -> set[int]:
    """Those of some sources that have ever shown a model."""
    found = select(t.model.c.source_id).where(t.model.c.name == name)
    # A seek each: no index leads from a name alone.
    return set(connection.execute(found.where(t.model.c.source_id.in_(source_ids))).scalars())


def never_seen(connection: Connection, name: str, source_ids: Sequence[int]) -> NotFoundError:
    """The error that none of some sources ever showed a model; it suggests near names of theirs."""
    known = select(t.model.c.name).where(t.model.c.source_id.in_(source_ids)).distinct()
    names = sorted(connection.execute(known).scalars())
    if not names:
        return NotFoundError("no catalog has been recorded yet: run `pricetrail poll`")
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    suggestion = f"; did you mean {', '.join(near)}?" if near else ""
    return NotFoundError(f"no model {name!r} was ever seen{suggestion}")


def states(connection: Connection, model: int) -> list[ModelState]:
    """Every state of a model, oldest first."""
    return _states(connection.execute(_STATES, {"model": model}))


def find_state(connection: Connection, model: int, version: int) -> ModelState | None:
    """A model as a version lists it; None where it does not."""
    found = connection.execute(_STATE, {"model": model, "version": version})
    return next(iter(_states(found)), None)


def baselines(connection: Connection, model: int) -> list[int]:
    """The versions without events with which a model's states began, oldest first."""
    return list(connection.execute(_BASELINES, {"model": model}).scalars())


def snapshots(
    connection: Connection,
    source_id: int,
    after: SnapshotRow | None = None,
    limit: int | None = None,
) -> list[SnapshotRow]:
    """Every version, oldest first, with when it was last seen and by how many polls.

    Args:
        after: the last one that is known already.
        limit: at most so many.
    """
    first, previous = (0, bytes(32)) if after is None else (after.version + 1, after.hash)
    last = _NEWEST if limit is None else first + limit - 1
    asked = {"source": source_id, "first": first, "last": last}
    seen = {row.version: row for row in connection.execute(_SEEN, asked)}
    found: list[SnapshotRow] = []
    for row in connection.execute(_SNAPSHOTS, asked):
        coverage = seen.get(row.version)
        found.append(
            SnapshotRow(
                version=row.version,
                not_before=row.not_before,
                not_after=row.not_after,
                hash=row.chain_hash,
                previous_hash=previous,
                models=row.models,
                counts={name: getattr(row, name) for name in COUNTS},
                last_seen=coverage.last_at if coverage else row.not_after,
                polls=coverage.polls if coverage else 0,
                dialect=row.dialect,
            )
        )
        previous = row.chain_hash
    return found


_NEWEST = 2**31 - 1
COUNTS = ("added", "removed", "repriced", "updated")


def _columns() -> AnySelect:
    return (
        select(t.model.c.name, *state_columns(t.model_version, _keyframe))
        .join_from(t.model_version, t.model, is_of_model(t.model_version, t.model))
        .outerjoin(_keyframe, is_keyframe(_keyframe, t.model_version))
    )


def state_columns(version: FromClause, keyframe: FromClause) -> list[ColumnElement[Any]]:
    """What a `ModelState` is made of, but for the model's name."""
    return [
        version.c.valid_from,
        version.c.valid_to,
        # Bytes come as bytes from either driver; nothing is to be made of them.
        type_coerce(version.c.document, NullType()),
        type_coerce(keyframe.c.document, NullType()),
    ]


def is_of_model(version: FromClause, model: FromClause) -> ColumnElement[bool]:
    """Whether a row of a model's history is that of a row of `model`."""
    return (version.c.source_id == model.c.source_id) & (version.c.model_id == model.c.id)


def in_force(
    version: FromClause, model: FromClause, at: ColumnElement[int] | None = None
) -> ColumnElement[bool]:
    """Whether a model version is the last one of a model that began by version `at`: one seek.

    Without `at` the last one of all.
    """
    ones = t.model_version.alias()
    last = select(func.max(ones.c.valid_from)).where(is_of_model(ones, model))
    if at is not None:
        last = last.where(ones.c.valid_from <= at)
    return is_of_model(version, model) & (version.c.valid_from == last.scalar_subquery())


def is_keyframe(keyframe: FromClause, version: FromClause) -> ColumnElement[bool]:
    """Whether a model version is the one that the document of another is stored against."""
    return and_(
        keyframe.c.source_id == version.c.source_id,
        keyframe.c.model_id == version.c.model_id,
        keyframe.c.valid_from == version.c.base,
    )


_keyframe = t.model_version.alias("keyframe")
_MODEL_ID = select(t.model.c.id).where(
    t.model.c.source_id == bindparam("source"), t.model.c.name == bindparam("name")
)
_SNAPSHOT = select(t.snapshot).where(
    t.snapshot.c.source_id == bindparam("source"), t.snapshot.c.version == bindparam("version")
)
_NOT_BEFORE = select(t.snapshot.c.not_before).where(
    t.snapshot.c.source_id == bindparam("source"), t.snapshot.c.version == bindparam("version")
)
_SNAPSHOTS = (
    select(
        t.snapshot.c.version,
        t.snapshot.c.not_before,
        t.snapshot.c.not_after,
        t.snapshot.c.chain_hash,
        t.snapshot.c.models,
        t.snapshot.c.dialect,
        *(t.snapshot.c[name] for name in COUNTS),
    )
    .where(
        t.snapshot.c.source_id == bindparam("source"),
        t.snapshot.c.version.between(bindparam("first"), bindparam("last")),
    )
    .order_by(t.snapshot.c.version)
)
_SEEN = (
    select(
        t.coverage.c.version,
        func.max(t.coverage.c.last_at, type_=t.coverage.c.last_at.type).label("last_at"),
        func.sum(t.coverage.c.polls).label("polls"),
    )
    .where(
        t.coverage.c.source_id == bindparam("source"),
        t.coverage.c.outcome.in_(("good", "imported")),
        t.coverage.c.version.between(bindparam("first"), bindparam("last")),
    )
    .group_by(t.coverage.c.version)
)
# A seek per model on (model, valid_from): scanning intervals grows with the history.
_AT_VERSION = _columns().where(
    in_force(t.model_version, t.model, bindparam("version")),
    t.model_version.c.valid_to.is_(None) | (t.model_version.c.valid_to > bindparam("version")),
)
_CATALOG = _AT_VERSION.where(t.model.c.source_id == bindparam("source")).order_by(t.model.c.name)
_STATE = _AT_VERSION.where(t.model.c.id == bindparam("model"))
_STATES = (
    _columns().where(t.model.c.id == bindparam("model")).order_by(t.model_version.c.valid_from)
)
# One that is none has counts, though of this model only noise may have changed.
_BASELINES = (
    select(t.model_version.c.valid_from)
    .join(t.model, is_of_model(t.model_version, t.model))
    .join(t.snapshot, t.snapshot.c.source_id == t.model.c.source_id)
    .where(t.model.c.id == bindparam("model"))
    .where(t.snapshot.c.version == t.model_version.c.valid_from)
    .where(*(t.snapshot.c[name] == 0 for name in COUNTS))
    .order_by(t.model_version.c.valid_from)
)
