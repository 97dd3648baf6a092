"""A model's documents as they are stored: the first one whole, later ones by how they differ.

A model that is repriced stays the same but for a few letters. A whole document is zstd against a
sample of what all models look like; a later one refers to a whole one of the same model (its
*keyframe*) and keeps what is to be put in the place of what: never against anything but a
keyframe, so that reading one takes two steps.
"""

import threading

import zstandard

from pricetrail.storage.codecs import byte_delta
from pricetrail.storage.errors import TamperedError

# Stored documents cannot be read without this very text: it never changes.
_SAMPLE = (
    b'{"id":"family/model-name","display_name":"Family Model Name","type_target":"openai",'
    b'"created_at":"2026-01-01T00:00:00Z","pricing":{"kind":"token","text":{"prompt":"0.0000025",'
    b'"completion":"0.00001"},"cache":{"read":"0.00000025","write":"0.000003"},"tiers":{'
    b'"over_200k":{"text":{"prompt":"0.000005","completion":"0.00002"}}}}}'
)
# What a frame begins with says nothing that is not known here, and would be a byte in twenty.
_FORMAT = zstandard.FORMAT_ZSTD1_MAGICLESS
_MAGIC = b"\x28\xb5\x2f\xfd"
_HEADER = 14
# Of a frame's first byte: its length is told in four bytes or more.
_LONG = 0x80
_LONGEST = 1 << 27
_LEVEL = 3


def encode(text: str, keyframe: str | None = None) -> bytes:
    """The document as it is stored; by its difference from `keyframe` where that is given."""
    if keyframe is None:
        return _compressor(len(text)).compress(text.encode())
    return byte_delta.encode(keyframe.encode(), text.encode())


def wants_keyframe(stored: bytes, text: str) -> bool:
    """Whether a document differs so much that it had better be a keyframe itself."""
    return len(stored) * 4 > len(text)


def decode(stored: bytes, keyframe: bytes | None = None) -> str:
    """The document again, letter for letter; `keyframe` as it is stored.

    Raises:
        TamperedError: what is stored is damaged.
    """
    if not isinstance(stored, bytes) or not isinstance(keyframe, bytes | None):
        raise TamperedError("a model's document is none")
    try:
        whole = _whole(stored if keyframe is None else keyframe)
        return (whole if keyframe is None else byte_delta.decode(whole, stored)).decode()
    except (zstandard.ZstdError, ValueError, IndexError) as error:
        raise TamperedError(f"a model's document is damaged: {error}") from None


def _whole(stored: bytes) -> bytes:
    # It may have been tampered with: no more is made than a document can be long.
    if stored[0] & _LONG and zstandard.frame_content_size(_MAGIC + stored[:_HEADER]) > _LONGEST:
        raise ValueError("it is longer than any document")
    return _own.decompressor.decompress(stored)


class _Own(threading.local):
    """A decompressor for each thread: two that use one at a time read each other's documents."""

    def __init__(self) -> None:
        self.decompressor = zstandard.ZstdDecompressor(
            dict_data=_dictionary, max_window_size=_LONGEST, format=_FORMAT
        )


_dictionary = zstandard.ZstdCompressionDict(_SAMPLE, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
_own = _Own()


def _compressor(size: int) -> zstandard.ZstdCompressor:
    window = min(max((len(_SAMPLE) + 4 * size).bit_length(), 10), _LONGEST.bit_length() - 1)
    parameters = zstandard.ZstdCompressionParameters.from_level(
        _LEVEL, window_log=window, format=_FORMAT, write_content_size=True
    )
    return zstandard.ZstdCompressor(compression_params=parameters, dict_data=_dictionary)
