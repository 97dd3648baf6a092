"""When a model is to be retired, in words: the day, and how far away it is."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pricetrail.catalog.sunset_dates import days_left
from pricetrail.text.sums import counted

if TYPE_CHECKING:
    from pricetrail.catalog.event_details import ModelSunset

# Whatever the machine's locale.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def retirement(details: "ModelSunset") -> str:
    """`to be retired on 1 December 2026 (in 30 days)`, with the day that was given before."""
    if details.sunset_at is None or details.days_left is None:
        return moved(details.previous, None)
    before = "" if details.previous is None else f", before: {date_words(details.previous)}"
    return _on(details.sunset_at, details.days_left, before)


def moved(old: datetime | None, new: datetime | None) -> str:
    """How a date came, moved or went: `to be retired on 1 December 2026 (before: 1 May 2026)`."""
    if new is None:
        return "no longer to be retired" + ("" if old is None else f" (was {date_words(old)})")
    before = f" (before: {date_words(old)})" if old is not None and old != new else ""
    return f"to be retired on {date_words(new)}{before}"


def retired_on(sunset: datetime, now: datetime) -> str:
    """`to be retired on 1 December 2026 (in 30 days)`; `retired on …` where that has passed."""
    return _on(sunset, days_left(sunset, now))


def date_words(at: datetime) -> str:
    """`1 December 2026`, with the time of the day where it is not its first instant, in UTC."""
    at = at.astimezone(UTC)
    day = f"{at.day} {_MONTHS[at.month - 1]} {at.year}"
    return day if f"{at:%H:%M}" == "00:00" else f"{day}, {at:%H:%M} UTC"


def _on(sunset: datetime, left: int, more: str = "") -> str:
    verb = "to be retired on" if left >= 0 else "retired on"
    return f"{verb} {date_words(sunset)} ({_distance(left)}{more})"


def _distance(left: int) -> str:
    if left == 0:
        return "today"
    if abs(left) == 1:
        return "tomorrow" if left > 0 else "yesterday"
    return f"in {left:,} days" if left > 0 else f"{counted(-left, 'day')} ago"
