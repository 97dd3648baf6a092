"""The rows of single polls, and how each poll moves its source on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Update, func, literal, select, update

from pricetrail.storage import slots
from pricetrail.storage import tables as t
from pricetrail.storage.errors import StaleHolderError
from pricetrail.storage.many import ForEach, Given
from pricetrail.storage.polls.outcomes import FAILED, GOOD, MISSED
from pricetrail.storage.polls.stretches import Stretch
from pricetrail.storage.slots import Planned
from pricetrail.storage.sources import SourceState


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll: the state it began from, when it ran, and the slot it served, if any.

    `token` is of the lease that its writer must still hold, and `following` the slot that takes
    the place of the one that it served. `missed`: a slot of the schedule had no poll since the
    last good one; `longest_pause`: how far apart two observations may be and still cover the time
    between them, where there is no schedule. `doubtful`: the clock is in doubt, and with it the
    poll's times. `asked_at`: when it began by the clock, where that is before what is recorded
    already. `ends` is where coverage ends, as read with `source`: one stretch or none; None where
    it is to be read. `waits`: whether changes may wait to be announced. `covers`: the outcome that
    coverage gives it where it is good, None where that is recorded by itself. `logged`: whether it
    is a poll of its own, with a row; an import and a catalog that is approved afterwards are none.
    `overdue_at`: from when on the source is overdue, unless another poll is answered before; None
    leaves it. `slots_missed`: how many slots had no poll since the last one, of whatever outcome.
    """

    source: SourceState
    started_at: datetime
    finished_at: datetime
    slot: datetime | None = None
    token: str | None = None
    following: Planned | None = None
    missed: bool = False
    longest_pause: timedelta | None = None
    doubtful: bool = False
    asked_at: datetime | None = None
    covers: str | None = GOOD
    logged: bool = True
    ends: Sequence[Stretch] | None = None
    waits: bool = True
    overdue_at: datetime | None = None
    slots_missed: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """A good poll that found the accepted catalog; another notation of it, None where it is."""

    poll: Poll
    body_hash: bytes | None
    etag: str | None


def move_on(
    connection: Connection,
    poll: Poll,
    *,
    body_hash: bytes | None,
    etag: str | None,
    version: int,
    head_hash: bytes,
) -> None:
    """Move the source on to what a good poll saw, if nobody else has since that poll began.

    Raises:
        StaleHolderError: another poll was recorded since this one began.
    """
    row = _moved_on(poll, body_hash, etag, version, head_hash)
    _require_one(_MOVE_ON.run(connection, [row]))
    _require_lease(connection, poll)


def find_again(connection: Connection, seen: Sequence[Seen]) -> None:
    """Move sources on that good polls found at their version; give back the slots they served.

    Raises:
        StaleHolderError: of one of them another poll was recorded since it began, or its lease
            ran out: nothing of any must be kept.
    """
    rows = []
    for one in seen:
        source = one.poll.source
        hashed = one.body_hash or source.body_hash
        rows.append(
            _moved_on(
                one.poll, hashed, one.etag or source.etag, source.head_version, source.head_hash
            )
        )
    _require(_MOVE_ON.run(connection, rows) == len(rows))
    served = [one.poll for one in seen if one.poll.token is not None]
    given = [
        slots.Finished(poll.source.id, poll.token, poll.following)
        for poll in served
        if poll.token is not None and poll.following is not None
    ]
    if slots.finish_many(connection, given) != len(served):
        raise StaleHolderError(_LOST)


def _moved_on(
    poll: Poll, body_hash: bytes | None, etag: str | None, version: int, head_hash: bytes
) -> dict[str, object]:
    source = poll.source
    changed = version != source.head_version
    return {
        "source": source.id,
        "expected": source.polls,
        "before": source.head_hash,
        "new_polls": source.polls + 1,
        "changed": int(poll.logged and changed),
        "unchanged": int(poll.logged and not changed),
        "overdue": poll.overdue_at,
        "now": poll.finished_at,
        "started": poll.asked_at or poll.started_at,
        "hash": body_hash,
        "tag": etag,
        "version": version,
        "chain": head_hash,
    }


def stay(connection: Connection, poll: Poll, outcome: str, why: str) -> None:
    """Count a poll that was no good: the source stays at its version.

    Raises:
        StaleHolderError: another poll was recorded since this one began.
    """
    failed = outcome == FAILED
    counted = t.source.c.polls_failed if failed else t.source.c.polls_quarantined
    values = {
        "polls": t.source.c.polls + 1,
        counted.name: counted + 1,
        "last_poll_at": poll.finished_at,
        "last_error": why,
        "failures": t.source.c.failures + 1 if failed else 0,
        "missed_polls": t.source.c.missed_polls + poll.slots_missed if failed else 0,
    }
    if not failed and poll.source.failing_told:
        # Still to be said: how many polls had failed when the first good one comes.
        del values["failures"]
        values["missed_polls"] = t.source.c.missed_polls + poll.slots_missed
    if failed and poll.source.failures == 0:
        values["failing_since"] = poll.finished_at
    if poll.overdue_at is not None:
        # A poll that failed is no answer: it puts off nothing.
        kept = t.source.c.overdue_at
        values["overdue_at"] = (
            func.coalesce(kept, literal(poll.overdue_at, kept.type), type_=kept.type)
            if failed
            else poll.overdue_at
        )
    unmoved = (t.source.c.id == poll.source.id) & (t.source.c.polls == poll.source.polls)
    done = connection.execute(update(t.source).where(unmoved).values(**values))
    _require_one(done.rowcount)
    _require_lease(connection, poll)


