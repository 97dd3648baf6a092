"""Times and durations as people and machines write them (RFC 3339, UTC)."""

import contextlib
import re
from datetime import UTC, date, datetime, timedelta

from catalog.errors import PricetrailError

_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|m|h|d|w|y)", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SECONDS["y"] = 365 * _SECONDS["d"]


class TimeError(PricetrailError, ValueError):
    """A time, date or duration that cannot be read."""


def utc(text: str) -> datetime:
    """Read an RFC 3339 time, or a date (its first instant in UTC).

    Raises:
        TimeError: not a time; a time without its offset is refused, not guessed.
    """
    if len(text) == 20 and text[4::3] == "--T::Z":
        # `2026-11-23T10:00:00Z`, as by far most are written: no pattern need be asked.
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(text)
    stripped = text.strip()
    try:
        if _DATE.fullmatch(stripped):
            day = date.fromisoformat(stripped)
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        if _RFC3339.fullmatch(stripped):
            moment = datetime.fromisoformat(stripped.upper().replace(",", "."))
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise TimeError(f"{text!r} is not a time: write 2026-11-23T10:00:00Z or 2026-11-23")


def rfc3339(moment: datetime) -> str:
    """`2026-11-23T10:00:06Z`; fractions only where there are any, to the millisecond."""
    in_utc = moment.astimezone(UTC)
    precision = "milliseconds" if in_utc.microsecond >= 1000 else "seconds"
    return in_utc.replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def to_millisecond(moment: datetime) -> datetime:
    """Cut to the precision that is stored, so that what is read back equals what was written."""
    in_utc = moment.astimezone(UTC)
    return in_utc.replace(microsecond=in_utc.microsecond // 1000 * 1000)


def duration(text: str) -> timedelta:
    """Read `90s`, `15m`, `1.5h`, `2d`, `1w`, `1y` (365 days) or a sum such as `1h30m`.

    Raises:
        TimeError: anything else, negative durations among them.
    """
    stripped = text.strip()
    parts = [match.groups() for match in _DURATION.finditer(stripped)]
    if not parts or _DURATION.sub("", stripped).strip():
        raise TimeError(f"{text!r} is not a duration: write 90s, 15m, 1h or 2d")
    try:
        return timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in parts))
    except OverflowError:
        raise TimeError(f"{text!r} is too long a duration") from None


def in_words(span: timedelta) -> str:
    """A duration for people: `45 s`, `15 min`, `3 h`, `2 d 4 h`."""
    seconds = int(span.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    days, hours = divmod(seconds // 3600, 24)
    if days == 0:
        return f"{hours} h"
    return f"{days} d {hours} h" if hours else f"{days} d"
