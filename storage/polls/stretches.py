"""A stretch of coverage: polls in a row with the same outcome and version."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from pricetrail.storage import tables as t
from pricetrail.storage.polls.outcomes import MISSED, MISSED_WHY, SEEN


@dataclass(frozen=True, slots=True)
class Stretch:
    """Polls in a row with the same outcome and version, as their row says.

    `polls` of them were made from `first_at` to `last_at`, at most `longest_gap_ms` milliseconds
    apart. `why` they were no good; `id` is 0 until it is written.
    """

    outcome: str
    version: int
    first_at: datetime
    last_at: datetime
    polls: int
    longest_gap_ms: int = 0
    why: str | None = None
    id: int = 0

    @property
    def seen(self) -> bool:
        """Whether these polls saw an accepted catalog."""
        return self.outcome in SEEN


def missed(version: int, since: datetime, until: datetime, why: str = MISSED_WHY) -> Stretch:
    """A time without any poll."""
    return Stretch(MISSED, version, since, until, polls=0, why=why)


def milliseconds(span: timedelta) -> int:
    """A span in whole milliseconds, 0 where it goes back."""
    return max(0, span // timedelta(milliseconds=1))


def find_last(connection: Connection, source_id: int) -> Stretch | None:
    """The end of a source's coverage; None where it has none."""
    row = connection.execute(_END, {"source": source_id}).first()
    return None if row is None else Stretch(*row)


# What a stretch is made of, in its order.
COLUMNS = [t.coverage.c[name] for name in Stretch.__dataclass_fields__]
_END = (
    select(*COLUMNS)
    .where(t.coverage.c.source_id == bindparam("source"))
    .order_by(t.coverage.c.id.desc())
    .limit(1)
)
