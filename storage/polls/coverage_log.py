"""The only writer of coverage: what polls, imports and a clock that was set back make of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, delete, insert, select, update

from pricetrail.catalog.times import rfc3339
from pricetrail.storage import tables as t
from pricetrail.storage.many import ForEach
from pricetrail.storage.polls.outcomes import BAD, CLOCK_WHY, GOOD, MISSED, MISSED_WHY, SEEN
from pricetrail.storage.polls.polls import Poll
from pricetrail.storage.polls.stretches import Stretch, find_last, milliseconds, missed


def log_unchanged(connection: Connection, poll: Poll) -> None:
    """Let a good poll that saw the source's version cover the time since the last one."""
    _log_good(connection, poll, poll.source.head_version)


def only_extends(poll: Poll) -> bool:
    """Whether a good poll that saw the source's version makes its last stretch longer, no more."""
    last = next(iter(poll.ends or ()), None)
    if last is None or (last.outcome, last.version) != (poll.covers, poll.source.head_version):
        return False
    pause = poll.started_at - last.last_at
    return not poll.missed and (poll.longest_pause is None or pause <= poll.longest_pause)


def extend_each(connection: Connection, polls: Iterable[Poll]) -> None:
    """Let polls for which `only_extends` holds cover the time since the last one."""
    rows = [
        _extended(last, max(last.last_at, poll.started_at), poll.started_at - last.last_at)
        for poll in polls
        for last in poll.ends or ()
    ]
    _EXTEND.run(connection, rows)


def log_changed(connection: Connection, poll: Poll, version: int) -> None:
    """Begin the stretch of a new version."""
    last = _log_good(connection, poll, version)
    if last is not None and last.outcome in BAD and last.last_at > poll.finished_at:
        # Approved as of a poll after which others went wrong: what they left open stays open.
        since, until = poll.finished_at, last.last_at
        _begin(
            connection, poll, Stretch(last.outcome, version, since, until, polls=0, why=last.why)
        )


def log_bad(connection: Connection, poll: Poll, outcome: str, why: str) -> None:
    """Let a poll that failed, or whose catalog was set aside, cover nothing, and say why."""
    last = _last(connection, poll)
    at = poll.finished_at
    if last is None and poll.doubtful:
        # Coverage does not begin at a time that may be any.
        return
    if last is not None and last.outcome == outcome and last.why == why:
        _extend(connection, last, at, at - last.last_at)
    else:
        version = poll.source.head_version
        _begin(connection, poll, Stretch(outcome, version, at, at, polls=1, why=why))


