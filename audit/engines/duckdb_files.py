"""Files of usage as DuckDB reads them: CSV, JSON lines, Parquet; each cell as its own text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pricetrail.audit.engines.audits import EngineFile, has_requests
from pricetrail.audit.engines.csv_files import CsvFile, counted_lines
from pricetrail.audit.engines.duckdb import DIALECT, DuckDb
from pricetrail.audit.engines.duckdb_texts import members_of_lines
from pricetrail.audit.engines.errors import refused
from pricetrail.audit.engines.json_lines import JsonLines
from pricetrail.audit.engines.parquet_files import ParquetFile
from pricetrail.audit.engines.plan import RANGE, identifier, literal
from pricetrail.audit.engines.staging import Staging
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.audit.usage.reading import Reading
from pricetrail.audit.usage.rows import Row

_CSV, _LINES, _PARQUET = (".csv", ".tsv"), (".jsonl", ".ndjson"), (".parquet",)
_COMPRESSED = (".gz", ".zst")


@dataclass
class DuckDbEngine:
    """DuckDB and the files that it is to read; `bounded`: only rows of some time of them.

    Raises:
        UsageFileError: one cannot be read; while they are.
    """

    database: DuckDb
    paths: Sequence[Path]
    options: ReadingOptions
    bounded: bool = False
    dialect: str = DIALECT
    # Measured: half a second for a million rows, where the as-of join sorts them for two.
    join: str = RANGE

    def files(self, labels: tuple[str, ...]) -> Iterator[EngineFile]:
        """The files, one after the other."""
        requests = [self._open(path, labels).add_requests() for path in self.paths]
        if any(requests):
            self.database.run(
                self.paths[0],
                "CREATE OR REPLACE TABLE repeated AS "
                "SELECT request FROM requests GROUP BY request HAVING COUNT(*) > 1",
            )
            self.database.run(self.paths[0], "DROP TABLE requests")
        for path in self.paths:
            file = self._open(path, labels)
            file.make_usage()
            yield file

    def _open(self, path: Path, labels: tuple[str, ...]) -> "_File":
        kind = _kind(path)
        reading = Reading(path, self.options)
        if kind in _CSV:
            file: _File = _Csv(self.database, path, reading, labels, CsvFile(path, reading))
        elif kind in _LINES:
            file = _JsonLines(self.database, path, reading, labels)
        else:
            file = _Parquet(self.database, path, reading, labels)
        file.bounded = self.bounded
        return file


def _kind(path: Path) -> str:
    """What a file is by its name.

    Raises:
        UsageFileError: nothing that DuckDB reads.
    """
    compressed = path.suffix.lower() in _COMPRESSED
    kind = (Path(path.stem) if compressed else path).suffix.lower()
    if kind in (*_CSV, *_LINES) or (kind in _PARQUET and not compressed):
        if path.is_file():
            return kind
        raise UsageFileError(f"cannot read {path}: it is no file")
    if path.suffix.lower() == ".xz":
        raise refused(path, "is compressed by xz, which DuckDB does not read")
    names = ", ".join((*_CSV, *_LINES, *_PARQUET))
    raise refused(path, f"is not named as a table ({names}; texts also with .gz and .zst)")


class _File:
    """A file that DuckDB reads, in a view `file` of `place` and the columns `c0`, `c1` …"""

    bounded = False
    # Files up to this size, in bytes, are kept as `usage`, and not read anew for each query.
    kept = 0

    def __init__(
        self, database: DuckDb, path: Path, reading: Reading, labels: tuple[str, ...]
    ) -> None:
        self._database, self.path, self.reading = database, path, reading
        self._labels = labels
        self._staging: Staging | None = None

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return self.path.stat().st_size

    def staging(self) -> Staging:
        """How its cells are read."""
        if self._staging is None:
            self._staging = self._read_columns()
        return self._staging

    def add_requests(self) -> bool:
        """Add the ids of its requests to a table; whether it has any."""
        staging = self.staging()
        if not has_requests(staging):
            return False
        self._run("CREATE TABLE IF NOT EXISTS requests (request VARCHAR)")
        self._run(f"CREATE OR REPLACE VIEW file AS {self._view()}")
        self._run(f"INSERT INTO requests {staging.requests(DIALECT)}")
        return True

    def make_usage(self) -> None:
        """Make the relation `usage` of it."""
        staging = self.staging()
        self._run(f"CREATE OR REPLACE VIEW file AS {self._view()}")
        usage = staging.usage(DIALECT)
        if self.size <= self.kept:
            # Cells of text are read once: what is kept of them spills where memory ends.
            self._run(f"CREATE OR REPLACE TABLE staged AS {usage}")
            usage = "SELECT * FROM staged"
        self._run(f"CREATE OR REPLACE VIEW usage AS {usage}")

    def records(self, query: str) -> Iterator[tuple[object, ...]]:
        """The records of a query."""
        return self._database.rows(self.path, query)

    def load(self, table: str, columns: Sequence[str], records: Sequence[Sequence[object]]) -> None:
        """Make a relation."""
        self._database.load(self.path, table, columns, records)

    def rest(self, query: str, number: int) -> Iterator[Row]:
        """The rows at the places that a query names."""
        self._run(f"CREATE OR REPLACE TABLE rest AS {query}")
        columns = ", ".join(self._columns())
        rows = self._database.rows(
            self.path,
            f"SELECT file.place, {columns} FROM file SEMI JOIN rest "  # noqa: S608 - ours alone
            "ON file.place = rest.place ORDER BY file.place",
        )
        return self._rest(((int(str(place)), values) for place, *values in rows), number)

    def _run(self, statement: str) -> None:
        self._database.run(self.path, statement)

    def _columns(self) -> tuple[str, ...]:
        raise NotImplementedError

    def _read_columns(self) -> Staging:
        raise NotImplementedError

    def _view(self) -> str:
        raise NotImplementedError

    def _rest(self, rows: "Iterator[tuple[int, list[object]]]", number: int) -> Iterator[Row]:
        raise NotImplementedError


class _Csv(_File):
    kept = 4 * 1024**3

    def __init__(
        self,
        database: DuckDb,
        path: Path,
        reading: Reading,
        labels: tuple[str, ...],
        file: CsvFile,
    ) -> None:
        super().__init__(database, path, reading, labels)
        self._file = file

    def _columns(self) -> tuple[str, ...]:
        return self._file.columns

    def _read_columns(self) -> Staging:
        staging = self._file.staging(self._labels, bounded=self.bounded)
        self._file.check()
        return staging

    def _view(self) -> str:
        columns = ", ".join(f"'{name}': 'VARCHAR'" for name in self._file.columns)
        separator = literal(self._file.head.separator)
        return (
            "SELECT row_number() OVER () - 1 AS place, * FROM "  # noqa: S608 - ours alone
            f"read_csv({self._database.names[self.path]}, auto_detect = false, header = false, "
            f"skip = {self._file.skipped}, delim = {separator}, quote = '\"', escape = '\"', "
            f"strict_mode = true, columns = {{{columns}}})"
        )

    def _rest(self, rows: Iterator[tuple[int, list[object]]], number: int) -> Iterator[Row]:
        texts = (
            (place, ["" if cell is None else str(cell) for cell in values])
            for place, values in rows
        )
        return self._file.rest(texts, number)


class _JsonLines(_File):
    kept = 4 * 1024**3

    def __init__(
        self, database: DuckDb, path: Path, reading: Reading, labels: tuple[str, ...]
    ) -> None:
        super().__init__(database, path, reading, labels)
        self._file = JsonLines(path, reading)

    def _columns(self) -> tuple[str, ...]:
        return ("line",)

    def _read_columns(self) -> Staging:
        counted_lines(self.path)
        return self._file.staging(self._labels, bounded=self.bounded)

    def _view(self) -> str:
        return members_of_lines(self._database.names[self.path], self._file)

    def _rest(self, rows: Iterator[tuple[int, list[object]]], number: int) -> Iterator[Row]:  # noqa: ARG002 - rows know their place
        return self._file.rest((place, str(line)) for place, (line,) in rows)


class _Parquet(_File):
    def __init__(
        self, database: DuckDb, path: Path, reading: Reading, labels: tuple[str, ...]
    ) -> None:
        super().__init__(database, path, reading, labels)
        self._name = database.names[path]
        described = self.records(f"DESCRIBE SELECT * FROM read_parquet({self._name})")  # noqa: S608 - ours
        types = {str(name): str(kind) for name, kind, *_ in described}
        self._file = ParquetFile(path, reading, types)

    def _columns(self) -> tuple[str, ...]:
        return self._file.columns

    def _read_columns(self) -> Staging:
        nanos = self.records(
            "SELECT name FROM parquet_schema("  # noqa: S608 - ours alone
            f"{self._name}) WHERE logical_type LIKE '%NANOS=NanoS%' OR type = 'INT96'"
        )
        for (name,) in nanos:
            if self.reading.role(str(name)) != "":
                raise refused(self.path, f"has times in nanoseconds, in {str(name)!r}")
        self._run(f"CREATE OR REPLACE VIEW file AS {self._view()}")
        columns = ", ".join(self._columns())
        first = next(self.records(f"SELECT {columns} FROM file LIMIT 1"), None)  # noqa: S608 - ours
        if first is None:
            raise UsageFileError(f"{self.path} has no rows of usage")
        return self._file.staging(self._labels, first, bounded=self.bounded)

    def _view(self) -> str:
        columns = ", ".join(
            f"{_column(name, name in self._file.instants)} AS {column}"
            for name, column in zip(self._file.types, self._file.columns, strict=True)
        )
        return (
            f"SELECT file_row_number AS place, {columns} FROM "  # noqa: S608 - quoted
            f"read_parquet({self._name}, file_row_number = true)"
        )

    def _rest(self, rows: Iterator[tuple[int, list[object]]], number: int) -> Iterator[Row]:  # noqa: ARG002 - rows know their place
        return self._file.rest(rows)


def _column(name: str, is_instant: bool) -> str:
    """A column as DuckDB gives it: instants in microseconds, to the last of them."""
    column = identifier(name)
    return f"epoch_us({column})" if is_instant else column
