"""The last accepted catalog, kept ready for the next comparison."""

import sys
from array import array

from sqlalchemy import Connection, bindparam, delete, insert, select

from catalog.contents import Contents
from catalog.strict_json import decode, dumps, loads
from storage import tables as t
from storage.bodies import quick, unpack, unpack_exactly
from storage.errors import StorageError

_HASH = 32


def load(connection: Connection, source_id: int) -> tuple[Contents, bytes] | None:
    """The head's contents and its body as served; None before the first snapshot."""
    row = connection.execute(_LOAD, {"source": source_id}).first()
    if row is None:
        return None
    body = unpack(row.body)
    leaves = bytes(row.leaves)
    contents = Contents(
        text=decode(body),
        ids=loads(unpack(row.ids)),
        spans=_spans(unpack(row.spans)),
        leaves=[leaves[start : start + _HASH] for start in range(0, len(leaves), _HASH)],
    )
    return contents, body


def save(
    connection: Connection, source_id: int, version: int, contents: Contents, body: bytes
) -> None:
    """Put a new head in the old one's place."""
    connection.execute(_DELETE, {"source": source_id})
    packed = {name: quick(part) for name, part in _parts(contents, body).items()}
    leaves = b"".join(contents.leaves)
    connection.execute(
        _INSERT, {"source_id": source_id, "version": version, "leaves": leaves, **packed}
    )


def is_intact(
    connection: Connection, source_id: int, version: int, contents: Contents, body: bytes
) -> bool:
    """Whether what is stored is what `save` would store; it may have been tampered with."""
    row = connection.execute(_LOAD, {"source": source_id}).first()
    if row is None or (row.version, row.leaves) != (version, b"".join(contents.leaves)):
        return False
    try:
        return all(
            unpack_exactly(getattr(row, name), None, len(part)) == part
            for name, part in _parts(contents, body).items()
        )
    except StorageError:
        return False


def _parts(contents: Contents, body: bytes) -> dict[str, bytes]:
    """The columns that are compressed."""
    spans = _little_endian(contents.spans).tobytes()
    return {"body": body, "ids": dumps(contents.ids).encode(), "spans": spans}


def _spans(stored: bytes) -> "array[int]":
    spans = array("I")
    spans.frombytes(stored)
    return _little_endian(spans)


def _little_endian(spans: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        spans = array("I", spans)
        spans.byteswap()
    return spans


_LOAD = select(
    t.head.c.version, t.head.c.body, t.head.c.ids, t.head.c.spans, t.head.c.leaves
).where(t.head.c.source_id == bindparam("source"))
_DELETE = delete(t.head).where(t.head.c.source_id == bindparam("source"))
_INSERT = insert(t.head)
