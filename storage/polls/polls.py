"""Recording polls: every one leaves a row, and coverage says what they vouch for together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, update

from pricetrail.storage import tables as t
from pricetrail.storage.errors import StaleHolderError
from pricetrail.storage.polls.poll_state import LastStretch, last_stretch
from pricetrail.storage.sources import FARTHEST_LEASE, SourceState

GOOD, FAILED, QUARANTINED, IMPORTED = "good", "failed", "quarantined", "imported"
MISSED = "missed"
MISSED_WHY = "no poll was made, though the schedule asked for some"
CHANGED, UNCHANGED = "changed", "unchanged"
_BAD = (FAILED, QUARANTINED, MISSED)


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll: the state it began from, when it ran, and the slot it served, if any.

    `missed`: a slot of the schedule had no poll since the last good one; `longest_pause`: how far
    apart two observations may be and still vouch for the time between them, where there is no
    schedule. `doubtful`: the clock is in doubt, and with it the poll's times. `asked_at`: when it
    began by the clock, where that is before what is recorded already. `ends` is where
    coverage ends, as read with `source`: one stretch or none; None where it is to be read.
    `waits`: whether changes may wait to be announced.
    """

    source: SourceState
    started_at: datetime
    finished_at: datetime
    slot: datetime | None = None
    token: str | None = None
    missed: bool = False
    longest_pause: timedelta | None = None
    doubtful: bool = False
    asked_at: datetime | None = None
    imported: bool = False
    # True where the coverage of what was imported is recorded by itself.
    covered: bool = False
    # False for what is no poll of its own: a catalog that was approved afterwards.
    logged: bool = True
    ends: Sequence[LastStretch] | None = None
    waits: bool = True


def record_unchanged(
    connection: Connection, poll: Poll, *, body_hash: bytes | None = None, etag: str | None = None
) -> None:
    """A good poll that found the last accepted catalog; a new notation of it is remembered.

    Raises:
        StaleHolderError: another poll was recorded since this one began.
    """
    _advance(connection, poll, body_hash or poll.source.body_hash, etag or poll.source.etag)
    _good_coverage(connection, poll, poll.source.head_version)
    if poll.logged and not poll.imported:
        _insert_poll(connection, poll, UNCHANGED, poll.source.head_version)


def record_changed(
    connection: Connection,
    poll: Poll,
    version: int,
    head_hash: bytes,
    body_hash: bytes,
    etag: str | None,
) -> None:
    """A good poll that made version `version` and is the new head.

    Raises:
        StaleHolderError: another poll was recorded since this one began.
    """
    _advance(connection, poll, body_hash, etag, version=version, head_hash=head_hash)
    last = _good_coverage(connection, poll, version)
    if last is not None and last.outcome in _BAD and last.last_at > poll.finished_at:
        # Approved as of a poll after which others went wrong: what they left open stays open.
        since, until = poll.finished_at, replace(poll, finished_at=last.last_at)
        _begin_stretch(connection, until, last.outcome, version, last.why, since=since, polls=0)
    if poll.logged and not poll.imported:
        _insert_poll(connection, poll, CHANGED, version)


def record_bad(connection: Connection, poll: Poll, outcome: str, why: str) -> None:
    """A poll that failed, or whose catalog was set aside: the baseline stays.

    Raises:
        StaleHolderError: another poll was recorded since this one began.
    """
    failed = outcome == FAILED
    values = {
        "polls": t.source.c.polls + 1,
        "last_poll_at": poll.finished_at,
        "last_error": why,
        "failures": t.source.c.failures + 1 if failed else 0,
    }
    if not failed and poll.source.failing_told:
        # Still to be said: how many polls had failed when the first good one comes.
        del values["failures"]
    if failed and poll.source.failures == 0:
        values["failing_since"] = poll.finished_at
    _require_one(
        connection.execute(
            update(t.source)
            .where(t.source.c.id == poll.source.id, t.source.c.polls == poll.source.polls)
            .values(**values)
        ).rowcount
    )
    _require_lease(connection, poll)
    _bad_coverage(connection, poll, outcome, why)
    _insert_poll(connection, poll, outcome, poll.source.head_version, why)


def recorded(
    connection: Connection, source: str, slot: datetime, now: datetime | None = None
) -> bool:
    """Whether a slot was polled already: not so where a clock that ran ahead did it before time."""
    query = select(t.poll.c.id, t.poll.c.started_at)
    query = query.join(t.source, t.source.c.id == t.poll.c.source_id)
    query = query.where(t.source.c.name == source, t.poll.c.slot == slot)
    found = connection.execute(query).first()
    if found is None or now is None or found.started_at <= now + FARTHEST_LEASE:
        return found is not None
    # The slot is free again, for the poll that serves it.
    connection.execute(update(t.poll).where(t.poll.c.id == found.id).values(slot=None))
    return False


def finished(connection: Connection, source_id: int, back: int) -> datetime | None:
    """When the `back`-th last poll ended (1: the last one); None where it is not kept any more."""
    query = select(t.poll.c.finished_at).where(t.poll.c.source_id == source_id)
    row = connection.execute(query.order_by(t.poll.c.id.desc()).offset(back - 1).limit(1))
    return row.scalar()


