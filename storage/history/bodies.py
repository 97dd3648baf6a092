"""The bodies of versions, read back along the chain of differences that they are stored as."""

from sqlalchemy import Connection, bindparam, select
from zstandard import ZstdError

from pricetrail.catalog.errors import NotFoundError
from pricetrail.storage import tables as t
from pricetrail.storage.codecs import bodies
from pricetrail.storage.errors import TamperedError


def body_of(connection: Connection, source_id: int, version: int) -> bytes:
    """The body of a version, as served.

    Raises:
        NotFoundError: there is no such version, or its body was pruned.
        TamperedError: what is stored does not unpack.
    """
    links = _chain(connection, source_id, version)
    try:
        body = bodies.decode(links.pop())
        while links:
            body = bodies.decode(links.pop(), body)
    except (ZstdError, ValueError) as error:
        raise TamperedError(f"the body of version {version} is damaged: {error}") from None
    return body


def _chain(connection: Connection, source_id: int, version: int) -> list[bytes]:
    """The stored bodies from `version` back to a full one."""
    links: list[bytes] = []
    wanted: int | None = version
    while wanted is not None:
        row = connection.execute(_LINK, {"source": source_id, "version": wanted}).first()
        if row is None:
            raise NotFoundError(f"there is no snapshot {version}")
        if row.body is None:
            raise NotFoundError(f"the body of snapshot {version} was pruned; its hash is kept")
        if not isinstance(row.body, bytes) or not _leads_back(row.body_base, wanted):
            raise TamperedError(f"the body of version {wanted} is none")
        links.append(row.body)
        wanted = row.body_base
    return links


def _leads_back(base: object, version: int) -> bool:
    return base is None or (isinstance(base, int) and base < version)


def steps_since_full(connection: Connection, source_id: int, version: int) -> int:
    """How many links lie between a version's body and the full one it rests on."""
    full = connection.execute(_LAST_FULL, {"source": source_id, "version": version}).scalar()
    return version - (full if full is not None else version)


_LINK = select(t.snapshot.c.body, t.snapshot.c.body_base).where(
    t.snapshot.c.source_id == bindparam("source"), t.snapshot.c.version == bindparam("version")
)
_LAST_FULL = (
    select(t.snapshot.c.version)
    .where(
        t.snapshot.c.source_id == bindparam("source"),
        t.snapshot.c.version <= bindparam("version"),
        t.snapshot.c.body_base.is_(None),
    )
    .order_by(t.snapshot.c.version.desc())
    .limit(1)
)
