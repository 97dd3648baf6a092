"""One factor on everything, such as a markup: the simplest number that fits all of it."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction

_EXACTLY = Context(prec=60)
# Numbers that people choose come first: tenths, then twentieths, then hundredths. With each, how
# surprising it must be that one fits, in halvings of the chance that one would.
_STEPS = (
    *((Decimal(step), 4.3) for step in ("1", "0.1", "0.05", "0.01")),
    *((Decimal(step), 6.6) for step in ("0.005", "0.001")),
)
_FINER = tuple((Decimal(1).scaleb(-places), math.inf) for places in range(4, 13))
# So many of them anybody might choose.
_SIMPLE = 3
# The same of further amounts, which would have another ratio.
_ENOUGH_BITS = 4.3
_MOST_BITS = 10.0
# Of what costs less than so many times its rounding, hardly any factor can be told.
_TINY = 100


@dataclass
class FactorFit:
    """Which factors fit all amounts so far; `number` of them, of which some differ."""

    low: Decimal = Decimal(0)
    high: Decimal = Decimal("Infinity")
    number: int = 0
    _bits: list[float] = field(default_factory=lambda: [0.0, 0.0])
    _ratio: Fraction | None = None
    _exactly: int = 0

    def add(self, asked: Decimal, due: Decimal, slack: Decimal) -> None:
        """Take in one more amount: what is asked, what is due, and how exact the former is."""
        if self.low > self.high:
            return
        if abs(_EXACTLY.subtract(asked, due)) <= slack < due / _TINY:
            # What is as it should be has no factor but 1.
            self.high = self.low - 1
            return
        if not due:
            if abs(asked) > slack:
                self.high = self.low - 1
            return
        self.number += 1
        low = _EXACTLY.divide(_EXACTLY.subtract(asked, slack), due)
        high = _EXACTLY.divide(_EXACTLY.add(asked, slack), due)
        self.low, self.high = max(self.low, low), min(self.high, high)
        if self.low > self.high:
            return
        self._ratio = self._ratio or Fraction(asked) / Fraction(due)
        self._exactly += Fraction(asked) == self._ratio * Fraction(due)
        gained = bits(_EXACTLY.subtract(asked, due), slack)
        # The sum, and the most that one amount gives: that one was needed to find the factor.
        self._bits = [self._bits[0] + gained, max(self._bits[1], gained)]

    @property
    def factor(self) -> Decimal | None:
        """The simplest factor that fits; None where none does, it is 1, or any amount fits one."""
        tested = self._bits[0] - self._bits[1] >= _ENOUGH_BITS
        # Several amounts that have one ratio to the last digit were not rounded.
        tested = tested or self._exactly == self.number > 1
        for found, step, needed in self._fitting(_STEPS + _FINER):
            # One amount alone has a ratio whatever it is: only a simple one tells something.
            simple = bits(step, self.high - self.low) + 1
            return found if tested or simple >= needed else None
        return None

    @property
    def possible(self) -> Decimal | None:
        """A simple factor that fits, though it may well be chance; None where none does."""
        return next((found for found, _, _ in self._fitting(_STEPS[:_SIMPLE])), None)

    def _fitting(
        self, steps: Iterable[tuple[Decimal, float]]
    ) -> Iterator[tuple[Decimal, Decimal, float]]:
        """The multiples of steps that fit all, each with its step and what that needs."""
        if not self.number or self.low > self.high or self.low <= 0 or self.low <= 1 <= self.high:
            return
        for step, needed in steps:
            count = _EXACTLY.divide(self.low, step).to_integral_value(rounding=ROUND_CEILING)
            found = _EXACTLY.multiply(count, step)
            if found <= self.high:
                yield found, step, needed


def bits(difference: Decimal, slack: Decimal) -> float:
    """How much it tells that a cause gives an amount: the difference in halvings of its slack."""
    if not slack:
        return _MOST_BITS
    return max(0.0, math.log2(abs(float(_EXACTLY.divide(difference, 2 * slack))) or 1.0))
