"""The bodies of versions, read back along the chain of differences that they are stored as."""

from collections.abc import Iterator

from sqlalchemy import Connection, bindparam, func, select
from zstandard import ZstdError

from pricetrail.catalog.errors import NotFoundError
from pricetrail.storage import tables as t
from pricetrail.storage.codecs import bodies
from pricetrail.storage.errors import TamperedError
from pricetrail.storage.history.shared_bodies import is_shared, packed_body


def body_of(connection: Connection, source_id: int, version: int) -> bytes:
    """The body of a version, as served.

    Raises:
        NotFoundError: there is no such version, or its body was pruned.
        TamperedError: what is stored does not unpack.
    """
    body: bytes | None = None
    try:
        for stored in _chain(connection, source_id, version):
            body = bodies.decode(stored, body)
    except (ZstdError, ValueError) as error:
        raise TamperedError(f"the body of version {version} is damaged: {error}") from None
    if body is None:
        raise NotFoundError(f"there is no snapshot {version}")
    return body


def _chain(connection: Connection, source_id: int, version: int) -> Iterator[bytes]:
    """The stored bodies from a full one up to that of `version`; none where there is none."""
    rows = connection.execute(_CHAIN, {"source": source_id, "version": version}).all()
    if not rows or rows[-1].version != version:
        return
    if rows[-1].body is None and rows[-1].shared_body_id is None:
        raise NotFoundError(f"the body of snapshot {version} was pruned; its hash is kept")
    base = None
    for row in rows:
        if not isinstance(row.body, bytes) or row.body_base != base:
            raise TamperedError(f"the body of version {row.version} is none")
        yield row.body
        base = row.version


def steps_since_full(connection: Connection, source_id: int, version: int) -> int:
    """How many links lie between a version's body and the full one it rests on."""
    full = connection.execute(_LAST_FULL, {"source": source_id, "version": version}).scalar()
    return version - (full if full is not None else version)


_LAST_FULL = select(func.max(t.snapshot.c.version)).where(
    t.snapshot.c.source_id == bindparam("source"),
    t.snapshot.c.version <= bindparam("version"),
    t.snapshot.c.body_base.is_(None),
)
_CHAIN = (
    select(t.snapshot.c.version, packed_body, t.snapshot.c.body_base, t.snapshot.c.shared_body_id)
    .outerjoin(t.shared_body, is_shared)
    .where(
        t.snapshot.c.source_id == bindparam("source"),
        t.snapshot.c.version >= func.coalesce(_LAST_FULL.scalar_subquery(), 0),
        t.snapshot.c.version <= bindparam("version"),
    )
    .order_by(t.snapshot.c.version)
)
