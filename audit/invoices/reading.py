"""An invoice: what somebody charges per model, in US dollars or by a rate that was given."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from pricetrail.audit.invoices import names
from pricetrail.audit.invoices.amounts import AmountError, decimal_mark, read_amount
from pricetrail.audit.invoices.lines import lines
from pricetrail.audit.usage import currencies
from pricetrail.audit.usage.currencies import Rates
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.catalog.amounts import EXACT, number_amount, parse_amount
from pricetrail.catalog.times import Moment, TimeError, from_epoch, moment

_MODEL = ("model", "model_id", "model_name", "line_item", "description")
_AMOUNT = ("amount", "amount_value", "cost", "charge", "total", "spend")
_CURRENCY = ("currency", "currency_code", "amount_currency", "cost_currency", "billing_currency")
_START = (
    *("day", "date", "usage_date", "usage_date_utc"),
    *("start_time", "starting_at", "start_time_iso"),
)
_END = ("end_time", "ending_at", "end_time_iso")
# By these Anthropic's report of costs is known, whose amounts are cents.
_IN_CENTS = frozenset({"cost_type", "amount"})
# Of several countries: it proves no currency, and is none beside another one.
_DOLLAR = re.compile(r"(?:\bUS)?\$ ?")
_DAY, _CENTS = timedelta(days=1), Decimal("0.01")
_MANY = 1_000_000
_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class Charge:
    """What is charged in all, in USD; `unit` is the smallest step it is given in."""

    amount: Decimal
    unit: Decimal

    def __add__(self, other: "Charge") -> "Charge":
        # Each line was rounded by itself: their possible errors add up.
        return Charge(EXACT.add(self.amount, other.amount), EXACT.add(self.unit, other.unit))


@dataclass(slots=True)
class Invoice:
    """What is charged by model, as the invoice names it, and by model and day.

    `days` is empty where a line does not tell its day. `total` is what a line of totals says;
    `cents`: the amounts were written in cents.
    """

    charges: dict[str, Charge] = field(default_factory=dict)
    days: dict[tuple[str, str], Charge] = field(default_factory=dict)
    total: Charge | None = None
    cents: bool = False

    @property
    def sum(self) -> Charge:
        """What its lines add up to."""
        return sum(self.charges.values(), start=Charge(Decimal(0), Decimal(0)))

    @property
    def adds_up(self) -> bool:
        """Whether its own total, if it has one, is what its lines add up to."""
        if self.total is None:
            return True
        apart = abs(EXACT.subtract(self.total.amount, self.sum.amount))
        return apart * 2 <= EXACT.add(self.total.unit, self.sum.unit)


def read(path: Path, rates: Rates | None = None) -> Invoice:
    """The charges by model, several lines of one model added up; credits are negative.

    CSV or JSON lines (also .gz, .xz, .zst) with `model` and `amount`, or the reports of costs that
    OpenAI and Anthropic give; other columns pass. The currency is told by a column, by the name
    of the amount's column or by its cell; else USD. A line that is called a total is no charge.

    Args:
        rates: what one of each other currency is worth in USD.

    Raises:
        InvalidInputError: it cannot be read, a line says no model and amount, an amount can be
            read in two ways, or one is in a currency without a rate.
    """
    reader = _Reader(rates or {}, _decimal_mark(path))
    for where, members in lines(path):
        reader.add(where, members)
    if not reader.invoice.charges:
        raise UsageFileError(f"{path} has no line with model and amount")
    return reader.finish()


@dataclass
class _Reader:
    """An invoice, as its lines pass."""

    rates: Rates
    mark: str | None
    invoice: Invoice = field(default_factory=Invoice)
    _undated: bool = False

    def add(self, where: str, members: Mapping[str, object]) -> None:
        """Add a line."""
        item, charge = _item(members), self._charge(members, where)
        if charge is None or (item is None and not self._is_sum(charge)):
            raise UsageFileError(f"{where}: it should say model and amount, such as gpt-5,12.34")
        if item is None or names.is_total(item):
            self.invoice.total = charge
            return
        model, day = names.model_of(item), _day(members)
        _add(self.invoice.charges, model, charge)
        if day is None or len(self.invoice.days) >= _MANY:
            self._undated = True
        else:
            _add(self.invoice.days, (model, day), charge)

    def finish(self) -> Invoice:
        """The invoice, once all lines have passed."""
        if self._undated:
            self.invoice.days.clear()
        return self.invoice

    def _is_sum(self, charge: Charge) -> bool:
        """Whether a line without a name is what the lines so far add up to."""
        total = Invoice(self.invoice.charges, total=charge)
        return len(self.invoice.charges) > 0 and total.adds_up

    def _charge(self, members: Mapping[str, object], where: str) -> Charge | None:
        money = _money(members, where)
        if money is None:
            return None
        currency, cell = money
        rate = currencies.worth(currency, self.rates, where)
        try:
            amount = _amount(cell, self.mark)
        except AmountError as error:
            raise UsageFileError(f"{where}: its amount {str(cell)!r} {error}") from None
        if amount is None:
            return None
        if _IN_CENTS.issubset(members):
            self.invoice.cents = True
            return Charge(
                EXACT.multiply(amount, EXACT.multiply(rate, _CENTS)),
                EXACT.multiply(_unit(amount), EXACT.multiply(rate, _CENTS)),
            )
        return Charge(EXACT.multiply(amount, rate), EXACT.multiply(_unit(amount), rate))


def _add(charges: dict[_Key, Charge], key: _Key, charge: Charge) -> None:
    before = charges.get(key)
    charges[key] = charge if before is None else before + charge


def _decimal_mark(path: Path) -> str | None:
    """What stands before decimals in the amounts of a file, as far as one of them proves it."""
    marks: dict[str, str] = {}
    for where, members in lines(path):
        money = _money(members, where)
        mark = decimal_mark(money[1]) if money is not None and isinstance(money[1], str) else None
        if mark is not None:
            marks.setdefault(mark, where)
    if len(marks) > 1:
        one, other = marks.values()
        raise UsageFileError(f"{one} and {other} write amounts with different decimal marks")
    return next(iter(marks), None)


def _item(members: Mapping[str, object]) -> str | None:
    """What a line is about: a model, or the text of a line item."""
    found = (members.get(name) for name in _MODEL)
    return next((cell.strip() for cell in found if isinstance(cell, str) and cell.strip()), None)


def _day(members: Mapping[str, object]) -> str | None:
    """The day that a line is of, in UTC; None where it tells none, or is of more than one."""
    start, end = (_moment(members, names_) for names_ in (_START, _END))
    if start is None or start.start.time() != time.min:
        return None
    last = start.end or start.start + _DAY
    if end is not None:
        last = end.end or end.start
    return start.start.date().isoformat() if last - start.start == _DAY else None


def _moment(members: Mapping[str, object], wanted: tuple[str, ...]) -> Moment | None:
    cell = next((members[name] for name in wanted if members.get(name) not in (None, "")), None)
    text = str(cell).strip() if cell is not None else ""
    try:
        return from_epoch(text) if text.isdigit() else moment(text)
    except TimeError:
        return None


def _money(members: Mapping[str, object], where: str) -> tuple[str, object] | None:
    """The currency and the amount of a line; one whose own name says USD goes first."""
    cells = {name: cell for name, cell in members.items() if cell not in (None, "")}
    named = {name: currencies.of_column(name) for name in cells}
    ours = [name for name, currency in named.items() if currency == currencies.USD]
    bare = [name for name in _AMOUNT if name in cells]
    others = [name for name, currency in named.items() if currency not in (None, currencies.USD)]
    name = next(iter(ours + bare + others), None)
    if name is None:
        return None
    cell = cells[name]
    inside, text = currencies.of_cell(cell)
    text = _DOLLAR.sub("", text)
    beside = next((cells[column] for column in _CURRENCY if column in cells), None)
    column = None if beside is None or named[name] else currencies.code(beside)
    codes = {currency for currency in (named[name], inside, column) if currency is not None}
    if len(codes) > 1:
        raise UsageFileError(
            f"{where}: its amount is in {' and in '.join(sorted(codes))}: in which?"
        )
    return next(iter(codes), currencies.USD), text if isinstance(cell, str) else cell


def _amount(cell: object, mark: str | None) -> Decimal | None:
    if isinstance(cell, Decimal | int) and not isinstance(cell, bool):
        return None if parse_amount(abs(cell)) is None else number_amount(Decimal(cell))
    amount = read_amount(cell, mark) if isinstance(cell, str) else None
    # A text of so many digits is one that a binary float was written as.
    return None if amount is None else number_amount(amount)


def _unit(amount: Decimal) -> Decimal:
    # Nobody rounds to whole dollars: `12` and `12.5` are `12.00` and `12.50`.
    exponent = amount.as_tuple().exponent
    return Decimal(1).scaleb(min(exponent, -2) if isinstance(exponent, int) else -2)
