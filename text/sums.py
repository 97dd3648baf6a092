"""Sums and counts for people: rounded here, and nowhere before."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from pricetrail.catalog.amounts import EXACT_ROUNDING, plain

_CENT, _FINE = Decimal("0.01"), Decimal("0.000001")
_MILLIONTHS = 6


def dollars(amount: Decimal) -> str:
    """A sum as `$1,234.56`; below a dollar as `$0.000123`; a credit as `-$3.00`."""
    size = abs(amount)
    step = _CENT if size >= 1 else _FINE
    rounded = size.quantize(step, rounding=ROUND_HALF_UP, context=EXACT_ROUNDING)
    if size and not rounded:
        return "under $0.000001"
    whole, _, decimals = f"{rounded:,f}".partition(".")
    return f"{'-' if amount < 0 else ''}${whole}.{decimals[:2]}{decimals[2:].rstrip('0')}"


def places_of(amounts: Sequence[Decimal]) -> int:
    """To how many decimals sums are shown beside each other, so that they add up for the eye.

    To as many as they have, two at least; to millionths, unless one of them is less than that.
    """
    some = [plain(amount).partition(".")[2] for amount in amounts]
    most = max(map(len, some), default=0)
    least = min((abs(amount) for amount in amounts if amount), default=_FINE)
    return max(2, most if least < _FINE else min(most, _MILLIONTHS))


def dollars_to(amount: Decimal, places: int) -> str:
    """A sum of zero or more with so many decimals: `$2.2155`."""
    step = Decimal(1).scaleb(-places)
    return f"${amount.quantize(step, rounding=ROUND_HALF_UP, context=EXACT_ROUNDING):,f}"


def signed(amount: Decimal) -> str:
    """A difference as `+$3.00` or `-$3.00`."""
    return f"+{dollars(amount)}" if amount > 0 else dollars(amount)


def listed(counts: Mapping[str, int], *, zeros: bool = True) -> str:
    """Counts as `2 added, 1 removed`, in their order; empty where nothing is to be listed."""
    return ", ".join(f"{number} {name}" for name, number in counts.items() if number or zeros)


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """How many there are, as `1 row`, `1,200 rows`; `plural` where it is more than an added s."""
    return f"1 {noun}" if number == 1 else f"{number:,} {plural or noun + 's'}"
