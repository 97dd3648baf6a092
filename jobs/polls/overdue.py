"""From when on a source is overdue: two periods and the deadline after its last answer.

A poll that failed is no answer, one whose catalog was set aside is. It is worked out when a poll
is recorded, where the schedule is known, and written down: whoever asks later compares two times.
"""

from datetime import datetime, timedelta
from functools import lru_cache

from pricetrail.jobs.polls.missed_slots import parsed
from pricetrail.jobs.source import Source


def overdue_at(source: Source, answered: datetime) -> datetime:
    """When a source becomes overdue that answered last, or was first known, at a time.

    Two slots have gone by then, and twice the time between two slots: of a schedule that pauses
    over night, the shorter time.
    """
    first = parsed(source.schedule, source.timezone).next_after(answered)
    second, period = _following(source.schedule, source.timezone, first)
    return max(second, answered + 2 * period) + source.deadline


@lru_cache(maxsize=1024)
def _following(schedule: str, timezone: str, slot: datetime) -> tuple[datetime, timedelta]:
    """The slot after a slot, and the shorter of the times to it and from it to the next."""
    second = parsed(schedule, timezone).next_after(slot)
    third = parsed(schedule, timezone).next_after(second)
    return second, min(second - slot, third - second)
