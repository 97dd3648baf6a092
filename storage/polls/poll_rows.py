"""The rows of single polls: one for each slot, whatever comes of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Insert, insert, select, update

from pricetrail.storage import tables as t
from pricetrail.storage.errors import StaleHolderError
from pricetrail.storage.many import ForEach, Given
from pricetrail.storage.polls.outcomes import UNCHANGED
from pricetrail.storage.polls.polls import Poll
from pricetrail.storage.sources import FARTHEST_LEASE

# By so much clocks may be apart: of the one that planned a slot, and of the one that served it.
_BEFORE_ITS_SLOT = timedelta(days=1)
_OF_POLL = t.poll.c


def log(
    connection: Connection, poll: Poll, outcome: str, version: int, error: str | None = None
) -> None:
    """Write the poll's own row, in the transaction that moved the source on before.

    That one holds the source's row: of two polls of one slot the later sees the earlier's.

    Raises:
        StaleHolderError: its slot is recorded already.
    """
    _write_rows(connection, [_row(poll, outcome, version, error)])


def log_unchanged(connection: Connection, polled: Sequence[Poll]) -> None:
    """Write the rows of polls that found the accepted catalog.

    Raises:
        StaleHolderError: the slot of one of them is recorded already.
    """
    rows = [_row(poll, UNCHANGED, poll.source.head_version) for poll in polled if poll.logged]
    _write_rows(connection, rows)


def _write_rows(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    if _NEW_POLL.run(connection, rows) != len(rows):
        raise StaleHolderError("this slot was recorded by another poll meanwhile")


def _row(poll: Poll, outcome: str, version: int, error: str | None = None) -> dict[str, object]:
    return {
        "source": poll.source.id,
        "slot": poll.slot,
        "since": _earliest(poll.slot),
        "started": poll.started_at,
        "finished": poll.finished_at,
        "outcome": outcome,
        "version": version,
        "error": error,
    }


def _earliest(slot: datetime | None) -> datetime | None:
    """Since when a poll may have begun that served a slot: the months before are not looked at.

    One that began long before its slot did so by a clock that has been set back since: then that
    slot is still to come.
    """
    return None if slot is None else slot - _BEFORE_ITS_SLOT


def free_early_slot(connection: Connection, source: str, slot: datetime, now: datetime) -> None:
    """Free a slot that a clock that ran ahead had polled before its time."""
    named = select(t.source.c.id).where(t.source.c.name == source).scalar_subquery()
    early = t.poll.c.started_at > now + FARTHEST_LEASE
    polled = (t.poll.c.source_id == named) & (t.poll.c.slot == slot)
    connection.execute(update(t.poll).where(polled, early).values(slot=None))


_WRITTEN = {
    "source": _OF_POLL.source_id,
    "slot": _OF_POLL.slot,
    "started": _OF_POLL.started_at,
    "finished": _OF_POLL.finished_at,
    "outcome": _OF_POLL.outcome,
    "version": _OF_POLL.version,
    "error": _OF_POLL.error,
}


def _new_poll(given: Given) -> Insert:
    """A row, unless its slot has one: parted by months, the table has no key that says so."""
    same_slot = select(_OF_POLL.id).where(
        _OF_POLL.source_id == given("source"),
        _OF_POLL.slot == given("slot"),
        _OF_POLL.started_at >= given("since"),
    )
    return insert(t.poll).from_select(
        [column.name for column in _WRITTEN.values()],
        select(*map(given, _WRITTEN)).where(~same_slot.exists()),
    )


_NEW_POLL = ForEach(
    {name: column.type for name, column in _WRITTEN.items()} | {"since": _OF_POLL.started_at.type},
    _new_poll,
)
