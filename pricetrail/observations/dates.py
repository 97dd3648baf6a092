"""When a file was made, by its name: `2026-11-23.json`, `models_20261123_100000.json`."""

import re
from datetime import UTC, datetime, timedelta, timezone

_DATED = re.compile(
    r"""(?<!\d)
    (?P<year>\d{4})(?P<dash>[-_.]?)(?P<month>\d{2})(?P=dash)(?P<day>\d{2})
    (?:
      [T_\-. ]*
      (?P<hour>\d{2})(?P<colon>[-_:.h]?)(?P<minute>\d{2})
      (?:[-_:.m]?(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,6})(?!\d))?)?
      (?P<zone>Z|[+]\d{2}[:-]?\d{2})?
    )?
    (?!\d)""",
    re.VERBOSE | re.ASCII | re.IGNORECASE,
)

# Overlapping: what looks like hours and minutes may be the year of a second date.
_DATE = re.compile(r"(?=(?<!\d)(?:19|20)\d{2}([-_.]?)[01]\d\1[0-3]\d)", re.ASCII)


def time_in(name: str) -> datetime | None:
    """The one date, or date and time, that a file's name holds; UTC unless it says otherwise.

    None where there is none, or more than one.
    """
    if len(_DATE.findall(name)) != 1:
        return None
    found = [moment for match in _DATED.finditer(name) if (moment := _moment(match)) is not None]
    return found[0] if len(found) == 1 else None


def _moment(match: "re.Match[str]") -> datetime | None:
    part = match.groupdict(default="0")
    try:
        moment = datetime(
            int(part["year"]),
            int(part["month"]),
            int(part["day"]),
            int(part["hour"]),
            int(part["minute"]),
            int(part["second"]),
            int(part["fraction"].ljust(6, "0")),
            tzinfo=_zone(match["zone"]),
        )
    except ValueError:
        return None
    return moment.astimezone(UTC)


def _zone(written: str | None) -> timezone:
    if written is None or written in "zZ":
        return UTC
    return timezone(timedelta(hours=int(written[1:3]), minutes=int(written[-2:])))
