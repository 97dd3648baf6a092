"""What an audit says of each row: into a file, or into the long arrays of the JSON document."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pricetrail.audit.results import Explanation, PricedRow, RowResult, UnpricedRow
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.pointers import dotted
from pricetrail.files.atomic import Target, is_open_ended, writing
from pricetrail.files.compression import SUFFIXES, text_onto
from pricetrail.files.spools import Spool, object_pieces
from pricetrail.files.tables import columns, write_csv, write_jsonl

_HEAD = columns("line:integer model at:time cost certainty version:integer parts cost_other why")
FORMS = (".csv", ".jsonl")
_COSTS = columns("reported difference explained_by")


def write(
    target: Target, results: Iterable[RowResult], *, force: bool = False, costs: bool = False
) -> int:
    """Write a line for each row into a file, CSV or JSON lines as its name says; return how many.

    Unpriced rows are there with no cost and why.

    Args:
        force: in place of a file that is there.
        costs: the usage file has costs, and every result its explanation.

    Raises:
        InvalidInputError: the name says neither.
        TargetExistsError: there is such a file, and no `force`.
        UnwritableError: the file cannot be written.
    """
    form = check_name(target)
    with writing(target, force=force) as file, text_onto(file, target.suffix) as stream:
        if form == ".csv":
            if costs:
                return write_csv(stream, _HEAD + _COSTS, map(_cells_and_costs, results))
            return write_csv(stream, _HEAD, map(_cells, results))
        return write_jsonl(stream, map(_document, results))


def check_name(target: Path, forms: tuple[str, ...] = FORMS) -> str:
    """Return which of the forms a name says; a pipe or a device has none, and gets CSV.

    Raises:
        InvalidInputError: the name says none of them.
    """
    if is_open_ended(target):
        return ".csv"
    inner = Path(target.stem) if target.suffix.lower() in SUFFIXES else target
    if inner.suffix.lower() not in forms:
        more = "either with .gz" if len(forms) > 1 else f"{forms[0]}.gz"
        raise InvalidInputError(f"{target}: name it {' or '.join(forms)} (or {more})")
    return inner.suffix.lower()


def _document(result: RowResult) -> dict[str, object]:
    if isinstance(result, UnpricedRow):
        explanation = {} if result.explanation is None else result.explanation.as_json()
        return result.as_json() | {"cost": None} | explanation
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


def _cells_and_costs(result: RowResult) -> tuple[object, ...]:
    explanation = result.explanation or Explanation(None, None, None)
    return _cells(result) + tuple(explanation.as_json().values())


class RowSpools:
    """The long arrays of the audit's JSON document; `lines` only where they are wanted here."""

    def __init__(self, *, lines: bool) -> None:
        self._lines = Spool() if lines else None
        self._unpriced, self._uncertain = Spool(), Spool()
        self._repeated: Spool | None = None

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
        if result.repeats is not None:
            self._repeated = self._repeated or Spool()
            self._repeated.add(result.repeat_as_json())

    def pieces(self, short: Mapping[str, object]) -> Iterator[str]:
        """Give the text of the whole JSON document, piece by piece: `short`, then the arrays."""
        return object_pieces(short, self._arrays())

    def close(self) -> None:
        """Give the disk back."""
        for spool in self._arrays().values():
            spool.close()

    def _arrays(self) -> dict[str, Spool]:
        lines = {} if self._lines is None else {"lines": self._lines}
        repeated = {} if self._repeated is None else {"repeated": self._repeated}
        return lines | {"unpriced": self._unpriced, "uncertain": self._uncertain} | repeated
