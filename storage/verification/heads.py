"""Whose head is it? A source found by a hash of its chain."""

from sqlalchemy import Connection, bindparam, select

from pricetrail.storage import tables as t


def find_source(connection: Connection, head: bytes) -> str | None:
    """The name of the source whose chain has a hash at some version; None where none has."""
    return connection.execute(_SOURCE, {"head": head}).scalar()


_SOURCE = (
    select(t.source.c.name)
    .join(t.snapshot, t.snapshot.c.source_id == t.source.c.id)
    .where(t.snapshot.c.chain_hash == bindparam("head"))
)
