"""What a clock that was ahead has recorded beyond now: nobody has seen that time yet.

Versions keep their times, they are in the chain. Coverage ends with the last poll that had been
made by now, and up to now there is a gap.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select, update

from pricetrail.storage import tables as t
from pricetrail.storage.polls import coverage_log
from pricetrail.storage.polls.outcomes import CHANGED, GOOD, SEEN, UNCHANGED


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is recorded beyond `now`.

    `observed`: how much time polls would cover there; `seen_until`: the last time up to `now` that
    one covers, None where there is none.
    """

    now: datetime
    observed: timedelta
    seen_until: datetime | None


def ahead_of(connection: Connection, source_id: int, now: datetime) -> Ahead:
    """What a source's coverage says of the time after `now`."""
    ours = {"source": source_id, "at": now}
    rows = connection.execute(_AHEAD, ours).all()
    lengths = (row.last_at - max(row.first_at, now) for row in rows if row.outcome == GOOD)
    last = connection.execute(_LAST_BEGUN, ours).first()
    seen_until = None
    if last is not None:
        seen_until = last.last_at
        if seen_until > now:
            # Of the polls of a stretch only those whose rows are kept can be told apart.
            done = connection.execute(_LAST_POLL, ours | {"since": last.first_at}).scalar()
            seen_until = done or last.first_at
    return Ahead(now, sum(lengths, timedelta(0)), seen_until)


def rewind(connection: Connection, source_id: int, ahead: Ahead, until: datetime) -> None:
    """Let nothing cover the time after `ahead.now`, and write a gap down up to `until`."""
    ours = {"source": source_id, "at": ahead.now}
    # The source's row first, as every poll does: two of them never wait for each other.
    version = connection.execute(_LOCK, ours).scalar_one()
    connection.execute(_SOURCE, ours | {"seen": ahead.seen_until or ahead.now})
    coverage_log.give_up(connection, source_id, version, ahead.now, ahead.seen_until, until)


_OURS = t.coverage.c.source_id == bindparam("source")
_AHEAD = select(t.coverage).where(_OURS, t.coverage.c.last_at > bindparam("at"))
_LAST_BEGUN = (
    select(t.coverage.c.first_at, t.coverage.c.last_at)
    .where(_OURS, t.coverage.c.outcome.in_(SEEN), t.coverage.c.first_at <= bindparam("at"))
    .order_by(t.coverage.c.first_at.desc(), t.coverage.c.id.desc())
    .limit(1)
)
_LAST_POLL = select(func.max(t.poll.c.started_at, type_=t.poll.c.started_at.type)).where(
    t.poll.c.source_id == bindparam("source"),
    t.poll.c.outcome.in_((CHANGED, UNCHANGED)),
    t.poll.c.started_at >= bindparam("since"),
    t.poll.c.started_at <= bindparam("at"),
)
_LOCK = (
    select(t.source.c.head_version).where(t.source.c.id == bindparam("source")).with_for_update()
)
_SOURCE = (
    update(t.source)
    .where(t.source.c.id == bindparam("source"), t.source.c.good_started_at > bindparam("at"))
    .values(good_started_at=bindparam("seen"), good_at=bindparam("seen"))
)
