"""Where a source's coverage ends, and whether what lies before is still as it was.

Of what is written of coverage (`coverage_log`) the last row alone is extended, and others are
appended behind its end. A clock that is set back (`rewinding`) changes rows as well: then the last
one that saw a catalog ends earlier than it did, or all that changes lies behind its end.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, case, func, select

from pricetrail.storage import tables as t
from pricetrail.storage.polls.outcomes import SEEN
from pricetrail.storage.polls.stretches import COLUMNS, Stretch


class CoverageEnd(NamedTuple):
    """The last stretch that saw a catalog, by its number, and the chain's hash at its version.

    No stretch with a lower number ends after it. `first_at` and `last_at` are those of all
    stretches, also of those behind it.
    """

    stretch: Stretch
    hash: bytes | None
    first_at: datetime
    last_at: datetime

    @property
    def settled_until(self) -> datetime:
        """While it is there, nothing before this time is told otherwise, whatever comes."""
        return self.stretch.last_at


def find_end(connection: Connection, source_id: int) -> CoverageEnd | None:
    """The end of a source's coverage; None where nothing was seen yet, or an earlier one lasts."""
    row = connection.execute(_LAST, {"source": source_id}).first()
    if row is None:
        return None
    *columns, chain = row
    stretch = Stretch(*columns)
    asked = {"source": source_id, "id": stretch.id}
    first, before, last = connection.execute(_TIMES, asked).one()
    if before is not None and before > stretch.last_at:
        return None
    return CoverageEnd(stretch, chain, first, last)


def end_after(connection: Connection, source_id: int, known: CoverageEnd) -> CoverageEnd | None:
    """The end as it is now; None where something before `known.settled_until` may be another."""
    asked = {"source": source_id, "id": known.stretch.id}
    rows = [(Stretch(*row[:-1]), row[-1]) for row in connection.execute(_SINCE, asked)]
    if not rows or not _goes_on(known, *rows[0]):
        return None
    if any(one.first_at < known.settled_until for one, _ in rows[1:]):
        return None
    last_at = max(one.last_at for one, _ in rows)
    found = next(
        (stretch, chain)
        for index, (stretch, chain) in reversed(list(enumerate(rows)))
        if index == 0 or _is_end(stretch, [one for one, _ in rows[:index]])
    )
    return CoverageEnd(*found, known.first_at, last_at)


def _goes_on(known: CoverageEnd, now: Stretch, chain: bytes | None) -> bool:
    """Whether a stretch is the known one, or has been extended."""
    before = known.stretch
    same = (before.id, before.outcome, before.version, before.first_at, before.why) == (
        *(now.id, now.outcome, now.version, now.first_at, now.why),
    )
    return same and known.hash == chain and now.last_at >= before.last_at


def _is_end(stretch: Stretch, before: Sequence[Stretch]) -> bool:
    return stretch.seen and all(one.last_at <= stretch.last_at for one in before)


_OURS = t.coverage.c.source_id == bindparam("source")
_ROWS = select(*COLUMNS, t.snapshot.c.chain_hash).outerjoin(
    t.snapshot,
    (t.snapshot.c.source_id == t.coverage.c.source_id)
    & (t.snapshot.c.version == t.coverage.c.version),
)
_LAST = _ROWS.where(_OURS, t.coverage.c.outcome.in_(SEEN)).order_by(t.coverage.c.id.desc()).limit(1)
_SINCE = _ROWS.where(_OURS, t.coverage.c.id >= bindparam("id")).order_by(t.coverage.c.id)
_last_at = t.coverage.c.last_at
_TIMES = select(
    func.min(t.coverage.c.first_at),
    func.max(case((t.coverage.c.id < bindparam("id"), _last_at)), type_=_last_at.type),
    func.max(_last_at),
).where(_OURS)
