"""Whether an observation that somebody else made is part of the history already."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from pricetrail.catalog.catalogs import Catalog, Limits, read
from pricetrail.catalog.diffs import same_catalog
from pricetrail.catalog.ignored import Ignored
from pricetrail.storage import tables as t
from pricetrail.storage.history import versions

# What was accepted once is no question of limits any more.
_LIMITS = Limits(models=1_000_000)


class InForce(NamedTuple):
    """A version, as far as an observation of it can be recognised."""

    version: int
    catalog_root: bytes
    body_hash: bytes


def in_force(connection: Connection, source_id: int, at: datetime) -> InForce | None:
    """The version last seen by a time; None before the first."""
    row = connection.execute(_IN_FORCE, {"source": source_id, "at": at}).first()
    return None if row is None else InForce(*row)


def shows(
    connection: Connection, source_id: int, version: InForce, catalog: Catalog, ignored: Ignored
) -> bool:
    """Whether a catalog differs in nothing that is compared from a version."""
    if version.catalog_root == catalog.root():
        return True
    listed = versions.listing_at(connection, source_id, version.version)
    return same_catalog(read(listed.encode(), catalog, _LIMITS), catalog, ignored)


_IN_FORCE = (
    select(t.snapshot.c.version, t.snapshot.c.catalog_root, t.snapshot.c.body_hash)
    .where(t.snapshot.c.source_id == bindparam("source"), t.snapshot.c.not_after <= bindparam("at"))
    .order_by(t.snapshot.c.not_after.desc(), t.snapshot.c.version.desc())
    .limit(1)
)
