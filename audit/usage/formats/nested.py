"""Objects inside of a cell: JSON as text, or as what a reader made of it."""

from decimal import Decimal

from pricetrail.audit.usage import columns as c
from pricetrail.audit.usage import shapes
from pricetrail.audit.usage.formats.format import Cells, Document
from pricetrail.catalog.amounts import parse_amount
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import loads

# What of a `usage` object may stand for a row's own cells.
_NOT_TAKEN = frozenset({c.TIME, c.END, c.MODEL, c.REQUEST_ID, c.IGNORED, *c.LABELS}) | c.PAID


def object_of(cell: object) -> Document:
    """The object that a cell holds; without members where it holds none."""
    # A text inside of a text: some exports write a column of JSON as JSON once more.
    for _ in range(2):
        if not isinstance(cell, str) or not cell.strip().startswith(("{", '"')):
            break
        try:
            cell = loads(cell.strip())
        except CatalogError:
            return {}
    if isinstance(cell, list) and all(isinstance(pair, tuple) and len(pair) == 2 for pair in cell):
        # So a map of Parquet comes.
        return {str(name): value for name, value in cell}
    return cell if isinstance(cell, dict) else {}


def add_usage(cells: Cells, usage: Document) -> None:
    """Add what a `usage` object says besides a row's own cells, which go before."""
    for name, value in shapes.flat(dict(usage), f"{c.USAGE}."):
        role = c.find_role(name)
        if role is None and shapes.is_quantity(name, value):
            role = name.rpartition(".")[2]
        if role is None or role in _NOT_TAKEN or not _counts(role, value):
            continue
        if cells.get(role) in (None, "") or _is_zero(cells[role]):
            cells[role] = value


def _counts(role: str, value: object) -> bool:
    if role in (c.SERVICE, c.WINDOW):
        return isinstance(value, str)
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_zero(value: object) -> bool:
    return parse_amount(value.strip() if isinstance(value, str) else value) == 0
