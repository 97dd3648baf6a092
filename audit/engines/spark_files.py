"""Files of usage as Spark reads them: CSV, JSON lines, Parquet; each cell as its own text."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from pricetrail.audit.engines.audits import EngineFile, has_requests
from pricetrail.audit.engines.csv_files import CsvFile
from pricetrail.audit.engines.errors import refused
from pricetrail.audit.engines.json_lines import JsonLines
from pricetrail.audit.engines.parquet_files import ParquetFile
from pricetrail.audit.engines.plan import RANGE
from pricetrail.audit.engines.spark import DIALECT, Spark
from pricetrail.audit.engines.spark_texts import cut_lines, read_members
from pricetrail.audit.engines.staging import Staging
from pricetrail.audit.usage import tables
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.audit.usage.reading import Reading
from pricetrail.audit.usage.rows import Row

_CSV, _LINES, _PARQUET, _GZIP = (".csv", ".tsv"), (".jsonl", ".ndjson"), (".parquet",), ".gz"
# Spark's types, by the names that `ParquetFile` knows.
_KINDS = {
    "string": "VARCHAR",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "timestamp_ntz": "TIMESTAMP",
    "int": "INTEGER",
}
_WHOLE_DECIMAL = re.compile(r"decimal\([0-9]+,0\)")
_NESTED = re.compile(r"(?:array|struct|map)<.*", re.DOTALL)


@dataclass
class SparkEngine:
    """Spark and the files that it is to read; `bounded`: only rows of some time of them.

    Raises:
        UsageFileError: one cannot be read; while they are.
    """

    spark: Spark
    paths: Sequence[Path]
    options: ReadingOptions
    bounded: bool = False
    dialect: str = DIALECT
    join: str = RANGE

    def files(self, labels: tuple[str, ...]) -> Iterator[EngineFile]:
        """The files, one after the other."""
        named = []
        for number, path in enumerate(self.paths):
            file = self._open(path, labels)
            if has_requests(file.staging()):
                named.append(f"requests_{number}")
                file.make_requests(named[-1])
        if named:
            self.spark.find_repeated(self.paths[0], named)
        for path in self.paths:
            file = self._open(path, labels)
            file.make_usage()
            yield file

    def _open(self, path: Path, labels: tuple[str, ...]) -> "_File":
        kind = _kind(path)
        reading = Reading(path, self.options)
        made = _Csv if kind in _CSV else _JsonLines if kind in _LINES else _Parquet
        return made(self.spark, path, reading, labels, bounded=self.bounded)


def _kind(path: Path) -> str:
    """What a file is by its name.

    Raises:
        UsageFileError: nothing that Spark reads.
    """
    is_compressed = path.suffix.lower() == _GZIP
    kind = (Path(path.stem) if is_compressed else path).suffix.lower()
    if kind not in (*_CSV, *_LINES) and (kind not in _PARQUET or is_compressed):
        names = ", ".join((*_CSV, *_LINES, *_PARQUET))
        raise refused(path, f"is not named as a table ({names}; texts also with .gz)")
    if not path.is_file():
        raise UsageFileError(f"cannot read {path}: it is no file")
    return kind


class _File:
    """A file that Spark reads, in a relation `file` of `place` and the columns `c0`, `c1` …"""

    def __init__(
        self, spark: Spark, path: Path, reading: Reading, labels: tuple[str, ...], *, bounded: bool
    ) -> None:
        self._spark, self.path, self.reading = spark, path, reading
        self._bounded = bounded
        self._staging = self._open(labels)

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return self.path.stat().st_size

    def staging(self) -> Staging:
        """How its cells are read."""
        return self._staging

    def make_requests(self, name: str) -> None:
        """Make a relation of the ids of its requests."""
        self._spark.view(self.path, name, self._staging.requests(DIALECT))

    def make_usage(self) -> None:
        """Make the relation `usage` of it."""
        self._spark.view(self.path, "usage", self._staging.usage(DIALECT))

    def records(self, query: str) -> Iterator[tuple[object, ...]]:
        """The records of a query."""
        return self._spark.rows(self.path, query)

    def load(self, table: str, columns: Sequence[str], records: Sequence[Sequence[object]]) -> None:
        """Make a relation."""
        self._spark.load(self.path, table, columns, records)

    def rest(self, query: str, number: int) -> Iterator[Row]:
        """The rows at the places that a query names."""
        raise NotImplementedError

    def _open(self, labels: tuple[str, ...]) -> Staging:
        raise NotImplementedError


class _Csv(_File):
    def _open(self, labels: tuple[str, ...]) -> Staging:
        self._file = CsvFile(self.path, self.reading)
        staging = self._file.staging(labels, bounded=self._bounded)
        self._spark.read_text(self.path)
        head, columns = self._file.head, self._file.columns
        cut = cut_lines(head.separator, columns, self._file.skipped)
        self._spark.view(self.path, "file", cut)
        return staging

    def rest(self, query: str, number: int) -> Iterator[Row]:  # noqa: ARG002 - as the protocol has it
        return tables.read(self.reading, self._file.names, self._lines(query))

    def _lines(self, query: str) -> Iterator[tuple[int, list[str]]]:
        """The cells of lines, each with its number."""
        separator = self._file.head.separator
        wanted = self._spark.placed(self.path, "value, IS_VALID_UTF8(value)", query)
        for number, (text, is_text) in wanted:
            if not is_text:
                raise UsageFileError(f"{self.path} is not UTF-8: save it as UTF-8")
            try:
                cells = next(csv.reader([str(text)], delimiter=separator, strict=True))
            except csv.Error:
                why = f"has an open quote, or a cell of several lines, in line {number + 1}"
                raise refused(self.path, why) from None
            if any(map(str.strip, cells)):
                yield number + 1, cells


class _JsonLines(_File):
    def _open(self, labels: tuple[str, ...]) -> Staging:
        self._file = JsonLines(self.path, self.reading)
        staging = self._file.staging(labels, bounded=self._bounded)
        self._spark.read_text(self.path)
        self._spark.view(self.path, "file", read_members(self._file.members))
        return staging

    def rest(self, query: str, number: int) -> Iterator[Row]:  # noqa: ARG002 - as the protocol has it
        lines = self._spark.placed(self.path, "value, TRUE", query)
        return self._file.rest((place, str(text)) for place, (text, _) in lines)


class _Parquet(_File):
    def _open(self, labels: tuple[str, ...]) -> Staging:
        types = self._spark.read_parquet(self.path)
        self._file = ParquetFile(self.path, self.reading, _kinds(types))
        cells = (self._cell(name, one) for name, one in self._columns.items())
        self._spark.view(self.path, "file", f"SELECT place, {', '.join(cells)} FROM lines")  # noqa: S608 - names of ours
        first = next(self.records(f"SELECT {self._values()} FROM lines LIMIT 1"), None)  # noqa: S608 - likewise
        if first is None:
            raise UsageFileError(f"{self.path} has no rows of usage")
        return self._file.staging(labels, first, bounded=self._bounded)

    def rest(self, query: str, number: int) -> Iterator[Row]:  # noqa: ARG002 - as the protocol has it
        return self._file.rest(self._spark.placed(self.path, self._values(), query))

    @property
    def _columns(self) -> Mapping[str, str]:
        return dict(zip(self._file.types, self._file.columns, strict=True))

    def _cell(self, name: str, column: str) -> str:
        """A column as `file` has it: an instant in microseconds."""
        return f"UNIX_MICROS({column}) AS {column}" if name in self._file.instants else column

    def _values(self) -> str:
        """The columns as Python is to have them."""
        return ", ".join(
            f"UNIX_MICROS({column})" if name in self._file.instants else column
            for name, column in self._columns.items()
        )


def _kinds(types: Mapping[str, str]) -> dict[str, str]:
    return {name: _kind_of(kind) for name, kind in types.items()}


def _kind_of(kind: str) -> str:
    if _NESTED.fullmatch(kind):
        return "STRUCT"
    if _WHOLE_DECIMAL.fullmatch(kind):
        return "HUGEINT"
    return _KINDS.get(kind, kind.upper())


def begin(
    stack: ExitStack, paths: Sequence[Path], options: ReadingOptions, bounded: bool
) -> SparkEngine:
    """Begin a session for these files; it ends with the stack."""
    return SparkEngine(stack.enter_context(Spark()), paths, options, bounded)
