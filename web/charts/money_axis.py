"""Where an amount lies on an axis, and the round amounts beside it; all of it exact decimals."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from math import log

from pricetrail.catalog.amounts import plain

# Beyond this ratio a linear axis would press the lower prices onto its ground.
_LOG_FROM = 20
# Prices that move by less than this share of themselves are shown from near their lowest on.
_CUT_BELOW = Decimal("0.4")
# Digits enough for a place in a picture; amounts themselves are never rounded.
_SHORT = Context(prec=12)
_ROUND = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))
# On a logarithmic axis nothing is at the bottom, and the lowest amount so far above it.
_FREE_SHARE = 0.12
_MORE_RATIOS = 3


@dataclass(frozen=True, slots=True)
class MoneyAxis:
    """An axis from `low` to `high`: linear, or logarithmic where amounts differ by much.

    `with_free` is an axis of logarithms that has a place for zero at its bottom. `percent`: its
    numbers are no dollars but percent.
    """

    low: Decimal
    high: Decimal
    ticks: tuple[Decimal, ...]
    logarithmic: bool = False
    with_free: bool = False
    percent: bool = False

    @property
    def cut(self) -> bool:
        """Whether the axis is linear and does not begin at zero."""
        return not self.logarithmic and self.low > 0

    def share(self, amount: Decimal) -> float:
        """Where an amount lies in the picture: 0 at the bottom of the axis, 1 at its top."""
        if not self.logarithmic:
            return float(_SHORT.divide(amount - self.low, self.high - self.low))
        if not amount:
            return 0.0
        ground = _FREE_SHARE if self.with_free else 0.0
        return ground + (1 - ground) * _ln(amount, self.low) / _ln(self.high, self.low)

    def label(self, tick: Decimal) -> str:
        """`$0.05`, `$1,250`, `25%`: as many decimals as the finest tick has; whole ones without."""
        if self.percent:
            return f"{plain(tick)}%"
        return _dollars(tick, _places([tick] if self.logarithmic else self.ticks))


def money_axis(amounts: Sequence[Decimal], most_ticks: int) -> MoneyAxis:
    """The axis for some amounts, with at most so many round ticks (1, 2 or 5 times a power of 10).

    From zero, where that is sensible: not for a price that moves little, which would be a straight
    line. Logarithmic where the highest is more than twenty times the lowest: then equal ratios are
    equally high, and of cheap and dear prices in one chart both are seen to move.
    """
    low, high = min(amounts, default=Decimal(0)), max(amounts, default=Decimal(0))
    if not high:
        return MoneyAxis(Decimal(0), Decimal(1), (Decimal(0),))
    positive = min(amount for amount in amounts if amount)
    if high > _LOG_FROM * positive:
        return _logarithmic(positive, high, most_ticks, with_free=not low)
    if low == high or high - low > _CUT_BELOW * high:
        low = Decimal(0)
    step = round_step(high - low, most_ticks)
    begin, end = _floor(low, step), _ceiling(high, step)
    count = int((end - begin) / step)
    return MoneyAxis(begin, end, tuple(begin + n * step for n in range(count + 1)))


def round_step(span: Decimal, most: int) -> Decimal:
    """The smallest of 1, 2, 5, 10, 20 … (or a tenth of them …) that fits `most` times at most."""
    power = Decimal(1).scaleb((span / most).adjusted())
    return next(one * power for one in _ROUND if one * power * most >= span)


def _logarithmic(low: Decimal, high: Decimal, most: int, *, with_free: bool) -> MoneyAxis:
    """Of ratios: 1, 2, 5 of each power of ten, or the powers alone, or every second of them …"""
    ticks = [_round_below(low)]
    while ticks[-1] < high:
        ticks.append(_next_round(ticks[-1]))
    # Names of a few letters stand closer here, without steps in between to be read off.
    if len(ticks) > most + _MORE_RATIOS:
        ticks = _powers(low, high, most + _MORE_RATIOS)
    free = (Decimal(0),) if with_free else ()
    return MoneyAxis(ticks[0], ticks[-1], (*free, *ticks), logarithmic=True, with_free=with_free)


def _powers(low: Decimal, high: Decimal, most: int) -> list[Decimal]:
    first, last = low.adjusted(), high.adjusted()
    last += high > Decimal(1).scaleb(last)
    every = -(-(last - first) // (most - 1))
    count = -(-(last - first) // every)
    return [Decimal(1).scaleb(first + n * every) for n in range(count + 1)]


def _leading(tick: Decimal) -> int:
    return tick.normalize().as_tuple().digits[0]


def _round_below(amount: Decimal) -> Decimal:
    power = Decimal(1).scaleb(amount.adjusted())
    return max(one * power for one in _ROUND if one * power <= amount)


def _next_round(tick: Decimal) -> Decimal:
    return tick * (Decimal("2.5") if _leading(tick) == 2 else 2)


def _floor(amount: Decimal, step: Decimal) -> Decimal:
    return (amount / step).to_integral_value(ROUND_FLOOR) * step


def _ceiling(amount: Decimal, step: Decimal) -> Decimal:
    return (amount / step).to_integral_value(ROUND_CEILING) * step


def _ln(amount: Decimal, to: Decimal) -> float:
    """The logarithm of a ratio, for a place in a picture."""
    return log(_SHORT.divide(amount, to))


def _places(ticks: Sequence[Decimal]) -> int:
    finest = max((-int(tick.normalize().as_tuple().exponent) for tick in ticks if tick), default=0)
    return 0 if finest <= 0 else max(2, finest)


def _dollars(amount: Decimal, places: int) -> str:
    return f"${amount:,.{places}f}"
