"""Compressed files: read by what their first bytes tell, written by what their names say."""

import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol, cast

import zstandard

from pricetrail.catalog.errors import InvalidInputError

Progress = Callable[[int], object]

SUFFIXES = {".gz": "gzip", ".xz": "xz", ".zst": "zstd"}
_MAGIC = {"gzip": b"\x1f\x8b", "xz": b"\xfd7zXZ\x00", "zstd": b"\x28\xb5\x2f\xfd"}
_BROKEN = (EOFError, lzma.LZMAError, zlib.error, zstandard.ZstdError, gzip.BadGzipFile)
# What a decompressor may hold of a file's past: as much as `xz -9` and `zstd --long` ask for.
_MEMORY = 128 * 1024 * 1024
_TOO_MUCH = ("memory usage limit", "too much memory")
# So many bytes grow to a few MB at the most, in either format: fed by so many at a time.
_STEP = 1024


@contextmanager
def opened(path: Path, progress: Progress | None = None) -> Iterator[BinaryIO]:
    """The file's bytes, decompressed, as a stream.

    Args:
        progress: told how many bytes of the file itself were read, as it goes.

    Raises:
        InvalidInputError: the file cannot be opened or read, is cut off or damaged.
    """
    with ExitStack() as stack:
        try:
            raw = stack.enter_context(path.open("rb", buffering=0))
            counted = io.BufferedReader(_Counted(raw, progress), 1 << 16)
            yield cast("BinaryIO", stack.enter_context(_inflated(path, counted)))
        except _BROKEN as error:
            problem = str(error) or type(error).__name__
            if any(words in problem.lower() for words in _TOO_MUCH):
                raise InvalidInputError(
                    f"{path} takes over {_MEMORY // (1024 * 1024)} MiB of memory to decompress: "
                    "compress it again with a smaller window (at the most xz -9, zstd --long=27)"
                ) from None
            raise InvalidInputError(
                f"{path} is damaged or cut off ({problem}): fetch it again"
            ) from None
        except OSError as error:
            raise InvalidInputError(f"cannot read {path}: {error.strerror or error}") from None


def _inflated(path: Path, stream: "io.BufferedReader[Any]") -> io.BufferedIOBase:
    head = stream.peek(6)
    kind = next((name for name, magic in _MAGIC.items() if head.startswith(magic)), None)
    expected = SUFFIXES.get(path.suffix.lower())
    if expected is not None and kind != expected:
        raise InvalidInputError(
            f"{path} is not {expected}, though its name says so: check the file"
        )
    if kind == "gzip":
        return gzip.GzipFile(fileobj=stream)
    if kind == "xz":
        return io.BufferedReader(_Frames(stream, _xz, padding=b"\0"), 1 << 16)
    if kind == "zstd":
        return io.BufferedReader(_Frames(stream, _zstd), 1 << 16)
    return stream


@contextmanager
def text_onto(stream: BinaryIO, suffix: str) -> Iterator[IO[str]]:
    """UTF-8 text onto an open file, compressed where the suffix is one of `SUFFIXES`."""
    with ExitStack() as stack:
        onto = _deflated(stream, suffix.lower())
        if onto is not stream:
            stack.enter_context(onto)
        text = io.TextIOWrapper(onto, encoding="utf-8", newline="")
        try:
            yield text
        finally:
            # Who opened the stream closes it.
            text.detach()


def _deflated(stream: BinaryIO, suffix: str) -> BinaryIO:
    match suffix:
        case ".gz":
            # No name and no time inside: equal exports are equal files.
            return cast("BinaryIO", gzip.GzipFile("", "wb", mtime=0, fileobj=stream))
        case ".xz":
            return cast("BinaryIO", lzma.LZMAFile(stream, "wb"))
        case ".zst":
            return cast("BinaryIO", zstandard.ZstdCompressor().stream_writer(stream, closefd=False))
    return stream


class _Counted(io.RawIOBase):
    """A file that tells how much of it was read."""

    def __init__(self, raw: io.FileIO, progress: Progress | None) -> None:
        self._raw, self._progress = raw, progress

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int]") -> int | None:  # type: ignore[override]  # a BufferedReader hands over no other
        number = self._raw.readinto(buffer)
        if self._progress is not None and number:
            self._progress(number)
        return number


class _Inflater(Protocol):
    """What takes one frame apart: all of `lzma` and `zstandard` that is needed here."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


def _xz() -> _Inflater:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY)


def _zstd() -> _Inflater:
    decompressor = zstandard.ZstdDecompressor(max_window_size=_MEMORY)
    return cast("_Inflater", decompressor.decompressobj())


class _Frames(io.RawIOBase):
    """Compressed frames, one after the other, with bounded memory.

    The libraries' own readers have no limit, or take a frame that is cut off, or rubbish behind
    one, for the end of the file. `padding` may stand between frames.
    """

    def __init__(
        self,
        stream: "io.BufferedReader[Any]",
        inflater: Callable[[], _Inflater],
        padding: bytes = b"",
    ) -> None:
        self._stream, self._new, self._padding = stream, inflater, padding
        self._inflater: _Inflater | None = None
        self._left = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]  # as io has it
        while not self._ready and self._feed():
            pass
        number = min(len(buffer), len(self._ready))
        buffer[:number] = self._ready[:number]
        self._ready = self._ready[number:]
        return number

    def _feed(self) -> bool:
        """Take some more apart; False at the end of the file."""
        some = self._left or self._stream.read(_STEP)
        self._left = b""
        if not some and self._inflater is not None:
            raise EOFError("the last frame is incomplete")
        if self._inflater is None:
            padded, some = bool(some), some.lstrip(self._padding)
            if not some:
                return padded
        self._inflater = self._inflater or self._new()
        self._ready = memoryview(self._inflater.decompress(some))
        if self._inflater.eof:
            self._left = self._inflater.unused_data
            self._inflater = None
        return True
