"""Dates of retirement, in the field `/sunset_at`: which day that is, and when to say it again."""

from datetime import UTC, datetime, timedelta

from pricetrail.catalog.documents import Document
from pricetrail.catalog.times import TimeError, to_millisecond, utc

FIELD = "sunset_at"
PATH = f"/{FIELD}"
# So many days before the date it is said again.
REMINDERS = (30, 7, 1)
# Before that there was no model to be retired; what says so is a slip, and no date.
_FIRST_YEAR = 1970


def sunset_of(document: Document) -> datetime | None:
    """When a model is to be retired; None where its document says no date."""
    return date_of(document.get(FIELD))


def date_of(value: object) -> datetime | None:
    """The instant that a value names: a date (its first instant in UTC), or an RFC 3339 time.

    None for anything else: words, numbers, no value at all.
    """
    if not isinstance(value, str):
        return None
    try:
        at = to_millisecond(utc(value))
    except TimeError:
        return None
    return at if at.year >= _FIRST_YEAR else None


def days_left(sunset: datetime, at: datetime) -> int:
    """How many days of the calendar in UTC lie between; below zero where the date has passed."""
    return (sunset.astimezone(UTC).date() - at.astimezone(UTC).date()).days


def next_reminder(sunset: datetime, after: datetime) -> datetime | None:
    """When it is to be said again for the first time after a time; None: not any more."""
    times = (sunset - timedelta(days=days) for days in REMINDERS)
    return min((time for time in times if time > after), default=None)


def due_reminder(sunset: datetime, now: datetime) -> int | None:
    """The most urgent reminder whose time has come; None before the first, and from the date on."""
    if now >= sunset:
        return None
    return min((days for days in REMINDERS if sunset - timedelta(days=days) <= now), default=None)
