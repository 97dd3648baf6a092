"""How a source is in one phrase: the same in a command and on a page."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from pricetrail.queries.sources import SourceHealth
from pricetrail.text.sums import counted

# Whoever polls from cron has no slots here; a source is asked about after so long.
_LONG = timedelta(days=2)


class Condition(NamedTuple):
    """How a source is: whether that is `good`, to be looked at or merely so, and in words."""

    level: Literal["good", "warn", "quiet"]
    words: str


def condition(source: SourceHealth, now: datetime) -> Condition:
    """What matters most about a source."""
    if source.configured is False:
        return Condition("quiet", "not in the configuration")
    if source.paused:
        return Condition("quiet", "paused")
    if source.failures:
        return Condition("warn", counted(source.failures, "poll failed", "polls failed"))
    if source.quarantined:
        return Condition("warn", "a catalog is in quarantine")
    if source.overdue:
        return Condition("warn", "overdue")
    if source.last_poll is None:
        return Condition("quiet", "not polled yet")
    if source.next_slot is None and now - source.last_poll > _LONG:
        return Condition("quiet", "not polled lately")
    return Condition("good", "good")