def tell_failing(connection: Connection, source_id: int, told: bool) -> None:
    """Remember whether `source.failing` was announced and not yet taken back."""
    connection.execute(update(t.source).where(t.source.c.id == source_id).values(failing_told=told))


def _advance(
    connection: Connection,
    poll: Poll,
    body_hash: bytes | None,
    etag: str | None,
    *,
    version: int | None = None,
    head_hash: bytes | None = None,
) -> None:
    """Move the source on, if nobody else has since this poll began."""
    source = poll.source
    done = connection.execute(
        _ADVANCE,
        {
            "source": source.id,
            "expected": source.polls,
            "new_polls": source.polls + 1,
            "now": poll.finished_at,
            "started": poll.asked_at or poll.started_at,
            "hash": body_hash,
            "tag": etag,
            "version": source.head_version if version is None else version,
            "chain": source.head_hash if head_hash is None else head_hash,
        },
    )
    _require_one(done.rowcount)
    _require_lease(connection, poll)


def _require_one(rows: int) -> None:
    if rows != 1:
        raise StaleHolderError("another poll of this source was recorded meanwhile")


def _require_lease(connection: Connection, poll: Poll) -> None:
    if poll.token is None:
        return
    held = connection.execute(_LEASE, {"source": poll.source.id}).scalar()
    if held != poll.token:
        raise StaleHolderError("the lease on this slot ran out and was taken over")


def _good_coverage(connection: Connection, poll: Poll, version: int) -> LastStretch | None:
    """Vouch for the time since the last good poll, if nothing went wrong; where coverage ended."""
    if poll.covered:
        return None
    last = _last_stretch(connection, poll)
    kind = IMPORTED if poll.imported else GOOD
    pause = poll.started_at - last.last_at if last is not None else timedelta(0)
    missed = poll.missed or (poll.longest_pause is not None and pause > poll.longest_pause)
    if last is not None and missed and last.outcome == GOOD:
        _begin_stretch(connection, poll, MISSED, last.version, MISSED_WHY, since=last.last_at)
    if last is None or missed or (last.outcome, last.version) != (kind, version):
        _begin_stretch(connection, poll, kind, version, None)
        return last
    # The last instant that is vouched for is when the request went out.
    until = max(last.last_at, poll.started_at)
    gap = max(last.longest_gap_ms, _milliseconds(pause))
    connection.execute(_EXTEND, {"row": last.id, "until": until, "gap": gap})
    return last


def _bad_coverage(connection: Connection, poll: Poll, outcome: str, why: str) -> None:
    last = _last_stretch(connection, poll)
    if last is None and poll.doubtful:
        # Coverage does not begin at a time that may be any.
        return
    if last is not None and last.outcome == outcome and last.why == why:
        gap = max(last.longest_gap_ms, _milliseconds(poll.finished_at - last.last_at))
        connection.execute(_EXTEND, {"row": last.id, "until": poll.finished_at, "gap": gap})
    else:
        _begin_stretch(connection, poll, outcome, poll.source.head_version, why)


def _last_stretch(connection: Connection, poll: Poll) -> LastStretch | None:
    if poll.ends is not None:
        return next(iter(poll.ends), None)
    return last_stretch(connection, poll.source.id)


def _begin_stretch(
    connection: Connection,
    poll: Poll,
    outcome: str,
    version: int,
    why: str | None,
    *,
    since: datetime | None = None,
    polls: int = 1,
) -> None:
    connection.execute(
        _NEW_COVERAGE,
        {
            "source_id": poll.source.id,
            "outcome": outcome,
            "version": version,
            "first_at": since or poll.finished_at,
            "last_at": poll.finished_at,
            "polls": 0 if outcome == MISSED else polls,
            "longest_gap_ms": 0,
            "why": why,
        },
    )


def _milliseconds(span: timedelta) -> int:
    return max(0, span // timedelta(milliseconds=1))


def _insert_poll(
    connection: Connection, poll: Poll, outcome: str, version: int, error: str | None = None
) -> None:
    connection.execute(
        _NEW_POLL,
        {
            "source_id": poll.source.id,
            "slot": poll.slot,
            "started_at": poll.started_at,
            "finished_at": poll.finished_at,
            "outcome": outcome,
            "version": version,
            "error": error,
        },
    )


_ADVANCE = (
    update(t.source)
    .where(t.source.c.id == bindparam("source"), t.source.c.polls == bindparam("expected"))
    .values(
        polls=bindparam("new_polls"),
        good_polls=t.source.c.good_polls + 1,
        last_poll_at=bindparam("now"),
        good_at=bindparam("now"),
        good_started_at=bindparam("started"),
        body_hash=bindparam("hash"),
        etag=bindparam("tag"),
        head_version=bindparam("version"),
        head_hash=bindparam("chain"),
        failures=0,
        failing_since=None,
        last_error=None,
    )
)
_LEASE = select(t.source.c.lease_token).where(t.source.c.id == bindparam("source"))
_EXTEND = (
    update(t.coverage)
    .where(t.coverage.c.id == bindparam("row"))
    .values(
        last_at=bindparam("until"),
        polls=t.coverage.c.polls + 1,
        longest_gap_ms=bindparam("gap"),
    )
)
_NEW_COVERAGE = insert(t.coverage)
_NEW_POLL = insert(t.poll)
