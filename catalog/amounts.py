"""Exact amounts of money: text to `Decimal` and back, never through a float."""

import re
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from functools import lru_cache

# JSON's number grammar without the sign, ASCII digits only: `Decimal()` itself also takes
# `1_000`, ` 1`, fullwidth digits and `NaN`, none of which is a price.
_AMOUNT = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?")
_MAX_TEXT = 80
_MAX_DIGITS = 60
_MIN_EXPONENT, _MAX_EXPONENT = -40, 20

# Wide enough for every amount let through here, and loud where a digit would be lost.
EXACT = Context(prec=400, traps=[Inexact, InvalidOperation, Overflow])


def parse_amount(value: object) -> Decimal | None:
    """The exact price behind a JSON string or number; `None` where it is not one.

    A price is a non-negative decimal of at most 60 digits between 1e-40 and 1e20. Anything
    else (`-1`, `1_000`, `１２`, an empty string, `1,5`, `1e999999`) is `None`: the caller keeps
    the text and never computes with it.
    """
    if isinstance(value, str):
        text = value
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        text = str(value) if value else "0"  # -0.0 is zero as well
    else:
        return None
    return _read(text) if len(text) <= _MAX_TEXT else None


# A catalog names the same few prices over and over, and each is asked about several times.
@lru_cache(maxsize=10_000)
def _read(text: str) -> Decimal | None:
    if not _AMOUNT.fullmatch(text):
        return None
    amount = normalised(Decimal(text))
    return amount if _in_range(amount) else None


def _in_range(amount: Decimal) -> bool:
    if not amount:
        return True
    exponent = amount.as_tuple().exponent
    fits = isinstance(exponent, int) and exponent >= _MIN_EXPONENT
    return (
        fits and amount.adjusted() <= _MAX_EXPONENT and len(amount.as_tuple().digits) <= _MAX_DIGITS
    )


def normalised(amount: Decimal) -> Decimal:
    """The same number without trailing zeros: equal numbers get equal digits."""
    return amount.normalize(EXACT) if amount else Decimal(0)


def plain(amount: Decimal) -> str:
    """Plain notation without exponent or trailing zeros: `0.000003`, never `3e-6`."""
    return format(normalised(amount), "f")


def percent(old: Decimal | None, new: Decimal | None) -> Decimal | None:
    """The change in percent to two digits, half away from zero.

    `None` where there is no ratio: from or to nothing, or from zero.
    """
    if old is None or new is None or old == 0:
        return None
    # A ratio is rarely finite in decimals; 400 digits before cutting to two lose nothing.
    difference = EXACT_ROUNDING.subtract(new, old)
    ratio = EXACT_ROUNDING.divide(difference.scaleb(2, EXACT_ROUNDING), old)
    # A fall that rounds to nothing stays one: `-0.00`.
    return ratio.quantize(Decimal("0.01"), rounding="ROUND_HALF_UP", context=EXACT_ROUNDING)


EXACT_ROUNDING = Context(prec=400)


def same_price(old: Decimal, new: Decimal) -> bool:
    """Whether two amounts are one price: equal, or apart by a binary float's noise alone.

    `0.0000002` and `0.00000020000000000000002` are one: equal to 12 significant digits, where
    one of them has 15 or more (contract, "What is compared").
    """
    if old == new:
        return True
    if max(_significant(old), _significant(new)) < _NOISY_DIGITS:
        return False
    # Rounding can part two neighbours: what is below the fourteenth digit is noise wherever it is.
    apart = EXACT.subtract(old, new).adjusted() - max(old, new).adjusted()
    return apart <= -14 or _TWELVE.plus(old) == _TWELVE.plus(new)


def without_noise(amount: Decimal) -> Decimal:
    """An amount of so many digits that a binary float's noise is among them, cut to twelve."""
    return _TWELVE.plus(amount) if _significant(amount) >= _NOISY_DIGITS else amount


def number_amount(amount: Decimal) -> Decimal:
    """What a JSON number means: with 16 or more significant digits it is a binary float's text."""
    return _TWELVE.plus(amount) if _significant(amount) >= _FLOAT_DIGITS else amount


def _significant(amount: Decimal) -> int:
    """How many digits there are; for a short amount, which by far most are, at most so many."""
    text = str(amount)
    if len(text) < _NOISY_DIGITS:
        return len(text)
    return len(normalised(amount).as_tuple().digits)


_TWELVE = Context(prec=12)
_NOISY_DIGITS, _FLOAT_DIGITS = 15, 16
