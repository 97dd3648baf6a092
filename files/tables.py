"""Rows into files: CSV for spreadsheets, JSON lines for programs, Parquet for analysts."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import IO, BinaryIO, TypeAlias

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.strict_json import INVISIBLE, dumps, printable
from pricetrail.catalog.times import rfc3339
from pricetrail.text.sanitize import REPLACEMENT

TEXT, INTEGER, TIME = "text", "integer", "time"
Row: TypeAlias = Sequence[object]

# What a spreadsheet may take for the beginning of a formula: also full-width and small forms, which
# some make plain first.
_FORMULA = "=+\\-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−"
_NUMBER = r"[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,4})?"
_PLAIN_NUMBER = re.compile(_NUMBER, re.ASCII)
# What most cells are, and most lines made of them: nothing of the following is in it.
_CELL = "[A-Za-z0-9][A-Za-z0-9 ._/:-]*"
_HARMLESS = re.compile(_CELL, re.ASCII)
_HARMLESS_LINE = re.compile(f"(?:{_CELL})?(?:,(?:{_CELL})?)*", re.ASCII)
_BEGINS = re.compile(rf'[\t\r\n]|[\s"]*[{_FORMULA}]')
# Read with another separator, by a program that does not know our quotes, a cell is several.
_BEGINS_WITHIN = re.compile(rf'([;,\t\r\n][\s"]*)(?=[{_FORMULA}])(?!{_NUMBER}(?:[\s"\]}};,]|$))')
_CONTROLS = re.compile(f"[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f{INVISIBLE}]")
_GROUP = 50_000


class ParquetMissingError(InvalidInputError):
    """The optional library for Parquet is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "Parquet needs pricetrail[parquet]: pip install '.[parquet]' in pricetrail's folder"
        )


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `kind` is text (amounts too: exact decimals), integer or time."""

    name: str
    kind: str = TEXT


def columns(text: str) -> tuple[Column, ...]:
    """Columns from `name`, `name:integer`, `name:time`, separated by spaces."""
    pairs = [word.partition(":") for word in text.split()]
    return tuple(Column(name, kind or TEXT) for name, _, kind in pairs)


def formula_safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe goes before what begins one.

    What is invisible, or would be obeyed by a terminal, is replaced; a plain number stays one.
    (https://owasp.org/www-community/attacks/CSV_Injection)
    """
    if _HARMLESS.fullmatch(cell) or _PLAIN_NUMBER.fullmatch(cell):
        return cell
    visible = _CONTROLS.sub(REPLACEMENT, cell)
    start = "'" if _BEGINS.match(visible) else ""
    return start + _BEGINS_WITHIN.sub(r"\1'", visible)


def write_csv(stream: IO[str], head: Sequence[Column], rows: Iterable[Row]) -> int:
    """CSV as of RFC 4180 with a header, formula-safe; times in RFC 3339; how many rows."""
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([column.name for column in head])
    number = 0
    for row in rows:
        number += 1
        cells = ["" if value is None else _text(value) for value in row]
        line = ",".join(cells)
        # What stands between commas of its own is several cells more.
        if _HARMLESS_LINE.fullmatch(line) and line.count(",") == len(cells) - 1 > 0:
            stream.write(line + "\r\n")
        else:
            writer.writerow(map(formula_safe, cells))
    return number


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(_plain(value))


def _plain(value: object) -> object:
    return rfc3339(value) if isinstance(value, datetime) else value


def write_jsonl(stream: IO[str], documents: Iterable[dict[str, object]]) -> int:
    """One JSON object a line, exact; how many."""
    number = 0
    for document in documents:
        number += 1
        stream.write(printable(dumps(document)) + "\n")
    return number


def as_documents(head: Sequence[Column], rows: Iterable[Row]) -> Iterator[dict[str, object]]:
    """Rows as JSON objects; times in RFC 3339."""
    names = [column.name for column in head]
    for row in rows:
        yield dict(zip(names, map(_plain, row), strict=True))


def write_parquet(file: BinaryIO, head: Sequence[Column], rows: Iterable[Row]) -> int:
    """A Parquet file: amounts as text (no type of it holds 60 digits), times in UTC; how many rows.

    Raises:
        ParquetMissingError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        from pyarrow import parquet  # noqa: PLC0415 - an extra
    except ImportError:
        raise ParquetMissingError from None
    kinds = {TEXT: pa.string(), INTEGER: pa.int64(), TIME: pa.timestamp("ms", tz="UTC")}
    schema = pa.schema([(column.name, kinds[column.kind]) for column in head])
    number, rest = 0, iter(rows)
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while group := list(islice(rest, _GROUP)):
            number += len(group)
            names = [column.name for column in head]
            table = [dict(zip(names, row, strict=True)) for row in group]
            writer.write_table(pa.Table.from_pylist(table, schema=schema))
    return number
