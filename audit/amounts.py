"""Sums for the eye: rounded here, and nowhere before."""

from decimal import ROUND_HALF_UP, Decimal

from pricetrail.catalog.amounts import EXACT_ROUNDING

_CENT, _FINE = Decimal("0.01"), Decimal("0.000001")


def dollars(amount: Decimal) -> str:
    """`$1,234.56`; below a dollar up to the sixth decimal, `$0.000123`; a credit as `-$3.00`."""
    size = abs(amount)
    step = _CENT if size >= 1 else _FINE
    shown = size.quantize(step, rounding=ROUND_HALF_UP, context=EXACT_ROUNDING)
    if size and not shown:
        return "under $0.000001"
    whole, _, decimals = f"{shown:,f}".partition(".")
    return f"{'-' if amount < 0 else ''}${whole}.{decimals[:2]}{decimals[2:].rstrip('0')}"


def signed(amount: Decimal) -> str:
    """The same with `+` where it is more."""
    return f"+{dollars(amount)}" if amount > 0 else dollars(amount)


def counted(number: int) -> str:
    """`1 row`, `1,200 rows`."""
    return "1 row" if number == 1 else f"{number:,} rows"
