"""The sources that the database keeps, changed as a whole: what they say, and when they are due."""

from collections.abc import Sequence
from dataclasses import dataclass

from pricetrail.jobs.planning import following
from pricetrail.jobs.source import Source
from pricetrail.storage import kept_sources, slot_upkeep, slots
from pricetrail.storage.database import Database
from pricetrail.storage.kept_sources import Change, Kept


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be changed; `rescheduled` are those of the changed whose schedule is another."""

    added: Sequence[Kept] = ()
    changed: Sequence[Change] = ()
    rescheduled: Sequence[Source] = ()
    dropped: Sequence[str] = ()


def carry_out(database: Database, changes: Changes) -> None:
    """Do all of it, or nothing. What is new is due at once.

    Raises:
        FailedError: somebody else changed one of the sources meanwhile.
    """
    with database.write(long=True) as connection:
        now = database.now()
        kept_sources.add(connection, changes.added, now)
        slot_upkeep.plan_at_once(connection, [one.name for one in changes.added], now)
        kept_sources.change(connection, changes.changed)
        ids = kept_sources.ids(connection, [source.name for source in changes.rescheduled])
        slots.no_later(
            connection, {ids[one.name]: following(one, now, now) for one in changes.rescheduled}
        )
        kept_sources.drop(connection, changes.dropped)
