"""Bodies as evidence: each against the one before, with a full one every so often."""

import zstandard

from pricetrail.storage.codecs import byte_delta
from pricetrail.storage.errors import StorageError

# Reading one back costs the decompression of every body since the last full one: about this
# many bytes at the most (a quarter of a second), and never more than so many steps.
_CHAIN_BYTES = 256 * 1024 * 1024
_CHAIN_STEPS = 512
# A difference is stored as such where it takes no more than this part of the body: mostly a few
# prices changed, and finding which takes less time than any compression.
_SHORT = 512
# Of the others, and of full ones, each is rare, and worth more time unless it is huge.
_LEVEL, _FULL_LEVEL, _HUGE_LEVEL, _HUGE = 12, 12, 1, 1_000_000
_MAX_WINDOW_LOG = 27
# No body is longer: one that says so was tampered with, and would take the memory that it names.
_LONGEST = 1 << 30


def wants_full(steps_since_full: int, size: int) -> bool:
    """Whether the next body of `size` bytes is stored whole."""
    return steps_since_full >= _CHAIN_STEPS or steps_since_full * max(size, 1) > _CHAIN_BYTES


def encode(body: bytes, base: bytes | None = None) -> bytes:
    """The body as it is stored; against `base` where that is given."""
    huge = len(body) > _HUGE
    if base is None:
        return zstandard.ZstdCompressor(level=_HUGE_LEVEL if huge else _FULL_LEVEL).compress(body)
    difference = byte_delta.encode_short(base, body, len(body) // _SHORT)
    if difference is not None:
        return difference
    window = min(max((len(base) + len(body)).bit_length(), 10), _MAX_WINDOW_LOG)
    parameters = zstandard.ZstdCompressionParameters.from_level(
        _HUGE_LEVEL if huge else _LEVEL, window_log=window, enable_ldm=huge
    )
    return zstandard.ZstdCompressor(
        compression_params=parameters, dict_data=_dictionary(base)
    ).compress(body)


def decode(stored: bytes, base: bytes | None = None) -> bytes:
    """The body again, byte for byte.

    Raises:
        ZstdError, ValueError: what is stored is damaged.
    """
    if base is not None and stored[:1] in byte_delta.TAGS:
        return byte_delta.decode(base, stored)
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
        if isinstance(stored, bytes) and (
            # A difference makes no more than what it is of and itself.
            (base is not None and stored[:1] in byte_delta.TAGS)
            or zstandard.frame_content_size(stored) == size
        ):
            body = decode(stored, base)
            if len(body) == size:
                return body
        raise StorageError(f"it does not unpack to {size!r} bytes")
    except (zstandard.ZstdError, ValueError) as error:
        raise StorageError(f"it does not unpack: {error}") from None


def _dictionary(base: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
