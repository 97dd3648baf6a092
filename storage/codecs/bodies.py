"""Bodies as evidence: zstd, each against the one before, with a full one every so often."""

import zstandard

from pricetrail.storage.errors import StorageError

# Reading one back costs the decompression of every body since the last full one: about this
# many bytes at the most (a quarter of a second), and never more than so many steps.
_CHAIN_BYTES = 256 * 1024 * 1024
_CHAIN_STEPS = 512
# Level 3 makes a database smaller by half a hundredth, and a changed poll slower by a twentieth.
_LEVEL = 1
# A full one is rare, and worth more time unless it is huge.
_FULL_LEVEL, _FULL_SIZE = 12, 1_000_000
_MAX_WINDOW_LOG = 27
# No body is longer: one that says so was tampered with, and would take the memory that it names.
_LONGEST = 1 << 30


def wants_full(steps_since_full: int, size: int) -> bool:
    """Whether the next body of `size` bytes is stored whole."""
    return steps_since_full >= _CHAIN_STEPS or steps_since_full * max(size, 1) > _CHAIN_BYTES


def encode(body: bytes, base: bytes | None = None) -> bytes:
    """The body as it is stored; against `base` where that is given."""
    if base is None:
        level = _LEVEL if len(body) > _FULL_SIZE else _FULL_LEVEL
        return zstandard.ZstdCompressor(level=level).compress(body)
    window = min(max((len(base) + len(body)).bit_length(), 10), _MAX_WINDOW_LOG)
    parameters = zstandard.ZstdCompressionParameters.from_level(
        _LEVEL, window_log=window, enable_ldm=len(body) > 1_000_000
    )
    return zstandard.ZstdCompressor(
        compression_params=parameters, dict_data=_dictionary(base)
    ).compress(body)


def decode(stored: bytes, base: bytes | None = None) -> bytes:
    """The body again, byte for byte.

    Raises:
        ZstdError, ValueError: what is stored is damaged.
    """
    if zstandard.frame_content_size(stored) > _LONGEST:
        raise ValueError("it is longer than any body")
    if base is None:
        return zstandard.ZstdDecompressor().decompress(stored)
    decompressor = zstandard.ZstdDecompressor(
        dict_data=_dictionary(base), max_window_size=1 << _MAX_WINDOW_LOG
    )
    return decompressor.decompress(stored)


def decode_exactly(stored: object, base: bytes | None, size: object) -> bytes:
    """As `decode`, of what may have been tampered with: never more than `size` bytes are made.

    Raises:
        StorageError: it does not unpack, or not to that size.
    """
    try:
        if isinstance(stored, bytes) and zstandard.frame_content_size(stored) == size:
            body = decode(stored, base)
            if len(body) == size:
                return body
        raise StorageError(f"it does not unpack to {size!r} bytes")
    except (zstandard.ZstdError, ValueError) as error:
        raise StorageError(f"it does not unpack: {error}") from None


def _dictionary(base: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
