"""Whose head is it? A source found by a hash of its chain, or by the beginning of one."""

from sqlalchemy import Connection, bindparam, select

from pricetrail.catalog.saved_heads import HeadPrefix, HeadWitness
from pricetrail.storage import tables as t

_DIGITS = 64


def find_source(connection: Connection, head: HeadWitness) -> str | None:
    """The name of the source whose chain has a hash at some version; None where none has."""
    digits = head.digits if isinstance(head, HeadPrefix) else head.hash.hex()
    first, last = digits.ljust(_DIGITS, "0"), digits.ljust(_DIGITS, "f")
    asked = {"first": bytes.fromhex(first), "last": bytes.fromhex(last)}
    return connection.execute(_SOURCE, asked).scalar()


_SOURCE = (
    select(t.source.c.name)
    .join(t.snapshot, t.snapshot.c.source_id == t.source.c.id)
    .where(t.snapshot.c.chain_hash.between(bindparam("first"), bindparam("last")))
)
