"""The line of each row: as JSON, and as a row of a table."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from pricetrail.audit.pricer import Priced, Result, Unpriced, other_cost
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.pointers import dotted
from pricetrail.catalog.strict_json import dumps, printable
from pricetrail.files.atomic import Target, is_open_ended, replacing
from pricetrail.files.compression import SUFFIXES, text_onto
from pricetrail.files.tables import columns, write_csv, write_jsonl
from pricetrail.render import print_pieces

_HEAD = columns("line:integer model at:time cost certainty version:integer parts cost_other why")
_IN_MEMORY = 256 * 1024


def priced(found: Priced) -> dict[str, Any]:
    """An entry of `lines`."""
    return {
        "line": found.row.line,
        "model": found.row.model,
        "at": found.row.shown_at,
        "cost": plain(found.bill.cost),
        "certainty": found.certainty,
        "version": found.version,
        "parts": [
            {
                "path": part.path,
                "quantity": plain(part.quantity),
                "amount": plain(part.amount),
                "cost": plain(part.cost),
            }
            for part in found.bill.parts
        ],
    }


def uncertain(found: Priced) -> dict[str, Any]:
    """An entry of `uncertain`; `cost_other` is what it may have cost, at the most different."""
    other = other_cost(found)
    return {
        "line": found.row.line,
        "model": found.row.model,
        "at": found.row.shown_at,
        "certainty": found.certainty,
        "cost": plain(found.bill.cost),
        "cost_other": None if other is None else plain(other),
        "why": found.why,
    }


def unpriced(found: Unpriced) -> dict[str, Any]:
    """An entry of `unpriced`."""
    return {"line": found.line, "model": found.model, "at": found.at, "why": found.why}


def write(target: Target, results: Iterable[Result]) -> int:
    """A line for each row into a file, CSV or JSON lines as its name says; how many.

    Unpriced rows are there with no cost and why. What is written replaces the file at the end.

    Raises:
        InvalidInputError: the name says neither.
        UnwritableError: the file cannot be written.
    """
    form = check_name(target)
    with replacing(target) as file, text_onto(file, target.suffix) as stream:
        if form == ".csv":
            return write_csv(stream, _HEAD, map(_table_row, results))
        return write_jsonl(stream, map(_document, results))


def check_name(target: Path) -> str:
    """`.csv` or `.jsonl`; a pipe or a device has no name that says one, and gets CSV.

    Raises:
        InvalidInputError: the name says neither.
    """
    if is_open_ended(target):
        return ".csv"
    inner = Path(target.stem) if target.suffix.lower() in SUFFIXES else target
    if inner.suffix.lower() not in (".csv", ".jsonl"):
        raise InvalidInputError(f"--out {target}: name it .csv or .jsonl (or either with .gz)")
    return inner.suffix.lower()


def _document(found: Result) -> dict[str, Any]:
    if isinstance(found, Unpriced):
        return unpriced(found) | {"cost": None}
    if not found.uncertain:
        return priced(found)
    return priced(found) | {key: uncertain(found)[key] for key in ("cost_other", "why")}


def _table_row(found: Result) -> tuple[Any, ...]:
    if isinstance(found, Unpriced):
        return (found.line, found.model, found.at, None, None, None, None, None, found.why)
    parts = "; ".join(
        f"{dotted(part.path)} {plain(part.quantity)} × {plain(part.amount)}"
        for part in found.bill.parts
    )
    other = other_cost(found)
    return (
        found.row.line,
        found.row.model,
        found.row.shown_at,
        plain(found.bill.cost),
        found.certainty,
        found.version,
        parts,
        None if other is None else plain(other),
        found.why,
    )


class Spool:
    """A JSON array of any length, on disk once it is long."""

    def __init__(self) -> None:
        self.number = 0
        self._file: IO[str] = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - closed by `close`
            _IN_MEMORY, "w+", encoding="utf-8", newline=""
        )

    def add(self, document: dict[str, Any]) -> None:
        """One more member."""
        self._file.write("," if self.number else "")
        self._file.write(printable(dumps(document)))
        self.number += 1

    def pieces(self) -> Iterator[str]:
        """The array's text, piece by piece."""
        yield "["
        self._file.seek(0)
        while piece := self._file.read(1 << 16):
            yield piece
        yield "]"

    def close(self) -> None:
        """Give the disk back."""
        self._file.close()


def print_long_json(short: dict[str, Any], arrays: dict[str, Spool]) -> None:
    """One JSON object on stdout: short members first, then arrays that memory need not hold."""
    print_pieces(_pieces(short, arrays))


def _pieces(short: dict[str, Any], arrays: dict[str, Spool]) -> Iterator[str]:
    yield dumps(short).removesuffix("}")
    for name, spool in arrays.items():
        yield f",{dumps(name)}:"
        yield from spool.pieces()
    yield "}"
