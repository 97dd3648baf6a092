"""By which dialect bodies were read: kept beside each version, and for the accepted catalog.

What a dialect is nobody here knows: a label and the fields that were kept are stored and compared.
"""

from typing import Protocol

from sqlalchemy import Connection, select, update

from pricetrail.catalog.dialects.registry import AS_SERVED, ReadBy
from pricetrail.catalog.strict_json import dumps
from pricetrail.storage import tables as t
from pricetrail.storage.codecs.stored_json import decode_texts
from pricetrail.storage.errors import StaleHolderError, TamperedError
from pricetrail.storage.sources import SourceState


class _Stored(Protocol):
    @property
    def dialect(self) -> object: ...

    @property
    def keep(self) -> object: ...


def read_by(row: _Stored) -> ReadBy:
    """How a source's accepted catalog, or a version, was read: what its row says.

    Raises:
        TamperedError: it is not what is written there.
    """
    if row.dialect is None and row.keep is None:
        return AS_SERVED
    if not isinstance(row.dialect, str):
        raise TamperedError("fields were kept of no dialect")
    return ReadBy(row.dialect, tuple(decode_texts(row.keep)) if row.keep is not None else ())


def stored(how: ReadBy) -> dict[str, str | None]:
    """What a row says of it: both columns."""
    return {"dialect": how.dialect, "keep": dumps(list(how.keep)) if how.keep else None}


def of_version(connection: Connection, source_id: int, version: int) -> ReadBy:
    """How the body of a version was read; PipeLLM's where there is no such version.

    Raises:
        TamperedError: as `read_by`.
    """
    row = connection.execute(
        select(t.snapshot.c.dialect, t.snapshot.c.keep).where(
            t.snapshot.c.source_id == source_id, t.snapshot.c.version == version
        )
    ).first()
    return AS_SERVED if row is None else read_by(row)


def is_read_anew(connection: Connection, source_id: int, version: int) -> bool:
    """Whether a version is the body of the one before, read by another dialect or version of one.

    It may list what the other reading did not, and no event tells of it.
    """
    rows = connection.execute(
        select(t.snapshot.c.body_hash, t.snapshot.c.dialect, t.snapshot.c.keep)
        .where(t.snapshot.c.source_id == source_id)
        .where(t.snapshot.c.version.between(version - 1, version))
    ).all()
    return len(rows) == 2 and rows[0].body_hash == rows[1].body_hash and rows[0] != rows[1]


def follow(connection: Connection, source: SourceState, how: ReadBy) -> None:
    """Remember how the catalog that a source just accepted was read."""
    if read_by(source) != how:
        ours = t.source.c.id == source.id
        connection.execute(update(t.source).where(ours).values(**stored(how)))


def move_on(connection: Connection, before: SourceState, after: SourceState) -> None:
    """Let a source stand at its accepted body as it was read anew; no poll is counted as good.

    Raises:
        StaleHolderError: a poll was recorded since the source was read.
    """
    names = ("head_version", "head_hash", "body_hash", "etag", "polls", "dialect", "keep")
    ours = (t.source.c.id == before.id) & (t.source.c.polls == before.polls)
    unmoved = ours & (t.source.c.head_hash == before.head_hash)
    values = {name: getattr(after, name) for name in names}
    done = connection.execute(update(t.source).where(unmoved).values(**values))
    if done.rowcount != 1:
        raise StaleHolderError("another poll of this source was recorded meanwhile")
