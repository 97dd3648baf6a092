"""The last accepted catalog, as the next comparison needs it.

A process that goes on keeps it in memory; one that begins reads it from the newest body.
"""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from pricetrail.catalog.catalogs import Catalog, Limits, read
from pricetrail.catalog.dialects.registry import AS_SERVED
from pricetrail.catalog.errors import CatalogError
from pricetrail.storage import tables as t
from pricetrail.storage.errors import StorageError
from pricetrail.storage.history import readings
from pricetrail.storage.history.bodies import body_of, steps_since_full
from pricetrail.storage.history.models import Model
from pricetrail.storage.history.versions import listing_at
from pricetrail.storage.sources import SourceState

# What was accepted once is no question of limits any more.
_LIMITS = Limits(models=1_000_000, name_bytes=None)


class LatestCatalog(NamedTuple):
    """The catalog of the latest version, and its body as served.

    `known_schema`: the pricing paths and kinds that the source has shown up to it. `links`: how
    many bodies lie between its own, as it is stored, and the full one that it rests on. `paths`
    and `models`: the row ids of pricing paths, and models, as far as they are known.
    """

    catalog: Catalog
    body: bytes
    known_schema: frozenset[str]
    links: int
    paths: Mapping[str, int]
    models: Mapping[str, Model]


def load(connection: Connection, source: SourceState) -> LatestCatalog | None:
    """The latest catalog of a source; None before the first snapshot.

    Raises:
        StorageError: what is stored is damaged.
    """
    version = source.head_version
    if version == 0:
        return None
    body = body_of(connection, source.id, version)
    try:
        catalog = _catalog(connection, source.id, version, body)
    except CatalogError as error:
        why = f"the body of version {version} is no catalog: {error}"
        raise StorageError(f"{why}; see `pricetrail verify`") from None
    known_schema = frozenset(connection.execute(_SCHEMA, {"source": source.id}).scalars())
    links = steps_since_full(connection, source.id, version)
    return LatestCatalog(catalog, body, known_schema, links, {}, {})


def _catalog(connection: Connection, source_id: int, version: int, body: bytes) -> Catalog:
    """The catalog of a version: of another dialect from its documents, whatever reads it today."""
    if readings.of_version(connection, source_id, version) != AS_SERVED:
        body = listing_at(connection, source_id, version).encode()
    return read(body, None, _LIMITS)


_SCHEMA = select(t.schema_seen.c.item).where(t.schema_seen.c.source_id == bindparam("source"))
