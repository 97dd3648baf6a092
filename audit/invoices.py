"""An invoice: what somebody charges per model, in US dollars or by a rate that was given."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pricetrail.audit.usage import csv_text, currencies
from pricetrail.audit.usage.currencies import Rates
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.catalog.amounts import EXACT, parse_amount
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import loads
from pricetrail.files.compression import opened

_MODEL = ("model", "model_id", "model_name")
_AMOUNT = ("amount", "cost", "charge", "total", "amount_value", "spend")
_CURRENCY = ("currency", "currency_code", "amount_currency", "cost_currency", "billing_currency")
_MAX_LINE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Charge:
    """What is charged for a model in all, in USD; `unit` is the smallest step it is given in."""

    amount: Decimal
    unit: Decimal


def read(path: Path, rates: Rates | None = None) -> dict[str, Charge]:
    """The charges by model, several lines of one model added up; credits are negative.

    CSV or JSON lines (also .gz, .xz, .zst) with `model` and `amount`; other columns pass. The
    currency is told by a column, by the name of the amount's column or by its cell; else USD.

    Args:
        rates: what one of each other currency is worth in USD.

    Raises:
        InvalidInputError: it cannot be read, a line says no model and amount, or one is
            in a currency without a rate.
    """
    charges: dict[str, Charge] = {}
    for where, members in _lines(path):
        model, charge = _pick(members, _MODEL), _charge(members, rates or {}, where)
        if not isinstance(model, str) or not model.strip() or charge is None:
            raise UsageFileError(f"{where}: it should say model and amount, such as gpt-5,12.34")
        name = model.strip()
        before = charges.get(name)
        charges[name] = charge if before is None else _sum(before, charge)
    if not charges:
        raise UsageFileError(f"{path} has no line with model and amount")
    return charges


def _lines(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    with opened(path) as stream:
        if path.name.removesuffix(path.suffix).endswith(".jsonl") or path.suffix == ".jsonl":
            yield from _json(path, csv_text.lines(path, stream, _MAX_LINE))
            return
        names, rows = csv_text.table(path, stream)
        keys = [_name(name) for name in names]
        for number, cells in rows:
            if any(cell.strip() for cell in cells[len(keys) :]):
                # `2,50` without quotes is two cells: the amount would be what is before the comma.
                problem = f"it has {len(cells)} cells, the header has {len(keys)}"
                raise UsageFileError(f"{path}:{number}: {problem}")
            yield f"{path}:{number}", dict(zip(keys, cells, strict=False))


def _json(path: Path, lines: Iterator[str | bytes]) -> Iterator[tuple[str, dict[str, object]]]:
    for number, line in enumerate(lines, 1):
        where = f"{path}:{number}"
        if not line.strip():
            continue
        try:
            document = loads(line)
        except CatalogError as error:
            raise UsageFileError(f"{where}: {error}") from None
        if not isinstance(document, dict):
            raise UsageFileError(f"{where}: no JSON object")
        yield where, {_name(key): member for key, member in document.items()}


def _name(key: object) -> str:
    return str(key or "").strip().lower().replace(" ", "_")


def _pick(members: dict[str, object], names: tuple[str, ...]) -> object:
    return next((members[name] for name in names if members.get(name) not in (None, "")), None)


def _charge(members: dict[str, object], rates: Rates, where: str) -> Charge | None:
    money = _money(members, where)
    if money is None:
        return None
    currency, text = money
    rate = currencies.worth(currency, rates, where)
    amount = _amount(text)
    if amount is None:
        return None
    return Charge(EXACT.multiply(amount, rate), EXACT.multiply(_unit(amount), rate))


def _money(members: dict[str, object], where: str) -> tuple[str, str] | None:
    """The currency and the number of a line; an amount whose own name says USD goes first."""
    cells = {name: cell for name, cell in members.items() if cell not in (None, "")}
    named = {name: currencies.of_column(name) for name in cells}
    ours = [name for name, currency in named.items() if currency == currencies.USD]
    bare = [name for name in _AMOUNT if name in cells]
    others = [name for name, currency in named.items() if currency not in (None, currencies.USD)]
    name = next(iter(ours + bare + others), None)
    if name is None:
        return None
    inside, text = currencies.of_cell(cells[name])
    beside = _pick(cells, _CURRENCY)
    column = None if beside is None or named[name] else currencies.code(beside)
    codes = {currency for currency in (named[name], inside, column) if currency is not None}
    if len(codes) > 1:
        raise UsageFileError(
            f"{where}: its amount is in {' and in '.join(sorted(codes))}: in which?"
        )
    return next(iter(codes), currencies.USD), text


def _amount(text: str) -> Decimal | None:
    size = parse_amount(text.removeprefix("-"))
    # Kept as written: how many decimals there are says how it was rounded.
    return None if size is None else Decimal(text)


def _unit(amount: Decimal) -> Decimal:
    # Nobody rounds to whole dollars: `12` and `12.5` are `12.00` and `12.50`.
    exponent = amount.as_tuple().exponent
    return Decimal(1).scaleb(min(exponent, -2) if isinstance(exponent, int) else -2)


def _sum(one: Charge, other: Charge) -> Charge:
    # Each line was rounded by itself: their possible errors add up.
    return Charge(EXACT.add(one.amount, other.amount), EXACT.add(one.unit, other.unit))
