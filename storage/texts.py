"""A model's documents as they are stored: the first one whole, later ones by how they differ.

A model that is repriced stays the same but for a few letters. A whole document is zstd against a
sample of what all models look like; a later one refers to a whole one of the same model (its
*keyframe*) and is the shorter of two things: the stretch that differs, written out
(`53,60,0.0000025`: the keyframe's first 53 letters, this text, the keyframe's last 60 letters), or
zstd against the keyframe. Never against anything but a keyframe: reading one costs two steps.
"""

from collections.abc import Iterable
from functools import lru_cache

import zstandard

from storage.errors import StorageError

# Stored documents cannot be read without this very text: it never changes.
_SAMPLE = (
    b'{"id":"family/model-name","display_name":"Family Model Name","type_target":"openai",'
    b'"created_at":"2026-01-01T00:00:00Z","pricing":{"kind":"token","text":{"prompt":"0.0000025",'
    b'"completion":"0.00001"},"cache":{"read":"0.00000025","write":"0.000003"},"tiers":{'
    b'"over_200k":{"text":{"prompt":"0.000005","completion":"0.00002"}}}}}'
)
# What a frame begins with says nothing that is not known here, and would be a byte in seven.
_FORMAT = zstandard.FORMAT_ZSTD1_MAGICLESS
_MAGIC = b"\x28\xb5\x2f\xfd"
_HEADER = 14
_LEVEL = 3
_LONGEST = 1 << 27
# A frame begins with its descriptor; one that begins with a digit would have a reserved bit set.
_DIGITS = frozenset(b"0123456789")


def pack(text: str, keyframe: str | None = None) -> bytes:
    """A document's bytes; by its difference from `keyframe` where that is given."""
    if keyframe is None:
        return _compressed(text, _SAMPLE)
    return min(_stretch(text, keyframe), _compressed(text, keyframe.encode()), key=len)


def wants_keyframe(packed: bytes, text: str) -> bool:
    """Whether a document differs so much that it had better be a keyframe itself."""
    return len(packed) * 4 > len(text)


def unpack(packed: bytes, keyframe: str | None = None) -> str:
    """The document again, letter for letter.

    Raises:
        StorageError: what is stored is damaged.
    """
    try:
        if keyframe is None:
            return _decompressed(packed, _whole)
        if packed[0] in _DIGITS:
            start, end, stretch = packed.decode().split(",", 2)
            return keyframe[: int(start)] + stretch + keyframe[len(keyframe) - int(end) :]
        return _decompressed(packed, _decompressor(keyframe.encode()))
    except (zstandard.ZstdError, ValueError, IndexError) as error:
        raise StorageError(f"a model's document is damaged: {error}") from None


def _decompressed(packed: bytes, decompressor: zstandard.ZstdDecompressor) -> str:
    # It may have been tampered with: no more is made than a document can be long.
    if not 0 < zstandard.frame_content_size(_MAGIC + packed[:_HEADER]) <= _LONGEST:
        raise StorageError("a model's document is damaged: it is of no length that one can have")
    return decompressor.decompress(packed).decode()


def _stretch(text: str, keyframe: str) -> bytes:
    start = _alike(zip(text, keyframe, strict=False))
    most = min(len(text), len(keyframe)) - start
    end = min(most, _alike(zip(reversed(text), reversed(keyframe), strict=False)))
    return f"{start},{end},{text[start : len(text) - end]}".encode()


def _alike(pairs: Iterable[tuple[str, str]]) -> int:
    """How many letters are the same before the first that differs."""
    number = 0
    for one, other in pairs:
        if one != other:
            break
        number += 1
    return number


def _compressed(text: str, dictionary: bytes) -> bytes:
    raw = text.encode()
    window = min(max((len(dictionary) + len(raw)).bit_length(), 10), _LONGEST.bit_length() - 1)
    parameters = zstandard.ZstdCompressionParameters.from_level(
        _LEVEL, window_log=window, format=_FORMAT, write_content_size=True
    )
    compressor = zstandard.ZstdCompressor(
        compression_params=parameters, dict_data=_dictionary(dictionary)
    )
    return compressor.compress(raw)


def _dictionary(text: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(text, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


@lru_cache(maxsize=64)
def _decompressor(dictionary: bytes) -> zstandard.ZstdDecompressor:
    return zstandard.ZstdDecompressor(
        dict_data=_dictionary(dictionary), max_window_size=_LONGEST, format=_FORMAT
    )


_whole = _decompressor(_SAMPLE)
