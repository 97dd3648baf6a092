"""Files of usage rows, streamed: CSV, JSON (both also .gz, .xz, .zst) and Parquet."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from pricetrail.audit.usage import csv_text, shapes, tables
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.formats import registry
from pricetrail.audit.usage.json_stream import JsonStream, is_list
from pricetrail.audit.usage.objects import Objects
from pricetrail.audit.usage.options import DEFAULTS, ReadingOptions
from pricetrail.audit.usage.reading import Reading
from pricetrail.audit.usage.rows import BadRow, Row
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import loads
from pricetrail.files.compression import SUFFIXES, Progress, opened
from pricetrail.files.tables import ParquetMissingError

_CSV, LINES, _JSON, _PARQUET = "csv", "lines", "json", "parquet"
_KINDS = {
    ".csv": _CSV,
    ".tsv": _CSV,
    ".jsonl": LINES,
    ".ndjson": LINES,
    ".parquet": _PARQUET,
}
_PARQUET_MAGIC = b"PAR1"
MAX_LINE = 4 * 1024 * 1024
HEAD = 1024 * 1024
_BATCH = 4096


@dataclass
class UsageTable:
    """The rows of a file, read as its own header or shape tells, or as a person said.

    `reading` fills while it is read: the format, the columns that are only remarks, what was
    left out.
    """

    path: Path
    options: ReadingOptions = DEFAULTS

    def __post_init__(self) -> None:
        self.reading = Reading(self.path, self.options)

    @property
    def ignored(self) -> set[str]:
        """The columns that nothing was charged by."""
        return self.reading.ignored

    @property
    def size(self) -> int:
        """The file's size in bytes.

        Raises:
            UsageFileError: there is no such file.
        """
        try:
            return self.path.stat().st_size
        except OSError as error:
            raise UsageFileError(f"cannot read {self.path}: {error.strerror or error}") from None

    def read(self, progress: Progress | None = None) -> Iterator[Row]:
        """Every row, in order, a few in memory at a time.

        Args:
            progress: told how many bytes of the file were read, as it goes.

        Raises:
            UsageFileError, InvalidInputError: the file cannot be read, or its columns mean nothing.
        """
        self.reading = Reading(self.path, self.options)
        empty = True
        for row in self._rows(progress):
            empty = False
            yield row
        if empty and not (self.reading.empty or self.reading.totals):
            raise UsageFileError(f"{self.path} has no rows of usage")

    def _rows(self, progress: Progress | None) -> Iterator[Row]:
        kind = self._kind()
        if kind == _PARQUET:
            yield from self._parquet(progress)
            return
        with opened(self.path, progress) as stream:
            # A pipe can be read once alone.
            kind = kind or kind_of(cast("io.BufferedReader", stream).peek(HEAD), None)
            if kind == _PARQUET:
                raise UsageFileError(f"{self.path}: Parquet is read from a file, not from a pipe")
            if kind == _CSV:
                yield from tables.read(self.reading, *csv_text.table(self.path, stream))
            elif kind == LINES:
                yield from self._lines(stream)
            else:
                yield from self._elements(stream)

    def _kind(self) -> str | None:
        """What the file's name says it is, else how it begins; None for a pipe."""
        inner = Path(self.path.stem) if self.path.suffix.lower() in SUFFIXES else self.path
        known = _KINDS.get(inner.suffix.lower())
        if known in (_CSV, _PARQUET) or (self.path.exists() and not self.path.is_file()):
            return known
        with opened(self.path) as stream:
            return kind_of(stream.read(HEAD), known)

    def _lines(self, stream: BinaryIO) -> Iterator[Row]:
        objects = Objects(self.reading)
        for line, text in enumerate(csv_text.lines(self.path, stream, MAX_LINE + 1), 1):
            if len(text) > MAX_LINE:
                raise UsageFileError(f"{self.path}:{line}: a line over 4 MiB: is this JSONL?")
            if not text.strip():
                continue
            try:
                # Without its end: what is wrong is told by its place in the line.
                document = loads(_without_end(text))
            except CatalogError as error:
                yield BadRow(line, None, None, str(error))
                continue
            yield from objects.rows(line, document)

    def _elements(self, stream: BinaryIO) -> Iterator[Row]:
        objects, number = Objects(self.reading), 0
        for element in JsonStream(self.path, csv_text.decode(stream)).elements():
            if not isinstance(element, dict):
                number += 1
                yield from objects.rows(number, element)
                continue
            for document in objects.unfolded(element):
                number += 1
                yield from objects.row(number, document)

    def _parquet(self, progress: Progress | None) -> Iterator[Row]:
        try:
            import pyarrow as pa  # noqa: PLC0415 - an extra
            from pyarrow import parquet  # noqa: PLC0415 - an extra
        except ImportError:
            raise ParquetMissingError from None
        size, line, objects = self.size, 0, Objects(self.reading)
        try:
            with parquet.ParquetFile(self.path) as file:
                share = size / max(1, file.metadata.num_rows)
                for batch in file.iter_batches(batch_size=_BATCH):
                    for document in shapes.documents(batch):
                        line += 1
                        yield from objects.rows(line, document)
                    if progress is not None:
                        progress(round(share * batch.num_rows))
        except pa.ArrowException as error:
            raise UsageFileError(f"{self.path} is no readable Parquet file: {error}") from None


def _without_end(line: str | bytes) -> str | bytes:
    return line.rstrip(b"\r\n") if isinstance(line, bytes) else line.rstrip("\r\n")


def kind_of(head: bytes, known: str | None) -> str:
    """What a file is by how it begins.

    Args:
        known: what its name says, if anything: lines of JSON may be a document all the same.
    """
    if known is None and head.startswith(_PARQUET_MAGIC):
        return _PARQUET
    if known is None and not _is_json(head):
        return _CSV
    text = csv_text.decode(io.BytesIO(head), errors="replace").read().lstrip()
    if "\n" not in text and len(head) == HEAD:
        return _JSON
    return _JSON if _is_document(text, is_lines=known == LINES) else LINES


def _is_json(head: bytes) -> bool:
    # Byte order marks, and the zeros of UTF-16, hide what the text begins with.
    return head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith((b"{", b"["))


def _is_document(text: str, *, is_lines: bool) -> bool:
    """Whether a text is one JSON document, or several, rather than a row a line.

    Args:
        is_lines: the file's name says that it has lines.
    """
    first, more, _ = text.partition("\n")
    if first.startswith("["):
        return True
    try:
        document = loads(first)
    except CatalogError:
        # A broken line is one where the name says so, but for one that has hardly begun.
        return first.rstrip().endswith(("{", "[")) or bool(more and not is_lines)
    return isinstance(document, dict) and any(
        is_list(name, value) and _holds_rows(value) for name, value in document.items()
    )


def _holds_rows(elements: list[object]) -> bool:
    if not elements:
        return True
    first = elements[0]
    return isinstance(first, dict) and registry.recognise(first) is not None
