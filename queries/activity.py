"""How much changed at each source on each of the last days?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from pricetrail.storage.database import Transaction
from pricetrail.storage.history import activity

DAYS = 30


class DayCounts(NamedTuple):
    """How many events of models a day (UTC) brought, by type."""

    day: date
    added: int = 0
    removed: int = 0
    repriced: int = 0
    updated: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.added + self.removed + self.repriced + self.updated


@dataclass(frozen=True, slots=True)
class ActivityAnswer:
    """By source every day from the first to the last, oldest first, those without events too."""

    days: Mapping[str, tuple[DayCounts, ...]]

    def as_json(self) -> dict[str, object]:
        """By source a list of days with their counts."""
        return {
            source: [{**counts._asdict(), "day": counts.day.isoformat()} for counts in days]
            for source, days in self.days.items()
        }


def ask(
    transaction: Transaction, names: Sequence[str], *, now: datetime, days: int = DAYS
) -> ActivityAnswer:
    """The events of models of these sources on each of the last days, today's among them.

    Events about a catalog's schema, or about a source, are not counted. A source that has no poll
    yet has no events.
    """
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    dates = [today - timedelta(days=back) for back in reversed(range(days))]
    found = {
        (row.source, row.day): DayCounts(row.day.date(), *row[2:])
        for row in activity.days(transaction, names, dates[0], now)
    }
    return ActivityAnswer(
        {
            name: tuple(found.get((name, day), DayCounts(day.date())) for day in dates)
            for name in sorted(names)
        }
    )
