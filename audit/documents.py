"""What an audit says of each row: into a file, or into the long arrays of the JSON document."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pricetrail.audit.results import PricedRow, RowResult, UnpricedRow
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.pointers import dotted
from pricetrail.files.atomic import Target, is_open_ended, writing
from pricetrail.files.compression import SUFFIXES, text_onto
from pricetrail.files.spools import Spool, object_pieces
from pricetrail.files.tables import columns, write_csv, write_jsonl

_HEAD = columns("line:integer model at:time cost certainty version:integer parts cost_other why")


def write(target: Target, results: Iterable[RowResult], *, force: bool = False) -> int:
    """Write a line for each row into a file, CSV or JSON lines as its name says; return how many.

    Unpriced rows are there with no cost and why.

    Args:
        force: in place of a file that is there.

    Raises:
        InvalidInputError: the name says neither.
        TargetExistsError: there is such a file, and no `force`.
        UnwritableError: the file cannot be written.
    """
    form = check_name(target)
    with writing(target, force=force) as file, text_onto(file, target.suffix) as stream:
        if form == ".csv":
            return write_csv(stream, _HEAD, map(_cells, results))
        return write_jsonl(stream, map(_document, results))


def check_name(target: Path) -> str:
    """Return `.csv` or `.jsonl`; a pipe or a device has no name that says one, and gets CSV.

    Raises:
        InvalidInputError: the name says neither.
    """
    if is_open_ended(target):
        return ".csv"
    inner = Path(target.stem) if target.suffix.lower() in SUFFIXES else target
    if inner.suffix.lower() not in (".csv", ".jsonl"):
        raise InvalidInputError(f"{target}: name it .csv or .jsonl (or either with .gz)")
    return inner.suffix.lower()


def _document(result: RowResult) -> dict[str, object]:
    if isinstance(result, UnpricedRow):
        return result.as_json() | {"cost": None}
    document = result.as_json()
    if result.uncertain:
        doubt = result.doubt_as_json()
        document |= {"cost_other": doubt["cost_other"], "why": doubt["why"]}
    return document


def _cells(result: RowResult) -> tuple[object, ...]:
    if isinstance(result, UnpricedRow):
        return (result.line, result.model, result.at, None, None, None, None, None, result.why)
    parts = "; ".join(
        f"{dotted(part.path)} {plain(part.quantity)} × {plain(part.amount)}"
        for part in result.bill.parts
    )
    other = result.other_cost
    return (
        result.row.line,
        result.row.model,
        result.row.time_text,
        plain(result.bill.cost),
        result.certainty,
        result.version,
        parts,
        None if other is None else plain(other),
        result.why,
    )


class RowSpools:
    """The long arrays of the audit's JSON document; `lines` only where they go nowhere else."""

    def __init__(self, *, lines: bool) -> None:
        self._lines = Spool() if lines else None
        self._unpriced, self._uncertain = Spool(), Spool()

    def watch(self, results: Iterable[RowResult]) -> Iterator[RowResult]:
        """Hand on every result, written down."""
        for result in results:
            self.add(result)
            yield result

    def add(self, result: RowResult) -> None:
        """Write down a row."""
        if not isinstance(result, PricedRow):
            self._unpriced.add(result.as_json())
            return
        if self._lines is not None:
            self._lines.add(result.as_json())
        if result.uncertain:
            self._uncertain.add(result.doubt_as_json())

    def pieces(self, short: Mapping[str, object]) -> Iterator[str]:
        """Give the text of the whole JSON document, piece by piece: `short`, then the arrays."""
        return object_pieces(short, self._arrays())

    def close(self) -> None:
        """Give the disk back."""
        for spool in self._arrays().values():
            spool.close()

    def _arrays(self) -> dict[str, Spool]:
        lines = {} if self._lines is None else {"lines": self._lines}
        return lines | {"unpriced": self._unpriced, "uncertain": self._uncertain}
