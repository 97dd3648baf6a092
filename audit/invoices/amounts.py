"""Amounts of money as people's sheets write them: `$1,234.56`, `1.234,56`, `(3.00)`, `12,50`.

The marks between thousands and before decimals are told apart by their places, in the amount or in
the others of its column. What can be read in two ways is refused, with both readings.
"""

import re
from decimal import Decimal

from pricetrail.catalog.amounts import parse_amount

POINT, COMMA = ".", ","
_OTHER = {POINT: COMMA, COMMA: POINT}
# A no-break space, a narrow one and a thin one stand between thousands as well.
_BLANKS = str.maketrans(dict.fromkeys("\xa0\u202f\u2009", " "))
_GROUPED = re.compile(
    r"(?P<whole>[0-9]{1,3}(?P<mark>[.,'’ ])[0-9]{3}(?:(?P=mark)[0-9]{3})*)(?P<rest>[.,][0-9]+)?"
)
_DECIMAL = re.compile(r"(?P<whole>[0-9]*)(?P<mark>[.,])(?P<rest>[0-9]+)")
_THOUSAND = 3


class AmountError(ValueError):
    """A cell that is no amount, or could be two; the message goes on after the cell."""


def decimal_mark(text: str) -> str | None:
    """Which mark stands before the decimals, as far as one amount proves it."""
    _, number = _signed(text)
    if grouped := _GROUPED.fullmatch(number):
        if grouped["rest"]:
            return grouped["rest"][0]
        # `1,234,567` has two marks, so they are between thousands; `1,234` proves nothing.
        several = grouped["whole"].count(grouped["mark"]) > 1
        if grouped["mark"] in _OTHER and (several or number.startswith("0")):
            return grouped["mark"] if number.startswith("0") else _OTHER[grouped["mark"]]
        return None
    plain = _DECIMAL.fullmatch(number)
    return plain["mark"] if plain is not None else None


def read_amount(text: str, mark: str | None = None) -> Decimal | None:
    """The amount in a cell, with as many decimals as were written; None where it is none.

    Args:
        mark: what stands before decimals in the rest of its column, where that is known.

    Raises:
        AmountError: `1,234` where nothing tells what the comma is.
    """
    negative, number = _signed(text)
    before = decimal_mark(number) or mark
    if _GROUPED.fullmatch(number) and before is None and COMMA in number:
        whole = number.replace(COMMA, "")
        raise AmountError(
            f"is {whole} with a mark between thousands, or {number.replace(COMMA, POINT)} with a "
            f"decimal comma: write {whole}.00 or what was meant"
        )
    plain = _plain(number, before or POINT)
    if plain is None or parse_amount(plain) is None:
        return None
    return -Decimal(plain) if negative else Decimal(plain)


def _plain(number: str, before: str) -> str | None:
    """The number in plain digits with a decimal point; None where its marks fit no reading."""
    grouped = _GROUPED.fullmatch(number)
    if grouped is not None and grouped["mark"] != before:
        if grouped["rest"] and grouped["rest"][0] != before:
            return None
        whole = re.sub(r"[^0-9]", "", grouped["whole"])
        return whole + (grouped["rest"] or "").replace(COMMA, POINT)
    decimal = _DECIMAL.fullmatch(number)
    if decimal is None:
        return number
    return f"{decimal['whole'] or 0}.{decimal['rest']}" if decimal["mark"] == before else None


def _signed(text: str) -> tuple[bool, str]:
    """Whether an amount is a credit (`-3.00`, `3.00-`, `(3.00)`), and its digits."""
    number = text.translate(_BLANKS).strip().replace("−", "-")
    if number.startswith("(") and number.endswith(")"):
        return True, number[1:-1].strip()
    if number.startswith("-"):
        return True, number[1:].strip()
    return number.endswith("-"), number.removesuffix("-").strip()
