"""How long the prompts of a row's requests can have been: what decides which tier they fall under.

A row may sum up many requests. Its sum says nothing about any one prompt but that none was longer.
"""

import re
from decimal import Decimal
from typing import NamedTuple

_LENGTH = r"([0-9]{1,12})\s*([km]?)"
_RANGE = re.compile(rf"{_LENGTH}\s*(?:-|–|to|\.\.)\s*{_LENGTH}", re.ASCII)
_UP_TO = re.compile(rf"(?:<=?|≤|up_to|up to|below|under)[\s_]*{_LENGTH}")
_ABOVE = re.compile(rf"(?:>=?|≥|over|above)[\s_]*{_LENGTH}|{_LENGTH}\s*\+")
_SCALE = {"": 1, "k": 1000, "m": 1_000_000}
_ZERO, _ENDLESS = Decimal(0), Decimal("Infinity")


class Prompts(NamedTuple):
    """The shortest and the longest that a prompt of the row can have been, in tokens."""

    shortest: Decimal
    longest: Decimal


def prompts(total: Decimal, *, single: bool, window: object = None) -> Prompts:
    """What a row says of its prompts.

    Args:
        total: the tokens of all its prompts.
        single: it is one request, so that its prompt is the total.
        window: the cell that tells the tier, such as `0-200k` or `> 200k`; it decides.
    """
    by_total = Prompts(total if single else _ZERO, total)
    named = _window(window) if window is not None else None
    if named is None:
        return by_total
    both = Prompts(max(by_total.shortest, named.shortest), min(by_total.longest, named.longest))
    return both if both.shortest <= both.longest else named


def _window(cell: object) -> Prompts | None:
    """The lengths that a cell names; None where it names none."""
    text = str(cell).strip().lower()
    if match := _RANGE.fullmatch(text):
        # `32-128k` means 32,000 to 128,000; `200000-1M` does not mean 200,000 millions.
        low = _tokens(match[1], match[2] or (match[4] if len(match[1]) <= 3 else ""))
        return Prompts(low + 1 if low else low, _tokens(match[3], match[4]))
    if match := _UP_TO.fullmatch(text):
        return Prompts(_ZERO, _tokens(match[1], match[2]))
    if match := _ABOVE.fullmatch(text):
        return Prompts(_tokens(match[1] or match[3], match[2] or match[4] or "") + 1, _ENDLESS)
    return None


def _tokens(number: str, unit: str) -> Decimal:
    return Decimal(number) * _SCALE[unit]