def log_agreement(
    connection: Connection, source_id: int, until: datetime, every: timedelta
) -> None:
    """Let somebody else's polls, one in each period, agree with the last good one `until` a time.

    Nothing is written where coverage reaches that far already, or does not end with a good or
    an imported observation to go on from.
    """
    last = find_last(connection, source_id)
    if last is None or not last.seen or until <= last.last_at:
        return
    polls = max(1, (until - last.last_at) // every)
    if last.outcome == GOOD:
        _extend(connection, last, until, every, polls)
        return
    # An imported point stays what it is; the stretch that is now known begins at it.
    gap = milliseconds(every)
    append(connection, source_id, [Stretch(GOOD, last.version, last.last_at, until, polls, gap)])


def append(connection: Connection, source_id: int, stretches: Iterable[Stretch]) -> None:
    """Write stretches behind the end of a source's coverage."""
    for stretch in stretches:
        connection.execute(_NEW, _row(stretch) | {"source_id": source_id})


def extend(
    connection: Connection, source_id: int, stretches: Iterable[Stretch]
) -> tuple[list[Stretch], int]:
    """Write what is new of the stretches of a source's head; what is covered already stays.

    What overlaps with later polls of the source's own is left out: nobody has seen what both say
    together.

    Returns:
        The stretches that were written, and how many polls of the first were known.
    """
    last = find_last(connection, source_id)
    new: list[Stretch] = []
    known = 0
    for stretch in stretches:
        if not new and last is not None and stretch.last_at <= last.last_at:
            continue
        if not new and last is not None and _begin_alike(stretch, last):
            known = last.polls
            connection.execute(_REPLACE.values(**_row(stretch)), {"row": last.id})
        elif new or last is None or stretch.first_at >= last.last_at:
            append(connection, source_id, [stretch])
        else:
            continue
        new.append(stretch)
    return new, known


def give_up(
    connection: Connection,
    source_id: int,
    version: int,
    now: datetime,
    seen_until: datetime | None,
    until: datetime,
) -> None:
    """Cover nothing after `now` any more, and write a gap from `seen_until` up to `until`."""
    ours = {"source": source_id, "at": now}
    begin = seen_until or now
    if seen_until is not None:
        connection.execute(_CUT, ours | {"until": seen_until})
    # The gaps that this one takes the place of, also up to a poll that was ahead: one is enough.
    connection.execute(_DELETE_GAPS, ours | {"seen": begin})
    connection.execute(_PULL_BACK, ours | {"edge": now, "missed": MISSED, "reason": CLOCK_WHY})
    append(connection, source_id, [missed(version, begin, until, CLOCK_WHY)])


def _log_good(connection: Connection, poll: Poll, version: int) -> Stretch | None:
    """Cover the time since the last good poll, if nothing went wrong; where coverage ended."""
    if poll.covers is None:
        return None
    last = _last(connection, poll)
    pause = poll.started_at - last.last_at if last is not None else timedelta(0)
    late = poll.missed or (poll.longest_pause is not None and pause > poll.longest_pause)
    if last is not None and late and last.outcome == GOOD:
        why = _before_polls(connection, poll, last) or MISSED_WHY
        _begin(connection, poll, missed(last.version, last.last_at, poll.finished_at, why))
    if last is None or late or (last.outcome, last.version) != (poll.covers, version):
        at = poll.finished_at
        _begin(connection, poll, Stretch(poll.covers, version, at, at, polls=1))
        return last
    # The last instant that is covered is when the request went out.
    _extend(connection, last, max(last.last_at, poll.started_at), pause)
    return last


def _before_polls(connection: Connection, poll: Poll, last: Stretch) -> str | None:
    """Why nobody polled before the first poll of all, behind what was imported: None after it."""
    counted = connection.execute(_POLLS, {"source": poll.source.id}).scalar_one()
    if not poll.logged or counted > 1:
        return None
    return f"imported until {rfc3339(last.last_at)}, polled since {rfc3339(poll.finished_at)}"


def _last(connection: Connection, poll: Poll) -> Stretch | None:
    if poll.ends is not None:
        return next(iter(poll.ends), None)
    return find_last(connection, poll.source.id)


def _begin(connection: Connection, poll: Poll, stretch: Stretch) -> None:
    append(connection, poll.source.id, [stretch])


def _extend(
    connection: Connection, last: Stretch, until: datetime, pause: timedelta, polls: int = 1
) -> None:
    _EXTEND.run(connection, [_extended(last, until, pause, polls)])


def _extended(
    last: Stretch, until: datetime, pause: timedelta, polls: int = 1
) -> dict[str, object]:
    gap = max(last.longest_gap_ms, milliseconds(pause))
    return {"row": last.id, "until": until, "more": polls, "gap": gap}


def _begin_alike(one: Stretch, other: Stretch) -> bool:
    begins = (other.outcome, other.version, other.first_at)
    return (one.outcome, one.version, one.first_at) == begins


def _row(stretch: Stretch) -> dict[str, object]:
    return {name: getattr(stretch, name) for name in _WRITTEN}


_WRITTEN = [name for name in Stretch.__dataclass_fields__ if name != "id"]
_NEW = insert(t.coverage)
_REPLACE = update(t.coverage).where(t.coverage.c.id == bindparam("row"))
_EXTEND = ForEach(
    {
        "row": t.coverage.c.id.type,
        "until": t.coverage.c.last_at.type,
        "more": t.coverage.c.polls.type,
        "gap": t.coverage.c.longest_gap_ms.type,
    },
    lambda given: (
        update(t.coverage)
        .where(t.coverage.c.id == given("row"))
        .values(
            last_at=given("until"),
            polls=t.coverage.c.polls + given("more"),
            longest_gap_ms=given("gap"),
        )
    ),
)
# This one is among them.
_POLLS = select(
    t.source.c.polls_changed
    + t.source.c.polls_unchanged
    + t.source.c.polls_failed
    + t.source.c.polls_quarantined
).where(t.source.c.id == bindparam("source"))
_OURS = t.coverage.c.source_id == bindparam("source")
_WAS_SEEN = t.coverage.c.outcome.in_(SEEN)
# The seen stretch that now lies in ends with the last poll before it.
_CUT = (
    update(t.coverage)
    .where(
        _OURS,
        _WAS_SEEN,
        t.coverage.c.first_at <= bindparam("at"),
        t.coverage.c.last_at > bindparam("at"),
    )
    .values(last_at=bindparam("until"))
)
_DELETE_GAPS = delete(t.coverage).where(
    _OURS,
    t.coverage.c.first_at >= bindparam("seen"),
    t.coverage.c.last_at > bindparam("at"),
    t.coverage.c.outcome == MISSED,
    t.coverage.c.polls == 0,
)
# Whatever else reaches beyond now is pulled back to it, and saw nothing.
_PULL_BACK = (
    update(t.coverage)
    .where(_OURS, t.coverage.c.last_at > bindparam("at"))
    .values(
        outcome=case(
            (_WAS_SEEN, bindparam("missed", type_=t.coverage.c.outcome.type)),
            else_=t.coverage.c.outcome,
        ),
        why=case(
            (_WAS_SEEN, bindparam("reason", type_=t.coverage.c.why.type)),
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
