"""Compressed files: read by what their first bytes tell, written by what their names say."""

import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import zstandard

from pricetrail.observations.errors import InputError

Progress = Callable[[int], object]

SUFFIXES = {".gz": "gzip", ".xz": "xz", ".zst": "zstd"}
_MAGIC = {"gzip": b"\x1f\x8b", "xz": b"\xfd7zXZ\x00", "zstd": b"\x28\xb5\x2f\xfd"}
_BROKEN = (EOFError, lzma.LZMAError, zlib.error, zstandard.ZstdError, gzip.BadGzipFile)
# A zstd block grows to 128 KiB at the most: so many bytes at a time keep memory bounded.
_ZSTD_STEP = 1024


@contextmanager
def opened(path: Path, progress: Progress | None = None) -> Iterator[BinaryIO]:
    """The file's bytes, decompressed, as a stream.

    Args:
        progress: told how many bytes of the file itself were read, as it goes.

    Raises:
        InputError: the file cannot be opened or read, is cut off or damaged.
    """
    with ExitStack() as stack:
        try:
            raw = stack.enter_context(path.open("rb", buffering=0))
            counted = io.BufferedReader(_Counted(raw, progress), 1 << 16)
            yield cast("BinaryIO", stack.enter_context(_inflated(path, counted)))
        except _BROKEN as error:
            said = str(error) or type(error).__name__
            raise InputError(f"{path} is damaged or cut off ({said}): fetch it again") from None
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror or error}") from None


def _inflated(path: Path, stream: "io.BufferedReader[Any]") -> io.BufferedIOBase:
    head = stream.peek(6)
    kind = next((name for name, magic in _MAGIC.items() if head.startswith(magic)), None)
    expected = SUFFIXES.get(path.suffix.lower())
    if expected is not None and kind != expected:
        raise InputError(f"{path} is not {expected}, though its name says so: check the file")
    if kind == "gzip":
        return gzip.GzipFile(fileobj=stream)
    if kind == "xz":
        return lzma.LZMAFile(stream)
    if kind == "zstd":
        return io.BufferedReader(_Zstd(stream), 1 << 16)
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

    def readinto(self, buffer: "memoryview[int]") -> int | None:  # type: ignore[override]
        number = self._raw.readinto(buffer)
        if self._progress is not None and number:
            self._progress(number)
        return number


class _Zstd(io.RawIOBase):
    """Zstandard frames, one after the other.

    The library's own reader takes a frame that is cut off for the end of the file.
    """

    def __init__(self, stream: "io.BufferedReader[Any]") -> None:
        self._stream = stream
        self._inflater = zstandard.ZstdDecompressor().decompressobj()
        self._fresh = True
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]
        while not self._ready and self._feed():
            pass
        number = min(len(buffer), len(self._ready))
        buffer[:number] = self._ready[:number]
        self._ready = self._ready[number:]
        return number

    def _feed(self) -> bool:
        some = self._inflater.unused_data if self._inflater.eof else b""
        some = some or self._stream.read(_ZSTD_STEP)
        if not some and not (self._inflater.eof or self._fresh):
            raise EOFError("the last frame is incomplete")
        if not some:
            return False
        if self._inflater.eof:
            self._inflater = zstandard.ZstdDecompressor().decompressobj()
        self._fresh = False
        self._ready = memoryview(self._inflater.decompress(some))
        return True
