"""Times and durations as people and machines write them (RFC 3339, UTC).

Every reader of times is here. Histories are kept to the millisecond, and `datetime` to the
microsecond; a time with more digits stays before, at or after each of those instants as written.
"""

import contextlib
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pricetrail.catalog.errors import InvalidInputError

# RFC 3339, with the offsets of psql (`+00`), of logs (`+0000`) and of BigQuery (` UTC`) as well.
_TIME = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:[Tt ](?P<minute>\d{2}:\d{2})(?:(?P<second>:\d{2})(?:[.,](?P<digits>\d+))?)?"
    r"(?: ?(?:(?P<zulu>[Zz]|UTC)"
    r"|(?P<sign>[+-])(?P<hours>[01]\d|2[0-3])(?::?(?P<minutes>[0-5]\d))?))?)?",
    re.ASCII,
)
_EPOCH = re.compile(r"(?P<whole>[0-9]{9,19})(?:\.(?P<digits>[0-9]+))?", re.ASCII)
# How many of the digits before the point are beyond seconds, by how many there are.
_BEYOND_SECONDS = {9: 0, 10: 0, 12: 3, 13: 3, 15: 6, 16: 6, 18: 9, 19: 9}
_LAST = datetime.max.replace(microsecond=999_000, tzinfo=UTC)
_SINCE = datetime(1970, 1, 1, tzinfo=UTC)
_DAY, _MINUTE, _MICROSECOND = timedelta(days=1), timedelta(minutes=1), timedelta(microseconds=1)
_MOST_DIGITS = 80
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|m|h|d|w|y)", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SECONDS["y"] = 365 * _SECONDS["d"]


class TimeError(InvalidInputError, ValueError):
    """A time, date or duration that cannot be read."""


class Moment(NamedTuple):
    """A time as it was written: an instant, or the whole of a day or a minute.

    `start` is its first instant. `end` is the first after it, or None where it is one instant.
    `text` is how it is shown, with all digits that were given.
    """

    start: datetime
    end: datetime | None
    text: str


def utc(text: str) -> datetime:
    """Read an RFC 3339 time, or a date (its first instant in UTC).

    Raises:
        TimeError: not a time; a time without its offset is refused, not guessed.
    """
    return moment(text).start


def moment(text: str, zone: tzinfo | None = None) -> Moment:
    """Read an RFC 3339 time; a date is its whole day, a time without seconds its minute.

    Args:
        zone: where the clock stood for times without their offset, and whose days dates are:
            in UTC, without it.

    Raises:
        TimeError: not a time; a time without its offset is refused, not guessed, unless the zone
            is known; so is one that the zone's clock showed twice, or never.
    """
    if len(text) == 20 and text[4::3] == "--T::Z":
        # `2026-11-23T10:00:00Z`, as by far most are written: no pattern need be asked.
        try:
            return Moment(datetime.fromisoformat(text), None, text)
        except ValueError:
            pass
    match = _TIME.fullmatch(text.strip())
    if match is not None and len(text) <= _MOST_DIGITS:
        try:
            if match["minute"] is None:
                return _day(match["date"], zone or UTC)
            clock = f"{match['date']}T{match['minute']}{match['second'] or ':00'}"
            start = _in_utc(datetime.fromisoformat(clock), match, zone, text)
            if match["second"] is None:
                return Moment(start, _later(start, _MINUTE), f"{rfc3339(start)[:16]}Z")
            return _instant(start, match["digits"] or "")
        except TimeError:
            raise
        except (ValueError, OverflowError):
            pass
    raise TimeError(f"{text!r} is not a time: write 2026-11-23T10:00:00Z or 2026-11-23")


