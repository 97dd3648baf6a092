"""Files of usage rows, streamed: CSV, JSON lines (both also .gz, .xz, .zst) and Parquet."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from pricetrail.audit.usage import columns, csv_text, currencies, rows, shapes
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.quantities import DISJOINT, OPENAI
from pricetrail.audit.usage.rows import BadRow, Row
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import loads
from pricetrail.files.compression import SUFFIXES, Progress, opened
from pricetrail.files.tables import ParquetMissingError

_KINDS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
_PARQUET = b"PAR1"
_NOT_YET_TEXT = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
_MAX_LINE = 4 * 1024 * 1024
_BATCH = 4096


@dataclass
class UsageTable:
    """The rows of a file. `ignored` fills while it is read: the columns that are only remarks.

    `rates`: what one of another currency is worth in USD, where the file has money in it.
    """

    path: Path
    style: str = DISJOINT
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)
    _roles: dict[str, str] = field(default_factory=dict)
    _unknown: set[str] = field(default_factory=set)

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
        empty = True
        for row in self._rows(progress):
            empty = False
            yield row
        if empty:
            raise UsageFileError(f"{self.path} has no rows of usage")

    def _rows(self, progress: Progress | None) -> Iterator[Row]:
        kind = self._kind()
        if kind == "parquet":
            yield from self._parquet(progress)
            return
        with opened(self.path, progress) as stream:
            yield from self._csv(stream) if kind == "csv" else self._jsonl(stream)

    def _kind(self) -> str:
        inner = Path(self.path.stem) if self.path.suffix.lower() in SUFFIXES else self.path
        known = _KINDS.get(inner.suffix.lower())
        if known is not None:
            return known
        with opened(self.path) as stream:
            head = stream.read(4096)
        if head.startswith(_PARQUET):
            return "parquet"
        # Byte order marks, and the zeros of UTF-16, hide what the text begins with.
        return "jsonl" if head.lstrip(_NOT_YET_TEXT).startswith(b"{") else "csv"

    def _csv(self, stream: BinaryIO) -> Iterator[Row]:
        names, lines = csv_text.table(self.path, stream)
        roles = self._header(names)
        cells_of = [(role, n) for n, role in enumerate(roles) if role not in columns.PAID and role]
        money = [(names[n], n) for n, role in enumerate(roles) if role in columns.PAID]
        parts = [n for n, name in enumerate(names) if columns.is_part(name)]
        for line, cells in lines:
            if len(cells) != len(roles):
                why = f"it has {len(cells)} cells, the header has {len(roles)}"
                yield BadRow(line, None, None, why)
                continue
            if money:
                self._check_money([(name, cells[n]) for name, n in money], line)
            style = OPENAI if parts and any(cells[n] for n in parts) else self.style
            yield rows.row(line, [(role, cells[n]) for role, n in cells_of], style)

    def _jsonl(self, stream: BinaryIO) -> Iterator[Row]:
        for line, text in enumerate(csv_text.lines(self.path, stream, _MAX_LINE + 1), 1):
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
                yield self._document(line, document)
            else:
                yield BadRow(line, None, None, "the line is no JSON object")

    def _parquet(self, progress: Progress | None) -> Iterator[Row]:
        try:
            import pyarrow as pa  # noqa: PLC0415 - an extra
            from pyarrow import parquet  # noqa: PLC0415 - an extra
        except ImportError:
            raise ParquetMissingError from None
        size, line = self.size, 0
        try:
            with parquet.ParquetFile(self.path) as file:
                share = size / max(1, file.metadata.num_rows)
                for batch in file.iter_batches(batch_size=_BATCH):
                    for document in shapes.documents(batch):
                        line += 1
                        yield self._document(line, document)
                    if progress is not None:
                        progress(round(share * batch.num_rows))
        except pa.ArrowException as error:
            raise UsageFileError(f"{self.path} is no readable Parquet file: {error}") from None

    def _header(self, names: list[str]) -> list[str]:
        """The role of each column; one without a name is nothing, as the index of a data frame."""
        where = str(self.path)
        twice = [name for name in names if name.strip() and names.count(name) > 1]
        if twice:
            raise UsageFileError(f"{where}: the column {twice[0]!r} is there twice")
        roles = [self._role(name) if name.strip() else columns.IGNORED for name in names]
        first: dict[str, str] = {}
        for name, role in zip(names, roles, strict=True):
            if role not in columns.REMARKS and first.setdefault(role, name) != name:
                raise UsageFileError(f"{where}: {shapes.twice(first[role], name)}")
        for needed in (columns.TIME, columns.MODEL):
            if needed not in roles:
                raise UsageFileError(
                    f"{self.path}: there is no column {needed!r} in its first line, which should "
                    "name the columns"
                )
        if columns.NO_QUANTITIES.issuperset(roles):
            raise UsageFileError(f"{self.path}: no column is a quantity, such as prompt_tokens")
        return roles

    def _document(self, line: int, document: dict[str, object]) -> Row:
        """A row from the members of an object."""
        answer = shapes.is_answer(document)
        members = [
            (
                self._role_in_answer(name, value, line) if answer else self._role(name, line),
                name,
                value,
            )
            for name, value in shapes.flat(document)
        ]
        self._check_money(
            [(name, value) for role, name, value in members if role in columns.PAID], line
        )
        cells: dict[str, object] = {}
        names: dict[str, str] = {}
        for role, name, value in members:
            if not role or role in columns.PAID or (value is None and role in cells):
                continue
            if cells.get(role) is not None and cells[role] != value and role not in columns.REMARKS:
                why = shapes.twice(names[role], name)
                if role in columns.NO_QUANTITIES:
                    raise UsageFileError(f"{self._where(line)}: {why}")
                return rows.bad(line, cells, why)
            cells[role], names[role] = value, name
        style = shapes.style([(name, value) for role, name, value in members if role], self.style)
        return rows.row(line, cells.items(), style)

    def _role(self, name: str, line: int | None = None) -> str:
        role = self._roles.get(name)
        if role is None:
            role = self._roles[name] = columns.role(name, self._where(line))
            if role in columns.REMARKS:
                self.ignored.add(name)
        return role

    def _role_in_answer(self, name: str, value: object, line: int) -> str:
        """As `_role`; what counts nothing in an API's answer need not be known."""
        if name in self._unknown and not shapes.is_quantity(name, value):
            return columns.IGNORED
        try:
            role = self._role(name, line)
        except UsageFileError:
            if shapes.is_quantity(name, value):
                raise
            self._unknown.add(name)
            self.ignored.add(name)
            return columns.IGNORED
        if role in columns.NO_QUANTITIES - {columns.AUDIO} or shapes.can_count(name, value):
            return role
        self.ignored.add(name)
        return columns.IGNORED

    def _check_money(self, cells: Iterable[tuple[str, object]], line: int) -> None:
        """Refuse money in a currency that has no rate."""
        for name, value in cells:
            if value is None or value == "":
                continue
            if self._roles[name] == columns.CURRENCY:
                currency = currencies.code(value)
            else:
                currency = columns.currency(name) or currencies.of_cell(value)[0] or currencies.USD
            currencies.worth(currency, self.rates, self._where(line))

    def _where(self, line: int | None) -> str:
        return str(self.path) if line is None else f"{self.path}:{line}"
