"""What money is written in, and what it is worth in US dollars by the rates that were given."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeAlias

from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.catalog.amounts import parse_amount

USD = "USD"
Rates: TypeAlias = Mapping[str, Decimal]

_CODE = re.compile(
    "AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EUR|GBP|HKD|HUF|IDR|ILS|INR|JPY|KRW|MXN|MYR|"
    "NOK|NZD|PHP|PLN|RON|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR"
)
_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₪": "ILS", "₺": "TRY", "zł": "PLN"}
# Of several countries; a rate can be given for the sign itself.
_SIGNS |= {"¥": "¥"}
_DOLLARS = ("", "$", "US$", "US DOLLAR", "US DOLLARS")
_COLUMN = re.compile(
    r"(?:[a-z]+_)?(?:cost|costs|spend|amount|charge|charges|price|total)(?:_in)?_(?P<unit>[^_]+)"
    r"|(?P<alone>[a-z]{3})"
)


def rates(texts: Iterable[str]) -> dict[str, Decimal]:
    """`EUR=1.08`: one euro is worth 1.08 US dollars.

    Raises:
        UsageFileError: a text says something else, or two say different things.
    """
    worths: dict[str, Decimal] = {}
    for text in texts:
        name, _, value = text.partition("=")
        currency, worth = code(name), parse_amount(value.strip())
        if not name.strip() or not worth or currency == USD:
            raise UsageFileError(f"--rate {text!r}: write EUR=1.08, what one of it is worth in USD")
        if worths.setdefault(currency, worth) != worth:
            raise UsageFileError(f"--rate: {currency} has two rates")
    return worths


def code(text: object) -> str:
    """The code of a currency as a cell names it: `EUR` for `eur` and `€`, `USD` for nothing."""
    name = str(text if text is not None else "").strip().upper()
    return USD if name in _DOLLARS else _SIGNS.get(name.lower(), name)


def of_column(name: str) -> str | None:
    """The currency that the name of a column tells (`cost_eur`, `amount_(eur)`); None if none."""
    match = _COLUMN.fullmatch(name)
    unit = (match["unit"] or match["alone"]).strip("()[]") if match is not None else ""
    currency = code(unit)
    return currency if unit and (_CODE.fullmatch(currency) or unit in _SIGNS) else None


def of_cell(cell: object) -> tuple[str | None, str]:
    """The currency that a cell tells (`€12.50`, `12.50 EUR`), or None; and what is left of it."""
    text = str(cell).strip() if cell is not None and not isinstance(cell, bool) else ""
    if not text or text.replace(".", "").replace("-", "").isdigit():
        return None, text
    for sign, currency in _SIGNS.items():
        if sign in text:
            return currency, text.replace(sign, "").strip()
    for word in (text[:3], text[-3:]):
        if _CODE.fullmatch(word.upper()):
            return word.upper(), text.replace(word, "").strip()
    return None, text


def worth(currency: str, given: Rates, where: str) -> Decimal:
    """What one unit of a currency is in USD.

    Raises:
        UsageFileError: no rate was given for it; `where` begins the message.
    """
    if currency == USD:
        return Decimal(1)
    if currency in given:
        return given[currency]
    raise UsageFileError(
        f"{where}: its money is in {currency[:40]}, not in USD: say what one {currency[:40]} is "
        f"worth with --rate {currency[:40]}=…, such as --rate EUR=1.08"
    )


def amount(text: str) -> Decimal | None:
    """The number in a cell of money, as people's sheets write it; None where it is none.

    A currency's sign, blanks and marks between thousands pass. The last of two different marks is
    the decimal one; `1,234` alone can be read in two ways, and is not.
    """
    bare = _BLANKS.sub("", text.replace("US$", "").replace("$", ""))
    negative = bare.startswith(("-", "\N{MINUS SIGN}")) or (bare[:1] == "(" and bare[-1:] == ")")
    size = _size(bare.strip("-\N{MINUS SIGN}()+"))
    return -size if size is not None and negative else size


def _size(text: str) -> Decimal | None:
    if "," not in text:
        points = text.count(".")
        return parse_amount(
            text.replace(".", "") if points > 1 and _GROUPED.fullmatch(text) else text
        )
    if "." in text:
        thousands, decimal = (",", ".") if text.rindex(".") > text.rindex(",") else (".", ",")
        whole, _, fraction = text.rpartition(decimal)
        grouped = _GROUPED.fullmatch(whole)
        return parse_amount(f"{whole.replace(thousands, '')}.{fraction}") if grouped else None
    if _GROUPED.fullmatch(text):
        # Two or more marks can only be between thousands; a number does not begin with a zero.
        return parse_amount(text.replace(",", "")) if text.count(",") > 1 else None
    return parse_amount(text.replace(",", ".", 1))


_BLANKS = re.compile(r"[\s'’_]")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:([.,])[0-9]{3}(?:\1[0-9]{3})*)?")
