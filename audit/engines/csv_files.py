"""CSV for an engine: which cells it reads, and rows that it leaves to the streaming audit."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from pricetrail.audit.engines.errors import refused
from pricetrail.audit.engines.staging import Staging
from pricetrail.audit.usage import columns, csv_text, tables
from pricetrail.audit.usage.quantities import OPENAI
from pricetrail.audit.usage.reading import Reading
from pricetrail.audit.usage.rows import Row
from pricetrail.catalog import bills
from pricetrail.files.compression import opened

# So many bytes of a file are looked at in one go.
_PIECE = 1 << 20
# Blanks between a quote and the mark beside it, which readers of CSV take in different ways.
_BLANK_BESIDE_QUOTE = re.compile(rb'(?:^|[,;\t\r\n])[ ]+"|"[ ]+(?:[,;\t\r\n]|$)')
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class CsvLines(NamedTuple):
    """The lines of a file, counted: so many ends of lines, and whether a last line has none."""

    ends: int
    is_open: bool


class CsvFile:
    """A CSV file whose cells an engine reads, as texts in columns that are called `c0`, `c1` …

    Raises:
        UsageFileError: its columns mean nothing, or an engine would read it in another way.
    """

    def __init__(self, path: Path, reading: Reading) -> None:
        self.path, self.reading = path, reading
        with opened(path) as stream:
            if stream.read(2) in _UTF_16:
                raise refused(path, "is in UTF-16")
        with opened(path) as stream:
            self.head = csv_text.head(stream, path)
        if self.head.line.count('"') % 2:
            raise refused(path, "has a header of several lines")
        with opened(path) as stream:
            self.names, _ = csv_text.table(path, stream)
        self._counted: CsvLines | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """What the engine is to call the columns."""
        return tuple(f"c{number}" for number in range(len(self.names)))

    @property
    def skipped(self) -> int:
        """How many lines come before the first row."""
        return self.head.before + 1

    def staging(self, labels: tuple[str, ...], *, bounded: bool) -> Staging:
        """How the engine reads a row's cells.

        Args:
            bounded: only rows of some time are asked for.

        Raises:
            UsageFileError: the columns mean nothing, or ask for more than an engine does.
        """
        self.reading.recognise(self.names)
        require_plain(self.reading)
        header = tables.read_header(self.reading, self.names)
        require_no_money(self.reading, (name for _, name, _ in header.money))
        cells = {role: f"c{place}" for role, place in header.cells}
        parts = tuple((f"NULLIF(c{place}, '') IS NOT NULL", OPENAI) for place in header.parts)
        form = self.reading.form
        return Staging(
            cells,
            labels=labels,
            style=self.reading.style,
            proofs=parts,
            told=bills.REQUESTS in cells,
            days=form is not None and form.days,
            local=self.reading.zone not in (None, UTC),
            bounded=bounded,
        )

    def check(self) -> None:
        """Look at all of the file for what an engine would read in another way.

        Raises:
            UsageFileError: there is something.
        """
        self._counted = counted_lines(self.path, _BLANK_BESIDE_QUOTE)

    def rest(self, rows: Iterable[tuple[int, list[str]]], number: int) -> Iterator[Row]:
        """The rows that an engine leaves, read by the streaming audit.

        Args:
            rows: each by its place, with all of its cells.
            number: how many rows the engine found.
        """
        placed = ((line, cells) for line, cells in self._lines(rows, number))
        filled = (row for row in placed if any(map(str.strip, row[1])))
        yield from tables.read(self.reading, self.names, filled)

    def _lines(
        self, rows: Iterable[tuple[int, list[str]]], number: int
    ) -> Iterator[tuple[int, list[str]]]:
        """Rows with the numbers of their lines instead of their places."""
        counted = self._counted
        if counted is not None and counted.ends + counted.is_open == self.skipped + number:
            # A line for each row.
            yield from ((self.skipped + 1 + place, cells) for place, cells in rows)
            return
        with opened(self.path) as stream:
            found = islice(csv_text.records(self.path, stream), 1, None)
            lines = enumerate(line for line, cells in found if cells)
            for place, cells in rows:
                line = next(line for at, line in lines if at == place)
                yield line, cells


def counted_lines(path: Path, odd: re.Pattern[bytes] | None = None) -> CsvLines:
    """The lines of a file that all end alike, as an engine would cut them.

    Args:
        odd: quotes with blanks beside them, where a quote means something.

    Raises:
        UsageFileError: they end in several ways, or something is odd.
    """
    ends = returns = pairs = 0
    last = b"\n"
    with opened(path) as stream:
        for piece in iter(lambda: stream.read(_PIECE), b""):
            seen = last[-1:] + piece
            ends += piece.count(b"\n")
            returns += piece.count(b"\r")
            pairs += seen.count(b"\r\n")
            if odd is not None and b'"' in seen and odd.search(seen):
                raise refused(path, "has blanks beside its quotes")
            last = piece
    if returns != pairs or pairs not in (0, ends):
        raise refused(path, "ends its lines in several ways")
    return CsvLines(ends, last[-1:] != b"\n")


def require_plain(reading: Reading) -> None:
    """Refuse a format whose rows are more than cells.

    Raises:
        UsageFileError: it is one.
    """
    form = reading.form
    if form is not None and (form.prepare is not None or form.unfold is not None):
        raise refused(reading.path, f"is read as {form.name}, whose rows are nested or prepared")


def require_no_money(reading: Reading, names: Iterable[str]) -> None:
    """Refuse a file that says itself what it cost.

    Raises:
        UsageFileError: it does.
    """
    paid = [name for name in names if reading.role(name) in columns.PAID]
    if paid:
        options = " ".join(f"--ignore {name}" for name in paid)
        raise refused(
            reading.path,
            f"has costs of its own, compared row by row; or leave them out ({options})",
        )
