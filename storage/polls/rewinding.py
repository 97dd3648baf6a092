"""What a clock that was ahead has recorded beyond now: nobody has seen that time yet.

Versions keep their times, they are in the chain. Coverage is what polls vouch for: it ends with the
last poll that had been made by now, and up to now there is a gap.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, delete, func, insert, select, update

from pricetrail.storage import tables as t
from pricetrail.storage.polls.polls import CHANGED, GOOD, IMPORTED, MISSED, UNCHANGED

CLOCK_WHY = "the clock was set back: what it had recorded ahead of its time does not count"
_SEEN = (GOOD, IMPORTED)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is recorded beyond `now`.

    `observed`: how much time polls would vouch for there; `seen_until`: the last time up to `now`
    for which one vouches, None where there is none.
    """

    now: datetime
    observed: timedelta
    seen_until: datetime | None


def ahead_of(connection: Connection, source_id: int, now: datetime) -> Ahead:
    """What a source's coverage says of the time after `now`."""
    place = {"source": source_id, "at": now}
    rows = connection.execute(_AHEAD, place).all()
    lengths = (row.last_at - max(row.first_at, now) for row in rows if row.outcome == GOOD)
    last = connection.execute(_LAST_BEGUN, place).first()
    seen_until = None
    if last is not None:
        seen_until = last.last_at
        if seen_until > now:
            # Of the polls of a stretch only those whose rows are kept can be told apart.
            done = connection.execute(_LAST_POLL, place | {"since": last.first_at}).scalar()
            seen_until = done or last.first_at
    return Ahead(now, sum(lengths, timedelta(0)), seen_until)


def rewind(connection: Connection, source_id: int, ahead: Ahead, until: datetime) -> None:
    """Let nothing vouch for the time after `ahead.now`, and write a gap down up to `until`."""
    place = {"source": source_id, "at": ahead.now}
    # The source's row first, as every poll does: two of them never wait for each other.
    version = connection.execute(_LOCK, place).scalar_one()
    connection.execute(_SOURCE, place | {"seen": ahead.seen_until or ahead.now})
    if ahead.seen_until is not None:
        connection.execute(_CUT, place | {"until": ahead.seen_until})
    # The gaps that this one takes the place of, also up to a poll that was ahead: one is enough.
    connection.execute(_OLD_GAPS, place | {"seen": ahead.seen_until or ahead.now})
    connection.execute(_MOVE, place | {"edge": ahead.now, "missed": MISSED, "reason": CLOCK_WHY})
    row = {
        "source_id": source_id,
        "outcome": MISSED,
        "version": version,
        "first_at": ahead.seen_until or ahead.now,
        "last_at": until,
        "polls": 0,
        "why": CLOCK_WHY,
    }
    connection.execute(insert(t.coverage).values(**row))


_OURS = t.coverage.c.source_id == bindparam("source")
_AHEAD = select(t.coverage).where(_OURS, t.coverage.c.last_at > bindparam("at"))
_LAST_BEGUN = (
    select(t.coverage.c.first_at, t.coverage.c.last_at)
    .where(_OURS, t.coverage.c.outcome.in_(_SEEN), t.coverage.c.first_at <= bindparam("at"))
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
# The seen stretch that now lies in ends with the last poll before it.
_CUT = (
    update(t.coverage)
    .where(
        _OURS,
        t.coverage.c.outcome.in_(_SEEN),
        t.coverage.c.first_at <= bindparam("at"),
        t.coverage.c.last_at > bindparam("at"),
    )
    .values(last_at=bindparam("until"))
)
_OLD_GAPS = delete(t.coverage).where(
    _OURS,
    t.coverage.c.first_at >= bindparam("seen"),
    t.coverage.c.last_at > bindparam("at"),
    t.coverage.c.outcome == MISSED,
    t.coverage.c.polls == 0,
)
# Whatever else reaches beyond now is pulled back to it, and saw nothing.
_MOVE = (
    update(t.coverage)
    .where(_OURS, t.coverage.c.last_at > bindparam("at"))
    .values(
        outcome=case(
            (t.coverage.c.outcome.in_(_SEEN), bindparam("missed", type_=t.coverage.c.outcome.type)),
            else_=t.coverage.c.outcome,
        ),
        why=case(
            (t.coverage.c.outcome.in_(_SEEN), bindparam("reason", type_=t.coverage.c.why.type)),
            else_=t.coverage.c.why,
        ),
        first_at=case(
            (
                t.coverage.c.first_at > bindparam("at"),
                bindparam("edge", type_=t.coverage.c.first_at.type),
            ),
            else_=t.coverage.c.first_at,
        ),
        last_at=bindparam("at"),
    )
)