def count_imported(
    connection: Connection, source: SourceState, stretches: Sequence[Stretch], known: int = 0
) -> None:
    """Let the source stand where the coverage that was just written ends.

    Args:
        source: as it was before the observation that they came with was recorded.
        known: how many polls of the first stretch were counted already.
    """
    seen = [stretch for stretch in stretches if stretch.seen]
    polls = sum(stretch.polls for stretch in stretches) - known
    good_polls = sum(stretch.polls for stretch in seen) - (known if stretches[0].seen else 0)
    values = {
        "polls": source.polls + max(1, polls),
        "good_polls": source.good_polls + max(1, good_polls),
        "last_poll_at": _latest(source.last_poll_at, (s for s in stretches if s.outcome != MISSED)),
        "good_at": _latest(source.good_at, seen),
        "good_started_at": _latest(source.good_started_at, seen),
    }
    connection.execute(update(t.source).where(t.source.c.id == source.id).values(**values))


def finished(connection: Connection, source_id: int, back: int) -> datetime | None:
    """When the `back`-th last poll ended (1: the last one); None where it is not kept any more."""
    query = select(t.poll.c.finished_at).where(t.poll.c.source_id == source_id)
    row = connection.execute(query.order_by(t.poll.c.id.desc()).offset(back - 1).limit(1))
    return row.scalar()


def remember_failing(
    connection: Connection, source_id: int, told_at: datetime | None, reminders: int = 0
) -> None:
    """Remember when `source.failing` was last announced, and how often again; None: taken back."""
    values = {
        "failing_told": told_at is not None,
        "failing_told_at": told_at,
        "failing_reminders": reminders,
    }
    connection.execute(update(t.source).where(t.source.c.id == source_id).values(**values))


def _latest(before: datetime | None, stretches: Iterable[Stretch]) -> datetime | None:
    moments = (before, *(stretch.last_at for stretch in stretches))
    return max((moment for moment in moments if moment is not None), default=None)


def _require_one(rows: int) -> None:
    _require(rows == 1)


def _require(unmoved: bool) -> None:
    if not unmoved:
        raise StaleHolderError("another poll of this source was recorded meanwhile")


def _require_lease(connection: Connection, poll: Poll) -> None:
    """Give the slot back that the poll served, with the rest that it comes to."""
    if poll.token is None:
        return
    if poll.following is None:
        held = slots.holds(connection, poll.source.id, poll.token)
    else:
        held = slots.finish(connection, poll.source.id, poll.token, poll.following)
    if not held:
        raise StaleHolderError(_LOST)


_LOST = "the lease on this slot ran out and was taken over"
_OF_SOURCE = t.source.c


def _move_on(given: Given) -> Update:
    kept = _OF_SOURCE.overdue_at
    return (
        update(t.source)
        .where(
            _OF_SOURCE.id == given("source"),
            _OF_SOURCE.polls == given("expected"),
            # Where a standby took over that lacks the last polls, others may have come to as many.
            _OF_SOURCE.head_hash == given("before"),
        )
        .values(
            polls=given("new_polls"),
            good_polls=_OF_SOURCE.good_polls + 1,
            polls_changed=_OF_SOURCE.polls_changed + given("changed"),
            polls_unchanged=_OF_SOURCE.polls_unchanged + given("unchanged"),
            overdue_at=func.coalesce(given("overdue"), kept, type_=kept.type),
            last_poll_at=given("now"),
            good_at=given("now"),
            good_started_at=given("started"),
            body_hash=given("hash"),
            etag=given("tag"),
            head_version=given("version"),
            head_hash=given("chain"),
            failures=0,
            missed_polls=0,
            failing_since=None,
            last_error=None,
        )
    )


_MOVE_ON = ForEach(
    {
        "source": _OF_SOURCE.id.type,
        **dict.fromkeys(
            ("expected", "new_polls", "changed", "unchanged", "version"), _OF_SOURCE.polls.type
        ),
        **dict.fromkeys(("overdue", "now", "started"), _OF_SOURCE.good_at.type),
        **dict.fromkeys(("hash", "chain", "before"), _OF_SOURCE.body_hash.type),
        "tag": _OF_SOURCE.etag.type,
    },
    _move_on,
)
