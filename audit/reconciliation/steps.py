"""How exactly the costs of a file are written: what is no difference, but rounding."""

from dataclasses import dataclass
from decimal import Context, Decimal

from pricetrail.catalog.amounts import EXACT, normalised

# A binary float writes so many digits, of which the last ones are noise.
_NOISY = 15
_ROUNDED = Context(prec=60)
_HALF, _NOISE = Decimal("0.5"), Decimal("1e-12")
# Nobody rounds to whole dollars.
_LEAST_PLACES = 2


@dataclass
class Steps:
    """The decimals and the digits of the costs that were seen.

    A file that rounds does so to a number of decimals, or of digits: the most that are seen.
    """

    places: int = _LEAST_PLACES
    digits: int = 0

    def add(self, amount: Decimal) -> None:
        """Look at one more cost."""
        plain = normalised(amount).as_tuple()
        number = len(plain.digits)
        if number >= _NOISY or not isinstance(plain.exponent, int):
            return
        self.places = max(self.places, -plain.exponent)
        self.digits = max(self.digits, number)

    def slack(self, amount: Decimal) -> Decimal:
        """By how much an amount may differ from the exact one: half of its last step, or noise."""
        size = abs(amount)
        half = _HALF.scaleb(-self.places)
        if not amount:
            return half
        noise = _ROUNDED.multiply(size, _NOISE)
        # As few digits as most amounts have need no counting.
        is_short = len(str(size)) <= _NOISY
        if not is_short and len(normalised(size).as_tuple().digits) >= _NOISY:
            return noise
        by_digits = _HALF.scaleb(size.adjusted() - max(self.digits, _LEAST_PLACES) + 1)
        return max(half, by_digits, noise)

    def same(self, one: Decimal, other: Decimal) -> bool:
        """Whether a cost of the file is one that was worked out."""
        return abs(EXACT.subtract(one, other)) <= self.slack(one)
