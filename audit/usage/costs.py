"""What a file says that a row cost: in USD, or by a rate that was given."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from pricetrail.audit.usage import columns, currencies
from pricetrail.audit.usage.currencies import Rates
from pricetrail.catalog.amounts import EXACT

# A cell of money: its column's role, the column's name, and what stands in it.
MoneyCell: TypeAlias = tuple[str, str, object]


class Cost(NamedTuple):
    """The cost of a row, in USD; `unread` where cells have none that can be read."""

    reported: Decimal | None
    unread: bool = False


def in_order(cells: Iterable[MoneyCell]) -> list[MoneyCell]:
    """The cells in the order in which they are believed: a column that names USD goes first."""
    return sorted(cells, key=lambda cell: columns.rank(cell[1]))


def cost(cells: Sequence[MoneyCell], rates: Rates, where: str) -> Cost:
    """The cost that a row's cells say, which stand in the order in which they are believed.

    Raises:
        UsageFileError: one is in a currency without a rate; `where` begins the message.
    """
    given = [cell for cell in cells if cell[2] is not None and cell[2] != "" and cell[2] == cell[2]]
    codes = [cell for role, _, cell in given if role == columns.CURRENCY]
    first: Cost | None = None
    besides: Decimal | None = None
    for role, name, value in given:
        if role == columns.CURRENCY:
            currencies.worth(currencies.code(value), rates, where)
            continue
        inside, text = currencies.of_cell(repr(value) if isinstance(value, float) else value)
        beside = currencies.code(codes[0]) if codes else None
        currency = columns.currency_of_cost(name) or inside or beside or currencies.USD
        rate = currencies.worth(currency, rates, where)
        size = currencies.amount(text)
        amount = None if size is None else EXACT.multiply(size, rate)
        if role == columns.MORE_COST:
            besides = amount
        elif first is None:
            first = Cost(amount, amount is None)
    if first is None or first.reported is None or not besides:
        return first or Cost(besides)
    return Cost(EXACT.add(first.reported, besides))
