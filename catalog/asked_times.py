"""The time that a person asks about: as `times` reads it, or from now on back: `yesterday`, `3d`.

What is stored or comes in files is never read here: without its offset it is no time.
"""

import contextlib
import re
from datetime import UTC, datetime, timedelta

from pricetrail.catalog.times import TimeError, duration, utc

# What it says where the offset would be: nothing, which a person means as UTC, as answers do.
_WITHOUT_OFFSET = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?", re.ASCII
)
_DAY = re.compile(
    r"(today|yesterday|tomorrow)(?:[t ]([0-2][0-9]:[0-5][0-9](?::[0-5][0-9])?))?", re.ASCII
)
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
# What a person writes out, and answers do, such as `3 min ago`.
_UNIT = re.compile(
    r"(?<=[0-9]) ?(?:(s)ec(?:ond)?s?|(m)in(?:ute)?s?|(h)ours?|(d)ays?|(w)eeks?|(y)ears?)\b",
    re.ASCII,
)
_ABSOLUTE = "2026-11-23T10:00:00Z, '2026-11-23 10:00' (UTC) or 2026-11-23"
_PAST, _AHEAD = "yesterday, 3d or 2h30m (so long ago)", "tomorrow, 3d or 2h30m (from now)"


def absolute_time(text: str) -> datetime:
    """Read a time that is the same whenever it is read; without an offset it is in UTC.

    Raises:
        TimeError: it is none, and how to write one.
    """
    stripped = text.strip()
    try:
        return utc(f"{stripped}Z" if _WITHOUT_OFFSET.fullmatch(stripped) else stripped)
    except TimeError:
        raise TimeError(f"{text!r} is not a time: write {_ABSOLUTE}") from None


def asked_time(text: str, now: datetime, *, ahead: bool = False) -> datetime:
    """Read a time as `absolute_time`, or words: `now`, `yesterday 14:00`, `3d`, `3 min ago`.

    A day is its first instant in UTC.

    Args:
        ahead: what is asked for lies in the future, so that `3d` means in three days.

    Raises:
        TimeError: it is none, and which forms there are.
    """
    words = " ".join(text.lower().split())
    with contextlib.suppress(TimeError, OverflowError):
        if words == "now":
            return now
        if day := _DAY.fullmatch(words):
            first = now.astimezone(UTC).date() + timedelta(days=_DAYS[day[1]])
            return absolute_time(f"{first} {day[2] or '00:00'}")
        return _away(words, now, ahead=ahead)
    try:
        return absolute_time(text)
    except TimeError:
        relative = _AHEAD if ahead else _PAST
        raise TimeError(f"{text!r} is not a time: write {_ABSOLUTE}, {relative}") from None


def _away(words: str, now: datetime, *, ahead: bool) -> datetime:
    """So long ago, or from now on where that is meant or said; never both, as in `in 3d ago`."""
    if words.endswith(" ago"):
        return now - _length(words.removesuffix(" ago"))
    if words.startswith("in ") or ahead:
        return now + _length(words.removeprefix("in "))
    return now - _length(words)


def _length(words: str) -> timedelta:
    return duration(_UNIT.sub(lambda unit: unit[unit.lastindex or 0], words))
