"""One row of usage: read at the border into exact quantities, or kept with what is wrong."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from catalog import bills
from catalog.amounts import parse_amount, plain
from catalog.times import TimeError, rfc3339, utc
from pricetrail.usage_rows.columns import AUDIO, MODEL, TIME

DISJOINT, OPENAI = "disjoint", "openai"
STYLES = (DISJOINT, OPENAI)

_SHORT = 18
_EPOCH = re.compile(r"[0-9]{9,10}|[0-9]{12,13}", re.ASCII)
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_INSIDE = {
    bills.PROMPT: (bills.CACHE_READ, bills.CACHE_WRITE, bills.CACHE_WRITE_1H, bills.INPUT_IMAGE),
    bills.COMPLETION: (bills.REASONING, bills.OUTPUT_IMAGE),
}


class UsageRow(NamedTuple):
    """One use: disjoint quantities by name, in the units of their prices. `line` counts from 1."""

    line: int
    model: str
    at: datetime
    used: dict[str, Decimal]
    long_prompt: bool


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that says no use; `model` and `at` are as far as they could be read."""

    line: int
    model: str | None
    at: str | None
    why: str


Row: TypeAlias = UsageRow | BadRow


class _RowError(Exception):
    """What is wrong with a row."""


def row(line: int, cells: Iterable[tuple[str, Any]], style: str = DISJOINT) -> Row:
    """Read a row's cells, each with its column's role. Empty cells are as good as none.

    Args:
        style: `openai` where prompt tokens include the cached ones, and completion tokens the
            reasoning.
    """
    # NaN is how analysts' tables write an empty cell; it differs from itself.
    values = {
        name: cell for name, cell in cells if cell is not None and cell != "" and cell == cell
    }
    try:
        at, model = _time(values.pop(TIME, None)), _model(values.pop(MODEL, None))
        used = _used(values, style)
        return UsageRow(line, model, at, used, bills.over_200k(used))
    except _RowError as error:
        found = dict(cells)
        return BadRow(line, _text(found.get(MODEL)), _when(found.get(TIME)), str(error))


def _time(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            return utc(value)
        except TimeError as error:
            if not _EPOCH.fullmatch(value):
                raise _RowError(str(error)) from None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if isinstance(value, int | str) and _EPOCH.fullmatch(str(value)):
        number = int(value)
        return datetime.fromtimestamp(number // 1000 if number > 10**11 else number, UTC)
    if value is None:
        raise _RowError("it has no time")
    raise _RowError(f"{str(value)[:80]!r} is not a time with its offset")


def _model(value: Any) -> str:
    name = value.strip() if isinstance(value, str) else ""
    if name:
        return name
    raise _RowError("it names no model")


def _used(values: dict[str, Any], style: str) -> dict[str, Decimal]:
    audio = AUDIO in values and _flag(values.pop(AUDIO))
    used = {
        # A plain number, as by far most quantities are, needs no further look.
        name: Decimal(value)
        if type(value) is str and value.isdigit() and value.isascii() and len(value) <= _SHORT
        else _quantity(name, value)
        for name, value in values.items()
    }
    if not used:
        raise _RowError("it has no quantity")
    if audio:
        _with_audio(used)
    if style == OPENAI:
        _take_apart(used)
    return used


def _quantity(name: str, value: Any) -> Decimal:
    if isinstance(value, str):
        value = value.strip()
    elif isinstance(value, float):
        # As analysts' files have them: 1200.0 for a number of tokens, 4.2 for seconds.
        value = repr(value).removesuffix(".0")
    amount = parse_amount(value)
    if amount is None:
        raise _RowError(f"{_shown(name)} is {str(value)[:40]!r}, which is no quantity")
    return amount


def _flag(value: Any) -> bool:
    found = _FLAGS.get(str(value).strip().lower())
    if found is None:
        raise _RowError(f"audio is {str(value)[:40]!r}: write true or false")
    return found


def _with_audio(used: dict[str, Decimal]) -> None:
    """Seconds of video that has sound are charged by their own price."""
    for name in (bills.SECONDS, bills.VIDEO_SECONDS):
        if name in used:
            more = used.pop(name)
            sum_so_far = used.get(bills.VIDEO_SECONDS_WITH_AUDIO, Decimal(0))
            used[bills.VIDEO_SECONDS_WITH_AUDIO] = sum_so_far + more


def _take_apart(used: dict[str, Decimal]) -> None:
    """From wholes that include their parts to quantities that are disjoint."""
    for whole, parts in _INSIDE.items():
        inside = sum((used[name] for name in parts if name in used), Decimal(0))
        if not inside:
            continue
        rest = used.get(whole, Decimal(0)) - inside
        if rest < 0:
            held = " + ".join(_shown(name) for name in parts if name in used)
            raise _RowError(
                f"{held} is {plain(inside)}, more than the {plain(used.get(whole, Decimal(0)))} "
                f"of {_shown(whole)} that include it"
            )
        used[whole] = rest


def _shown(name: str) -> str:
    return name if name.startswith("/") else name.replace("_", " ")


def _text(value: Any) -> str | None:
    return str(value)[:512] if value not in (None, "") else None


def _when(value: Any) -> str | None:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return rfc3339(value)
    return _text(value)
