"""Dates of retirement as events: one came, moved or went, or is near."""

from datetime import datetime

from pricetrail.catalog.changes import Change
from pricetrail.catalog.event_details import Heading, ModelSunset
from pricetrail.catalog.events import SUNSET, Event, event_id
from pricetrail.catalog.sunset_dates import PATH, date_of, days_left
from pricetrail.catalog.times import rfc3339

# Behind every event of the snapshot that the source stands at.
_SEQUENCE = 2_000_000


def moved(change: Change) -> bool:
    """Whether a date of retirement came, moved or went; the same one written otherwise did not."""
    return change.path == PATH and date_of(change.old) != date_of(change.new)


def announced(heading: Heading, changes: tuple[Change, ...], at: datetime) -> ModelSunset:
    """What there is to say of a date that `moved`, seen at a time: `changes` is that change."""
    [change] = changes
    old, new = date_of(change.old), date_of(change.new)
    left = None if new is None else days_left(new, at)
    return ModelSunset(heading, changes, new, old, left)


def reminded(heading: Heading, sunset: datetime, at: datetime, reminder: int) -> ModelSunset:
    """What there is to say again, so many days before a date."""
    return ModelSunset(heading, (), sunset, None, days_left(sunset, at), reminder)


def reminder_event(
    source: str,
    version: int,
    head: bytes,
    hashed_name: str,
    details: ModelSunset,
    at: datetime,
) -> Event:
    """The event that says a date again; its id is that of the date and the reminder, whoever says
    it and when.

    Args:
        version: the one that the source stands at, and `head` its hash.
        hashed_name: what the source's chain is made with.
    """
    model, date = str(details.model.id), details.sunset_at
    said = "" if date is None else rfc3339(date)
    name = event_id(hashed_name, SUNSET, model, said, str(details.reminder))
    return Event(name, source, version, _SEQUENCE, SUNSET, model, at, details, head)
