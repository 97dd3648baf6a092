"""Prices and sums for people: exact digits, units named, nothing rounded away."""

from decimal import ROUND_HALF_UP, Decimal

from pricetrail.catalog import amounts
from pricetrail.catalog.amounts import EXACT, EXACT_ROUNDING, plain
from pricetrail.catalog.units import PER_IMAGE, PER_SECOND, PER_TOKEN, RATIO, per_million

_PER = {PER_TOKEN: " /1M", PER_IMAGE: " per image", PER_SECOND: " per second"}
_HUNDRED = Decimal(100)
# From here on a rise is a factor: `×9` says at a glance what `+800%` does not.
_FACTOR = Decimal(9)


def money(amount: Decimal) -> str:
    """`$3.00`, `$0.075`, `$0.0000004`, `$1,200.00`: two decimals at least, all that there are."""
    whole, _, decimals = plain(amount).partition(".")
    return f"${int(whole):,}.{decimals:0<2}"


def price(amount: Decimal, unit: str) -> str:
    """`$2.50 /1M`, `$0.05 per image`, `25%`; where the unit is not known, `0.01 USD`."""
    if unit == RATIO:
        return bare_price(amount, unit)
    if unit not in _PER:
        return f"{plain(amount)} USD"
    return bare_price(amount, unit) + _PER[unit]


def bare_price(amount: Decimal, unit: str) -> str:
    """The same without its unit, for the left side of an arrow."""
    if unit == RATIO:
        return f"{plain(amount.scaleb(2, EXACT))}%"
    if unit not in _PER:
        return plain(amount)
    return money(per_million(amount) if unit == PER_TOKEN else amount)


def ratio(old: Decimal, new: Decimal) -> str | None:
    """How far a price moved: `−16.7%`, `+50%`; from nine times up as a factor, `×9`, `×9,000`.

    None from and to zero. A fall stays a percentage: it never has more digits than `−99.99%`.
    """
    change = amounts.percent(old, new)
    if change is None or not new:
        return None
    return factor(old, new) or percent(change)


def factor(old: Decimal, new: Decimal) -> str | None:
    """By what a price was multiplied that is nine times as high or higher; else None."""
    if not old or new < EXACT.multiply(_FACTOR, old):
        return None
    times = EXACT_ROUNDING.divide(new, old)
    return f"×{Decimal(plain(_rounded(times, '0.1' if times < _HUNDRED else '1'))):,f}"


def percent(ratio: Decimal) -> str:
    """-16.67 as `−16.7%`: one decimal, two where one would say nothing, or would say 100.

    A price that is still there never reads as `−100%`; `-0.00` is a fall, however small.
    """
    size, sign = abs(ratio), "−" if ratio.is_signed() else "+"
    if size < Decimal("0.01"):
        return f"{sign}under 0.01%"
    if ratio < 0 and size >= Decimal("99.95"):
        return "−99.99%" if size >= _HUNDRED else f"−{size}%"
    digits = "0.1" if size >= Decimal("0.05") else "0.01"
    return f"{sign}{plain(_rounded(size, digits))}%"


def monthly(amount: Decimal) -> str:
    """A signed sum a month, rounded for the eye: `+$412`, `−$3.20`, `+under $0.01`."""
    sign, size = "−" if amount < 0 else "+", abs(amount)
    if size < Decimal("0.01"):
        return f"{sign}under $0.01" if size else "$0"
    if size < 10:
        return f"{sign}${_rounded(size, '0.01')}"
    return f"{sign}${_rounded(size, '1'):,}"


def _rounded(size: Decimal, digits: str) -> Decimal:
    # Python's usual 28 digits are too few for a price that went up from next to nothing.
    return size.quantize(Decimal(digits), rounding=ROUND_HALF_UP, context=EXACT_ROUNDING)


def share_words(before: Decimal | None, after: Decimal | None) -> str:
    """What happened to a discount: a share, which is no price and never free."""
    if after is None:
        return "" if before is None else f" withdrawn (was {price(before, RATIO)})"
    if before is None:
        return f" appeared: {price(after, RATIO)}"
    return f" {price(before, RATIO)} → {price(after, RATIO)}"
