"""Bodies that several versions have: stored once, by their SHA-256, and not with each version.

Accounts of one gateway see the same list, and so do the same account's keys: the first body of each
is packed to the same bytes. What differs little from the body before is packed to less than what a
place of its own takes, and stays with its version.

Whoever refers to a shared body holds its row (`FOR KEY SHARE`) until the reference is committed,
and `sweep` deletes what it can lock and nobody refers to: so a body is there as long as somebody
has it, and nobody waits for anybody while he holds one. SQLite has one writer at a time anyway.
"""

from hashlib import sha256

from sqlalchemy import Connection, bindparam, delete, exists, func, select, text, update

from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.upsert import insert_or_skip

# The row, its key and what refers to it take some hundred bytes.
_LEAST = 256
# The first of the two keys of our locks on Postgres; the other is of the body.
_LOCKS = 7_203_941
_NAMED = 5


def number_of(packed: bytes) -> int:
    """The id of a body as it is packed: the first 63 bits of its SHA-256.

    No two are taken for one by that: what is there under it is compared, byte for byte.
    """
    return int.from_bytes(sha256(packed).digest()[:8]) >> 1


def is_at(number: object, packed: object) -> bool:
    """Whether a body is the one that belongs under an id; either may have been tampered with."""
    return isinstance(packed, bytes) and number_of(packed) == number


def stored(connection: Connection, packed: bytes) -> dict[str, object]:
    """The columns of a snapshot that hold a body: by itself, or where other versions find it."""
    shared = _share(connection, packed) if len(packed) >= _LEAST else None
    return {"body": packed if shared is None else None, "shared_body_id": shared}


def _share(connection: Connection, packed: bytes) -> int | None:
    """The id under which a body lies for several versions; None where it cannot lie there.

    That is where something else does, or where another transaction is at it at this moment: waiting
    for that one might go on for ever, if it waited for this one.
    """
    number = number_of(packed)
    for _ in range(2):
        found = connection.execute(_HELD, {"id": number}).scalar()
        if found is not None:
            return number if found == packed else None
        if not _alone(connection, number):
            return None
        if insert_or_skip(connection, t.shared_body, [{"id": number, "body": packed}]):
            return number
    return None


def _alone(connection: Connection, number: int) -> bool:
    if connection.dialect.name != "postgresql":
        return True
    return bool(connection.execute(_TRY, {"locks": _LOCKS, "number": number % 2**31}).scalar())


def sweep(connection: Connection) -> int:
    """Delete the bodies that no version has any more; how many.

    One that somebody is about to refer to is left for the next time.
    """
    gone = 0
    for some in chunks(list(connection.execute(_UNUSED).scalars())):
        # Asked again: since it was seen to be unused, and before it was locked, somebody may have
        # referred to it.
        gone += connection.execute(_DELETE, {"ids": some}).rowcount
    return gone


def share_old(connection: Connection) -> int:
    """Let versions of before share their bodies too; of how many that is so now."""
    shared = 0
    for key in connection.execute(_LONG, {"least": _LEAST}).all():
        asked = {"the_source": key.source_id, "the_version": key.version}
        packed = connection.execute(_BODY, asked).scalar_one()
        if isinstance(packed, bytes):  # it may have been tampered with
            values = stored(connection, packed)
            connection.execute(_MOVE, {**asked, **values})
            shared += values["shared_body_id"] is not None
    return shared


def users(connection: Connection, number: int) -> str:
    """The versions that have a body, in words: all of a few, and how many more there are."""
    rows = connection.execute(_USERS, {"number": number}).all()
    named = ", ".join(f"{row.name} {row.version}" for row in rows[:_NAMED])
    return named if len(rows) <= _NAMED else f"{named} and {len(rows) - _NAMED:,} more"


is_shared = t.shared_body.c.id == t.snapshot.c.shared_body_id
has_body = t.snapshot.c.body.is_not(None) | t.snapshot.c.shared_body_id.is_not(None)
# In a query that joins `shared_body` by `is_shared`.
packed_body = func.coalesce(t.snapshot.c.body, t.shared_body.c.body).label("body")
_HELD = (
    select(t.shared_body.c.body)
    .where(t.shared_body.c.id == bindparam("id"))
    .with_for_update(key_share=True, read=True, skip_locked=True)
)
_TRY = text("SELECT pg_try_advisory_xact_lock(:locks, :number)")
_IS_UNUSED = ~exists().where(is_shared)
_UNUSED = select(t.shared_body.c.id).where(_IS_UNUSED).with_for_update(skip_locked=True)
_DELETE = delete(t.shared_body).where(
    t.shared_body.c.id.in_(bindparam("ids", expanding=True)), _IS_UNUSED
)
_LONG = (
    select(t.snapshot.c.source_id, t.snapshot.c.version)
    .where(func.length(t.snapshot.c.body) >= bindparam("least"))
    .order_by(t.snapshot.c.source_id, t.snapshot.c.version)
)
_ONE = (
    t.snapshot.c.source_id == bindparam("the_source"),
    t.snapshot.c.version == bindparam("the_version"),
)
_BODY = select(t.snapshot.c.body).where(*_ONE)
_MOVE = (
    update(t.snapshot)
    .where(*_ONE)
    .values(body=bindparam("body"), shared_body_id=bindparam("shared_body_id"))
)
_USERS = (
    select(t.source.c.name, t.snapshot.c.version)
    .join(t.source, t.source.c.id == t.snapshot.c.source_id)
    .where(t.snapshot.c.shared_body_id == bindparam("number"))
    .order_by(t.source.c.name, t.snapshot.c.version)
)
