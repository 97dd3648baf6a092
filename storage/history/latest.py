"""The last accepted catalog, as the next comparison needs it.

A process that goes on keeps it in memory. For one that begins, a copy lies ready of what was read
from a body: of the last one where each poll is a process of its own, else of one not long ago.
"""

import sys
from array import array
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, select
from zstandard import ZstdError

from pricetrail.catalog.catalogs import Catalog, Limits, read
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import decode, dumps, loads
from pricetrail.storage import tables as t
from pricetrail.storage.codecs.bodies import (
    body_of,
    quick,
    steps_since_full,
    unpack,
    unpack_exactly,
)
from pricetrail.storage.errors import StorageError
from pricetrail.storage.history.models import Model
from pricetrail.storage.sources import SourceState
from pricetrail.storage.upsert import upsert

# What was accepted once is no question of limits any more.
_LIMITS = Limits(models=1_000_000, name_bytes=None)
_HASH = 32
# A process that goes on makes a copy after so many versions.
_COPY_EVERY = 64


class Head(NamedTuple):
    """A catalog's contents and its body as served.

    `seen`: the pricing paths and kinds that the source has shown up to it. `links`: how many
    bodies lie between its own, as it is stored, and the full one that it rests on. `paths` and
    `models`: the row ids of pricing paths, and models, as far as they are known. `copied`: the
    version whose copy lies ready, as far as this process made it.
    """

    contents: Catalog
    body: bytes
    seen: frozenset[str]
    links: int
    paths: Mapping[str, int]
    models: Mapping[str, Model]
    copied: int


def load(connection: Connection, source: SourceState) -> Head | None:
    """The head of a source; None before the first snapshot.

    Raises:
        StorageError: what is stored is damaged.
    """
    version = source.head_version
    if version == 0:
        return None
    contents, body = _read(connection, source.id, version)
    seen = frozenset(connection.execute(_SEEN, {"source": source.id}).scalars())
    links = steps_since_full(connection, source.id, version)
    return Head(contents, body, seen, links, {}, {}, 0)


def _read(connection: Connection, source_id: int, version: int) -> tuple[Catalog, bytes]:
    copy = _copy(connection, source_id)
    if copy is not None and copy[0] == version:
        return copy[1:]
    body = body_of(connection, source_id, version)
    try:
        return read(body, copy[1] if copy is not None else None, _LIMITS), body
    except CatalogError as error:
        why = f"the body of version {version} is no catalog: {error}"
        raise StorageError(f"{why}; see `pricetrail verify`") from None


def _copy(connection: Connection, source_id: int) -> tuple[int, Catalog, bytes] | None:
    row = connection.execute(_LOAD, {"source": source_id}).first()
    if row is None:
        return None
    leaves = bytes(row.leaves)
    try:
        body = unpack(row.body)
        contents = Catalog(
            text=decode(body),
            ids=loads(unpack(row.ids)),
            spans=_spans(unpack(row.spans)),
            leaves=[leaves[start : start + _HASH] for start in range(0, len(leaves), _HASH)],
        )
        fits = len(contents.ids) == len(contents.leaves) == len(contents.spans) / 2
    except (ZstdError, ValueError, TypeError, CatalogError):
        # It is a convenience: the body itself tells the same, and `verify` that it is damaged.
        return None
    return (row.version, contents, body) if fits else None


def keep_copy(
    connection: Connection, source_id: int, version: int, contents: Catalog, body: bytes, last: int
) -> int:
    """Make a copy of a new head if it is time to; the version of the one that lies ready then.

    Args:
        last: the version of the last one that this process made, 0 for none.
    """
    if last and version - last < _COPY_EVERY:
        return last
    packed = {name: quick(part) for name, part in _parts(contents, body).items()}
    leaves = b"".join(contents.leaves)
    row = {"source_id": source_id, "version": version, "leaves": leaves, **packed}
    upsert(connection, t.head, row)
    return version


def drop_copy_before(connection: Connection, source_id: int, version: int) -> None:
    """Forget a copy whose body goes: nobody could check it any more."""
    connection.execute(_DELETE.where(t.head.c.version < version), {"source": source_id})


def copied_version(connection: Connection, source_id: int) -> int | None:
    """The version whose copy lies ready; None without one."""
    return connection.execute(_VERSION, {"source": source_id}).scalar()


def is_intact(connection: Connection, source_id: int, contents: Catalog, body: bytes) -> bool:
    """Whether the copy is that of this catalog; it may have been tampered with."""
    row = connection.execute(_LOAD, {"source": source_id}).first()
    if row is None or row.leaves != b"".join(contents.leaves):
        return False
    try:
        return all(
            unpack_exactly(getattr(row, name), None, len(part)) == part
            for name, part in _parts(contents, body).items()
        )
    except StorageError:
        return False


def _parts(contents: Catalog, body: bytes) -> dict[str, bytes]:
    """The columns that are compressed."""
    spans = _little_endian(contents.spans).tobytes()
    return {"body": body, "ids": dumps(contents.ids).encode(), "spans": spans}


def _spans(stored: bytes) -> "array[int]":
    spans = array("I")
    spans.frombytes(stored)
    return _little_endian(spans)


def _little_endian(spans: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        spans = array("I", spans)
        spans.byteswap()
    return spans


_SEEN = select(t.schema_seen.c.item).where(t.schema_seen.c.source_id == bindparam("source"))
_OURS = t.head.c.source_id == bindparam("source")
_LOAD = select(t.head.c.version, t.head.c.body, t.head.c.ids, t.head.c.spans, t.head.c.leaves)
_LOAD = _LOAD.where(_OURS)
_VERSION = select(t.head.c.version).where(_OURS)
_DELETE = delete(t.head).where(_OURS)
