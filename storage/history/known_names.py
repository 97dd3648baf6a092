"""What has a name in the history, as far as filters can be about it."""

from sqlalchemy import Connection, select

from pricetrail.storage import source_names, sources
from pricetrail.storage import tables as t
from pricetrail.storage.history import latest

# Catalogs of so many sources are read whole to say what is in them.
_MOST_READ = 1_000


def models(connection: Connection) -> frozenset[str]:
    """Every model that any source has ever listed."""
    return frozenset(connection.execute(select(t.model.c.name).distinct()).scalars())


def price_paths(connection: Connection) -> frozenset[str]:
    """The JSON Pointer of every price that any model has ever had."""
    return frozenset(connection.execute(select(t.path.c.path)).scalars())


def type_targets(connection: Connection) -> frozenset[str] | None:
    """The protocol families of the models that are listed now; None where that takes too long.

    Raises:
        StorageError: what is stored is damaged.
    """
    if source_names.count(connection) > _MOST_READ:
        return None
    found: set[str] = set()
    for source in sources.states(connection):
        head = latest.load(connection, source)
        if head is not None:
            documents = map(head.catalog.document, head.catalog.ids)
            found |= {str(document.get("type_target")) for document in documents}
    return frozenset(found)
