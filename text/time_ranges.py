"""When something was seen, in words and UTC: a window, never a single instant."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

Window = tuple[datetime | None, datetime]


def day(at: datetime, *, year: bool = True) -> str:
    """`23 Nov 2026`, whatever the machine's locale."""
    return f"{at.day} {_MONTHS[at.month - 1]}" + (f" {at.year}" if year else "")


def month(at: date) -> str:
    """`Nov 2026`, whatever the machine's locale."""
    return f"{_MONTHS[at.month - 1]} {at.year}"


def moment(at: datetime) -> str:
    """`09:00 UTC on 23 Nov 2026`."""
    at = at.astimezone(UTC)
    return f"{at:%H:%M} UTC on {day(at)}"


def between(window: Window) -> str:
    """`between 09:00 and 10:00 UTC on 23 Nov 2026`; `by …` where nothing was seen before."""
    start, end = window[0], window[1].astimezone(UTC)
    if start is None:
        return f"by {moment(end)}"
    start = start.astimezone(UTC)
    if start.date() != end.date():
        same_year = start.year == end.year
        return f"between {start:%H:%M} UTC on {day(start, year=not same_year)} and {moment(end)}"
    clock = "%H:%M:%S" if f"{start:%H:%M}" == f"{end:%H:%M}" else "%H:%M"
    return f"between {start.strftime(clock)} and {end.strftime(clock)} UTC on {day(end)}"


def short(window: Window) -> str:
    """`23 Nov 09:00–10:00 UTC`, for one line among many of a digest."""
    start, end = window[0], window[1].astimezone(UTC)
    if start is None:
        return f"by {day(end, year=False)} {end:%H:%M} UTC"
    start = start.astimezone(UTC)
    if start.date() == end.date():
        return f"{day(end, year=False)} {start:%H:%M}–{end:%H:%M} UTC"
    return f"{day(start, year=False)} {start:%H:%M} – {day(end, year=False)} {end:%H:%M} UTC"


def around(windows: Iterable[Window]) -> Window:
    """The window that holds all of them. Raises `ValueError` where there are none."""
    all_of_them = list(windows)
    starts = [start for start, _ in all_of_them if start is not None]
    return (min(starts) if starts else None), max(end for _, end in all_of_them)
