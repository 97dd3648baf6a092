"""Bodies as evidence: each by its difference from the one before, with a full one every so often.

A difference is zstd against the one before or, where few models changed, what is to be put in the
place of what.
"""

from collections.abc import Iterable

import zstandard
from sqlalchemy import Connection, bindparam, select

from pricetrail.catalog.errors import NotFoundError
from pricetrail.storage import tables as t
from pricetrail.storage.codecs import byte_delta
from pricetrail.storage.codecs.byte_delta import Splice
from pricetrail.storage.errors import StorageError, TamperedError

# Reading one back costs the decompression of every body since the last full one: about this
# many bytes at the most (a quarter of a second), and never more than so many steps.
_CHAIN_BYTES = 256 * 1024 * 1024
_CHAIN_STEPS = 512
_LEVEL = 3
# A full one is rare, and worth more time unless it is huge.
_FULL_LEVEL, _FULL_SIZE = 12, 1_000_000
_MAX_WINDOW_LOG = 27
# No body is longer: one that says so was tampered with, and would take the memory that it names.
_LONGEST = 1 << 30
# Bytes of edits beyond which compressing is the smaller thing.
_FEW = 512


def wants_full(steps_since_full: int, size: int) -> bool:
    """Whether the next body of `size` bytes is stored whole."""
    return steps_since_full >= _CHAIN_STEPS or steps_since_full * max(size, 1) > _CHAIN_BYTES


def pack(body: bytes, base: bytes | None = None, edits: Iterable[Splice] | None = None) -> bytes:
    """Compress; against `base` where it is given.

    Args:
        edits: what is thought to turn `base` into the body, where few models changed: stored as
            such if it does.
    """
    if base is not None and edits is not None:
        packed = byte_delta.pack(edits)
        if len(packed) < _FEW and byte_delta.apply(packed, base) == body:
            return packed
    if base is None:
        return _compressed(body, _LEVEL if len(body) > _FULL_SIZE else _FULL_LEVEL)
    window = min(max((len(base) + len(body)).bit_length(), 10), _MAX_WINDOW_LOG)
    parameters = zstandard.ZstdCompressionParameters.from_level(
        _LEVEL, window_log=window, enable_ldm=len(body) > 1_000_000
    )
    return zstandard.ZstdCompressor(
        compression_params=parameters, dict_data=_dictionary(base)
    ).compress(body)


def _compressed(data: bytes, level: int) -> bytes:
    return zstandard.ZstdCompressor(level=level).compress(data)


def unpack(packed: bytes, base: bytes | None = None) -> bytes:
    """The body again, byte for byte.

    Raises:
        ZstdError, ValueError: what is stored is damaged.
    """
    if base is not None and packed[:1] and packed[0] in byte_delta.TAGS:
        return byte_delta.apply(packed, base)
    if zstandard.frame_content_size(packed) > _LONGEST:
        raise ValueError("it is longer than any body")
    if base is None:
        return zstandard.ZstdDecompressor().decompress(packed)
    decompressor = zstandard.ZstdDecompressor(
        dict_data=_dictionary(base), max_window_size=1 << _MAX_WINDOW_LOG
    )
    return decompressor.decompress(packed)


def unpack_exactly(packed: object, base: bytes | None, size: object) -> bytes:
    """As `unpack`, of what may have been tampered with: never more than `size` bytes are made.

    Raises:
        StorageError: it does not unpack, or not to that size.
    """
    try:
        spliced = isinstance(packed, bytes) and packed[:1] and packed[0] in byte_delta.TAGS
        if isinstance(packed, bytes) and (spliced or zstandard.frame_content_size(packed) == size):
            body = unpack(packed, base)
            if len(body) == size:
                return body
        raise StorageError(f"it does not unpack to {size!r} bytes")
    except (zstandard.ZstdError, ValueError) as error:
        raise StorageError(f"it does not unpack: {error}") from None


def _dictionary(base: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def body_of(connection: Connection, source_id: int, version: int) -> bytes:
    """The body of a version, as served.

    Raises:
        NotFoundError: there is no such version, or its body was pruned.
        TamperedError: what is stored does not unpack.
    """
    packed = _chain(connection, source_id, version)
    body: bytes | None = None
    try:
        for link in reversed(packed):
            body = unpack(link, body)
    except (zstandard.ZstdError, ValueError) as error:
        raise TamperedError(f"the body of version {version} is damaged: {error}") from None
    assert body is not None  # noqa: S101 - the chain has at least its own link
    return body


def _chain(connection: Connection, source_id: int, version: int) -> list[bytes]:
    """The packed bodies from `version` back to a full one."""
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
