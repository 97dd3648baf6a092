"""The quantities of a row: exact, disjoint, and never a fraction of what comes whole."""

import re
from decimal import Decimal

from pricetrail.audit.usage import columns
from pricetrail.catalog import bills
from pricetrail.catalog.amounts import parse_amount, plain
from pricetrail.catalog.units import PER_IMAGE, PER_TOKEN, unit

DISJOINT, OPENAI = "disjoint", "openai"

_SHORT = 18
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
INSIDE = {
    bills.PROMPT: (
        *(bills.CACHE_READ, bills.CACHE_WRITE, bills.CACHE_WRITE_1H),
        *(bills.INPUT_IMAGE, bills.INPUT_AUDIO),
    ),
    bills.COMPLETION: (bills.REASONING, bills.OUTPUT_IMAGE, bills.OUTPUT_AUDIO),
}
_FRACTIONS = frozenset(
    {bills.SECONDS, bills.AUDIO_SECONDS, bills.VIDEO_SECONDS, bills.VIDEO_SECONDS_WITH_AUDIO}
)
# Digits in groups of three, as sheets of many countries show them; and the way to write them.
_GROUPS = re.compile(r"([0-9]{1,3})((?:[.,'’_\s][0-9]{3})+)")
_ROUNDED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]{1,3}", re.ASCII)
_ZERO = Decimal(0)


class RowError(Exception):
    """What is wrong with a row."""


def quantities(values: dict[str, object], style: str) -> dict[str, Decimal]:
    """Disjoint quantities by name, from the cells of a row by their columns' roles.

    Args:
        style: `openai` where nothing proves otherwise and prompt tokens include the cached ones,
            completion tokens the reasoning.

    Raises:
        RowError: a cell is no quantity, or the cells contradict each other.
    """
    audio = columns.AUDIO in values and _flag(values.pop(columns.AUDIO))
    total = parse_amount(values.pop(columns.TOTAL)) if columns.TOTAL in values else None
    used = {
        # A plain number, as by far most quantities are, needs no further look.
        name: Decimal(value)
        if type(value) is str and value.isdigit() and value.isascii() and len(value) <= _SHORT
        else _quantity(name, value)
        for name, value in values.items()
    }
    if not used:
        raise RowError("it has no quantity")
    if columns.WRITTEN_5M in used or columns.WRITTEN_1H in used:
        _split_writes(used)
    if audio:
        _with_audio(used)
    if total is not None or style == OPENAI:
        for whole, inside in _inclusions(used, total, style).items():
            if inside:
                _take_apart(used, whole)
    return used


def _quantity(name: str, value: object) -> Decimal:
    if isinstance(value, float):
        # As analysts' files have them: 1200.0 for a number of tokens, 4.2 for seconds.
        value = repr(value).removesuffix(".0")
    amount = parse_amount(value.strip() if isinstance(value, str) else value)
    if comes_whole(name) and (fault := _not_whole(value, amount)):
        raise RowError(f"{readable(name)} is {str(value)[:40]!r}{fault}")
    if amount is None:
        raise RowError(f"{readable(name)} is {str(value)[:40]!r}, which is no quantity")
    return amount


def comes_whole(name: str) -> bool:
    """Whether there are no fractions of a quantity: of tokens, and not of seconds."""
    if name.startswith("/"):
        return unit(name) in (PER_TOKEN, PER_IMAGE)
    return name not in _FRACTIONS


def _not_whole(value: object, amount: Decimal | None) -> str | None:
    """What is wrong with a number of things that come whole, such as tokens; None for nothing."""
    broken = amount is not None and amount != amount.to_integral_value()
    # JSON's own `12.000` is twelve: only in a text can the point be one between thousands.
    text = str(value).strip() if isinstance(value, str) or broken else ""
    if groups := _GROUPS.fullmatch(text):
        whole = groups[1] + re.sub(r"[^0-9]", "", groups[2])
        if len(groups[2]) == 4 and groups[2][0] in ".,":
            mark = "point" if groups[2][0] == "." else "comma"
            fraction = f"{groups[1]}.{groups[2][1:]}"
            return (
                f" ({whole} with a mark between thousands, or {fraction} with a decimal {mark}), "
                f"which is no quantity: write {whole} or what was meant"
            )
        return f", which is no quantity: write {whole} if the marks are between thousands"
    if _ROUNDED.fullmatch(text) and amount is not None and _is_cut(amount):
        return ": a spreadsheet has rounded it; export the column as whole numbers"
    return ", a fraction of what comes whole" if broken else None


