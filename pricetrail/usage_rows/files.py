"""Files of usage rows, streamed: CSV, JSON lines (both also .gz, .xz, .zst) and Parquet."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from catalog.errors import CatalogError
from catalog.strict_json import loads
from pricetrail.observations.files import SUFFIXES, Progress, opened
from pricetrail.usage_rows import columns, rows
from pricetrail.usage_rows.errors import UsageFileError
from pricetrail.usage_rows.rows import BadRow, Row
from pricetrail.writers import ParquetMissingError

_KINDS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
_PARQUET = b"PAR1"
_SEPARATORS = ",;\t"
_MAX_LINE = 4 * 1024 * 1024
_BATCH = 4096
# The objects in which APIs report usage: their members are columns.
_NESTED = ("usage",)
_NESTED_END = ("_details",)


@dataclass
class UsageTable:
    """The rows of a file. `ignored` fills while it is read: the columns that are only remarks."""

    path: Path
    style: str = rows.DISJOINT
    ignored: set[str] = field(default_factory=set)
    _roles: dict[str, str] = field(default_factory=dict)

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
            UsageFileError, InputError: the file cannot be read, or its columns mean nothing.
        """
        found = False
        for row in self._rows(progress):
            found = True
            yield row
        if not found:
            raise UsageFileError(f"{self.path} has no rows of usage")

    def _rows(self, progress: Progress | None) -> Iterator[Row]:
        kind = self._kind()
        if kind == "parquet":
            yield from self._parquet(progress)
            return
        with opened(self.path, progress) as stream:
            try:
                yield from self._csv(stream) if kind == "csv" else self._jsonl(stream)
            except UnicodeDecodeError:
                raise UsageFileError(f"{self.path} is not UTF-8: save it as UTF-8") from None
            except csv.Error as error:
                raise UsageFileError(f"{self.path} is not CSV: {error}") from None

    def _kind(self) -> str:
        inner = Path(self.path.stem) if self.path.suffix.lower() in SUFFIXES else self.path
        known = _KINDS.get(inner.suffix.lower())
        if known is not None:
            return known
        with opened(self.path) as stream:
            head = stream.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
        if head.startswith(_PARQUET):
            return "parquet"
        return "jsonl" if head.startswith(b"{") else "csv"

    def _csv(self, stream: BinaryIO) -> Iterator[Row]:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        head = text.readline(_MAX_LINE)
        separator = max(_SEPARATORS, key=head.count)
        names = next(csv.reader([head], delimiter=separator, strict=True), [])
        roles = self._header(names)
        reader = csv.reader(text, delimiter=separator, strict=True)
        kept = [(role, place) for place, role in enumerate(roles) if role]
        for cells in reader:
            # The header was line 1.
            line = reader.line_num + 1
            if len(cells) == len(roles):
                yield rows.row(line, [(role, cells[place]) for role, place in kept], self.style)
            elif cells:
                why = f"it has {len(cells)} cells, the header has {len(roles)}"
                yield BadRow(line, None, None, why)

    def _jsonl(self, stream: BinaryIO) -> Iterator[Row]:
        line = 0
        while text := stream.readline(_MAX_LINE + 1):
            line += 1
            if len(text) > _MAX_LINE:
                raise UsageFileError(f"{self.path}:{line}: a line over 4 MiB: is this JSONL?")
            if not text.strip():
                continue
            try:
                document = loads(text)
            except CatalogError as error:
                yield BadRow(line, None, None, str(error))
                continue
            if isinstance(document, dict):
                yield rows.row(line, self._cells(document, f"{self.path}:{line}"), self.style)
            else:
                yield BadRow(line, None, None, "the line is no JSON object")

    def _parquet(self, progress: Progress | None) -> Iterator[Row]:
        try:
            import pyarrow as pa
            from pyarrow import parquet
        except ImportError:
            remedy = "pip install 'pricetrail[parquet]'"
            raise ParquetMissingError(f"Parquet needs an optional library: {remedy}") from None
        size, line = self.size, 0
        try:
            with parquet.ParquetFile(self.path) as file:
                share = size / max(1, file.metadata.num_rows)
                for batch in file.iter_batches(batch_size=_BATCH):
                    for document in batch.to_pylist():
                        line += 1
                        pairs = self._cells(document, f"{self.path}, row {line}")
                        yield rows.row(line, pairs, self.style)
                    if progress is not None:
                        progress(round(share * batch.num_rows))
        except pa.ArrowException as error:
            raise UsageFileError(f"{self.path} is no readable Parquet file: {error}") from None

    def _header(self, names: list[str]) -> list[str]:
        found = list(self._cells(dict.fromkeys(names), str(self.path)))
        if len(names) != len(set(names)):
            twice = next(name for name in names if names.count(name) > 1)
            raise UsageFileError(f"{self.path}: the column {twice!r} is there twice")
        roles = {role for role, _ in found}
        for needed in (columns.TIME, columns.MODEL):
            if needed not in roles:
                raise UsageFileError(
                    f"{self.path}: there is no column {needed!r} in its first line, which should "
                    "name the columns"
                )
        if not roles - {columns.TIME, columns.MODEL, columns.AUDIO}:
            raise UsageFileError(f"{self.path}: no column is a quantity, such as prompt_tokens")
        return [self._roles[name] for name in names]

    def _cells(self, document: dict[str, Any], where: str) -> list[tuple[str, Any]]:
        """The cells that mean something, each with its role."""
        pairs = [
            (role, value, name)
            for name, value in _flat(document)
            if (role := self._role(name, where))
        ]
        if len({role for role, _, _ in pairs}) != len(pairs):
            raise UsageFileError(f"{where}: {_twice(pairs)}")
        return [(role, value) for role, value, _ in pairs]

    def _role(self, name: str, where: str) -> str:
        role = self._roles.get(name)
        if role is None:
            role = self._roles[name] = columns.role(name, where)
            if role == columns.IGNORED:
                self.ignored.add(name)
        return role


def _flat(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in document.items():
        if isinstance(value, dict) and (name in _NESTED or name.endswith(_NESTED_END)):
            yield from _flat(value)
        elif not (value is None and name.endswith(_NESTED_END)):
            yield name, value


def _twice(pairs: Iterable[tuple[str, Any, str]]) -> str:
    """Which two columns say the same."""
    first: dict[str, str] = {}
    for role, _, name in pairs:
        if role in first:
            return f"the columns {first[role]!r} and {name!r} mean the same: leave one out"
        first[role] = name
    return ""
