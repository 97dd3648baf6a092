"""An invoice: what somebody charges per model."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from catalog.amounts import EXACT, parse_amount
from catalog.errors import CatalogError
from catalog.strict_json import loads
from pricetrail.observations.files import opened
from pricetrail.usage_rows.errors import UsageFileError

_MODEL = ("model", "model_id", "model_name")
_AMOUNT = ("amount", "amount_usd", "cost", "cost_usd", "charge", "total", "usd")


@dataclass(frozen=True, slots=True)
class Charge:
    """What is charged for a model in all; `unit` is the smallest step its amounts are given in."""

    amount: Decimal
    unit: Decimal


def read(path: Path) -> dict[str, Charge]:
    """The charges by model, several lines of one model added up; credits are negative.

    CSV or JSON lines (also .gz, .xz, .zst) with `model` and `amount`; other columns pass.

    Raises:
        UsageFileError, InputError: it cannot be read, or a line says no model and amount.
    """
    found: dict[str, Charge] = {}
    for where, members in _lines(path):
        model, amount = _pick(members, _MODEL), _amount(_pick(members, _AMOUNT))
        if not isinstance(model, str) or not model.strip() or amount is None:
            raise UsageFileError(f"{where}: it should say model and amount, such as gpt-5,12.34")
        name, charge = model.strip(), Charge(amount, _unit(amount))
        before = found.get(name)
        found[name] = charge if before is None else _sum(before, charge)
    if not found:
        raise UsageFileError(f"{path} has no line with model and amount")
    return found


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with opened(path) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
        try:
            if path.name.removesuffix(path.suffix).endswith(".jsonl") or path.suffix == ".jsonl":
                yield from _json(path, text)
            else:
                reader = csv.DictReader(text, strict=True)
                for members in reader:
                    yield f"{path}:{reader.line_num}", {_name(key): members[key] for key in members}
        except UnicodeDecodeError:
            raise UsageFileError(f"{path} is not UTF-8: save it as UTF-8") from None
        except csv.Error as error:
            raise UsageFileError(f"{path} is not CSV: {error}") from None


def _json(path: Path, text: io.TextIOWrapper) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(text, 1):
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


def _name(key: Any) -> str:
    return str(key or "").strip().lower().replace(" ", "_")


def _pick(members: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((members[name] for name in names if members.get(name) not in (None, "")), None)


def _amount(value: Any) -> Decimal | None:
    text = str(value).strip() if value is not None and not isinstance(value, bool) else ""
    size = parse_amount(text.removeprefix("-"))
    if size is None:
        return None
    # Kept as written: how many decimals there are says how it was rounded.
    return Decimal(text)


def _unit(amount: Decimal) -> Decimal:
    # Nobody rounds to whole dollars: `12` and `12.5` are `12.00` and `12.50`.
    exponent = amount.as_tuple().exponent
    return Decimal(1).scaleb(min(exponent, -2) if isinstance(exponent, int) else -2)


def _sum(one: Charge, other: Charge) -> Charge:
    # Each line was rounded by itself: their possible errors add up.
    return Charge(EXACT.add(one.amount, other.amount), EXACT.add(one.unit, other.unit))
