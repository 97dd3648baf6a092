"""Bodies of every source pruned within one transaction, where nobody else is at work."""

from datetime import datetime

from sqlalchemy import Connection

from pricetrail.storage import pruning
from pricetrail.storage.history import shared_bodies


def prune_bodies(connection: Connection, before: datetime) -> int:
    """Delete the bodies of versions that had been succeeded before a time; how many."""
    found = pruning.with_old_bodies(connection, before)
    gone = sum(pruning.prune_bodies(connection, source, before) for source in found)
    shared_bodies.sweep(connection)
    return gone
