"""When something was seen, in words: a window, never a single instant; UTC unless said."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, tzinfo

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

Window = tuple[datetime | None, datetime]


def day(at: datetime, *, year: bool = True) -> str:
    """`23 Nov 2026`, whatever the machine's locale."""
    return f"{at.day} {_MONTHS[at.month - 1]}" + (f" {at.year}" if year else "")


def month(at: date) -> str:
    """`Nov 2026`, whatever the machine's locale."""
    return f"{_MONTHS[at.month - 1]} {at.year}"


def moment(at: datetime, zone: tzinfo = UTC) -> str:
    """`09:00 UTC on 23 Nov 2026`; in another zone `10:00 CET on 23 Nov 2026`."""
    at = at.astimezone(zone)
    return f"{at:%H:%M} {_zone(at)} on {day(at)}"


def _zone(at: datetime) -> str:
    """`CET`; where a zone has no letters, `UTC-03`."""
    name = at.tzname() or "UTC"
    return name if name[0].isalpha() else f"UTC{name}"


def between(window: Window, zone: tzinfo = UTC) -> str:
    """`between 09:00 and 10:00 UTC on 23 Nov 2026`; `by …` where nothing was seen before."""
    start, end = window[0], window[1].astimezone(zone)
    if start is None:
        return f"by {moment(end, zone)}"
    start = start.astimezone(zone)
    if _apart(start, end):
        on = day(start, year=start.year != end.year)
        return f"between {start:%H:%M} {_zone(start)} on {on} and {moment(end, zone)}"
    clock = "%H:%M:%S" if f"{start:%H:%M}" == f"{end:%H:%M}" else "%H:%M"
    times = f"{start.strftime(clock)} and {end.strftime(clock)}"
    return f"between {times} {_zone(end)} on {day(end)}"


def _apart(start: datetime, end: datetime) -> bool:
    """Whether one date, or one clock, does not serve for both."""
    return start.date() != end.date() or start.utcoffset() != end.utcoffset()


def short(window: Window, zone: tzinfo = UTC) -> str:
    """`23 Nov 09:00–10:00 UTC`, for one line among many of a digest."""
    start, end = window[0], window[1].astimezone(zone)
    last = f"{day(end, year=False)} {end:%H:%M} {_zone(end)}"
    if start is None:
        return f"by {last}"
    start = start.astimezone(zone)
    if not _apart(start, end):
        return f"{day(end, year=False)} {start:%H:%M}–{end:%H:%M} {_zone(end)}"
    clock = "" if start.utcoffset() == end.utcoffset() else f" {_zone(start)}"
    return f"{day(start, year=False)} {start:%H:%M}{clock} – {last}"


def around(windows: Iterable[Window]) -> Window:
    """The window that holds all of them. Raises `ValueError` where there are none."""
    all_of_them = list(windows)
    starts = [start for start, _ in all_of_them if start is not None]
    return (min(starts) if starts else None), max(end for _, end in all_of_them)