def _is_cut(amount: Decimal) -> bool:
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent > 0


def _flag(value: object) -> bool:
    flag = _FLAGS.get(str(value).strip().lower())
    if flag is None:
        raise RowError(f"audio is {str(value)[:40]!r}: write true or false")
    return flag


def _split_writes(used: dict[str, Decimal]) -> None:
    """What was written to the cache for 5 minutes and for an hour, in agreement with the sum."""
    short, long = used.pop(columns.WRITTEN_5M, _ZERO), used.pop(columns.WRITTEN_1H, _ZERO)
    total = used.get(bills.CACHE_WRITE, short + long)
    if total != short + long:
        raise RowError(
            f"cache write is {plain(total)}, and its parts add up to {plain(short + long)}"
        )
    used[bills.CACHE_WRITE], used[bills.CACHE_WRITE_1H] = short, long


def _with_audio(used: dict[str, Decimal]) -> None:
    """Seconds of video that has sound are charged by their own price."""
    for name in (bills.SECONDS, bills.VIDEO_SECONDS):
        if name in used:
            more = used.pop(name)
            sum_so_far = used.get(bills.VIDEO_SECONDS_WITH_AUDIO, _ZERO)
            used[bills.VIDEO_SECONDS_WITH_AUDIO] = sum_so_far + more


def _inclusions(used: dict[str, Decimal], total: Decimal | None, style: str) -> dict[str, bool]:
    """Which wholes include their parts: as the row's own total proves, else as the style says."""
    by_style = dict.fromkeys(INSIDE, style == OPENAI)
    if total is None:
        return by_style
    wholes = sum((used.get(name, _ZERO) for name in INSIDE), _ZERO)
    apart = {whole: _parts(used, whole) for whole in INSIDE}
    proven = [
        {bills.PROMPT: prompt, bills.COMPLETION: completion}
        for prompt in _possible(used, apart, bills.PROMPT, by_style)
        for completion in _possible(used, apart, bills.COMPLETION, by_style)
        if total
        == wholes
        + (_ZERO if prompt else apart[bills.PROMPT])
        + (_ZERO if completion else apart[bills.COMPLETION])
    ]
    return proven[0] if len(proven) == 1 else by_style


def _possible(
    used: dict[str, Decimal], apart: dict[str, Decimal], whole: str, by_style: dict[str, bool]
) -> tuple[bool, ...]:
    """Whether a whole can include its parts, be without them, or both; without any: by style."""
    if not apart[whole]:
        return (by_style[whole],)
    return (True, False) if apart[whole] <= used.get(whole, _ZERO) else (False,)


def _parts(used: dict[str, Decimal], whole: str) -> Decimal:
    return sum((used[name] for name in INSIDE[whole] if name in used), _ZERO)


def _take_apart(used: dict[str, Decimal], whole: str) -> None:
    """From a whole that includes its parts to quantities that are disjoint."""
    inside = _parts(used, whole)
    if not inside:
        return
    rest = used.get(whole, _ZERO) - inside
    if rest < 0:
        held = " + ".join(readable(name) for name in INSIDE[whole] if name in used)
        raise RowError(
            f"{held} is {plain(inside)}, more than the {plain(used.get(whole, _ZERO))} "
            f"of {readable(whole)} that include it"
        )
    used[whole] = rest


def readable(name: str) -> str:
    """A quantity's name for people."""
    return name if name.startswith("/") else name.replace("_", " ")