def from_epoch(number: Decimal | int | str) -> Moment:
    """Read seconds, milliseconds, microseconds or nanoseconds since 1970, whole or with decimals.

    Which of them is told by the number of digits before the point, from 1973 until 2286.

    Raises:
        TimeError: it is none of them.
    """
    text = str(number).strip()
    if isinstance(number, Decimal) or "e" in text.lower():
        text = _plain(text)
    match = _EPOCH.fullmatch(text) if len(text) <= _MOST_DIGITS else None
    beyond = _BEYOND_SECONDS.get(len(match["whole"])) if match is not None else None
    if match is None or beyond is None:
        raise TimeError(f"{str(number)[:80]!r} is not a time since 1970")
    point = len(match["whole"]) - beyond
    digits = match["whole"][point:] + (match["digits"] or "")
    return _instant(_SINCE + timedelta(seconds=int(match["whole"][:point])), digits)


def _plain(text: str) -> str:
    """A number without its exponent, where it has all digits down to the millisecond.

    Spreadsheets write `1.77314E+12`, of which most digits are lost.
    """
    with contextlib.suppress(ArithmeticError):
        number = Decimal(text)
        exponent = number.as_tuple().exponent
        beyond = _BEYOND_SECONDS.get(number.adjusted() + 1)
        if isinstance(exponent, int) and beyond is not None and exponent <= max(0, beyond - 3):
            return format(number, "f")
    return ""


def _day(date: str, zone: tzinfo) -> Moment:
    midnight = datetime.fromisoformat(f"{date}T00:00:00")
    start = midnight.replace(tzinfo=zone).astimezone(UTC)
    try:
        end = (midnight + _DAY).replace(tzinfo=zone).astimezone(UTC)
    except OverflowError:
        end = _later(start, _DAY)
    return Moment(start, end, date)


def _in_utc(clock: datetime, match: re.Match[str], zone: tzinfo | None, text: str) -> datetime:
    """What a clock showed, as UTC: by its offset, else by the zone."""
    if match["zulu"] is not None:
        return clock.replace(tzinfo=UTC)
    if match["sign"] is not None:
        offset = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
        own = timezone(-offset if match["sign"] == "-" else offset)
        return clock.replace(tzinfo=own).astimezone(UTC)
    if zone is None:
        raise ValueError  # `moment` says how to write it
    first, second = (clock.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise TimeError(f"{text!r} is a time that {zone} had twice, or never: write its offset")
    return first.astimezone(UTC)


def _instant(second: datetime, digits: str) -> Moment:
    """An instant of a second; digits beyond microseconds keep it off the full millisecond."""
    digits = digits.rstrip("0")
    start = second + int(digits[:6].ljust(6, "0")) * _MICROSECOND
    if len(digits) <= 6:
        return Moment(start, None, rfc3339(start))
    if not start.microsecond % 1000:
        start += _MICROSECOND
    return Moment(start, None, f"{rfc3339(second).removesuffix('Z')}.{digits}Z")


def _later(start: datetime, length: timedelta) -> datetime:
    try:
        return start + length
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def rfc3339(moment: datetime) -> str:
    """`2026-11-23T10:00:06Z`; fractions only where there are any, to the millisecond or finer."""
    in_utc = moment.astimezone(UTC)
    precision = "seconds"
    if in_utc.microsecond:
        precision = "microseconds" if in_utc.microsecond % 1000 else "milliseconds"
    return in_utc.isoformat(timespec=precision).removesuffix("+00:00") + "Z"


def to_millisecond(moment: datetime) -> datetime:
    """Cut to the precision that is stored, so that what is read back equals what was written."""
    in_utc = moment.astimezone(UTC)
    finer = in_utc.microsecond % 1000
    return in_utc.replace(microsecond=in_utc.microsecond - finer) if finer else in_utc


def next_millisecond(moment: datetime) -> datetime:
    """The first stored precision at or after a time: what is kept is before both, or neither."""
    cut = to_millisecond(moment)
    # Behind the last millisecond of all there is none.
    return cut if cut in (moment, _LAST) else cut + timedelta(milliseconds=1)


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


def find_zone(name: str) -> tzinfo | None:
    """An IANA time zone, or `None` where there is none of this name."""
    if name == "UTC":  # on systems without zone data too
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # not found; a folder; not a name at all
        return None
