"""The one writer of polls: failed, unchanged, quarantined or accepted, with all that belongs to it.

Each method writes inside the caller's transaction, so that the poll, its version, the events and
what is enqueued of them are there together, or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pricetrail.jobs.polls.follow_up import FollowUp
from pricetrail.jobs.polls.timing import Timing
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.polls import coverage_log, poll_rows, polls, rewinding
from pricetrail.storage.polls.outcomes import CHANGED, FAILED, QUARANTINED, UNCHANGED
from pricetrail.storage.polls.polls import Poll, Seen

if TYPE_CHECKING:
    from pricetrail.catalog.versions import NewVersion
    from pricetrail.jobs.polls.verdicts import Verdict
    from pricetrail.storage.history.latest import LatestCatalog


def record_plain(connection: Transaction, seen: Sequence[Seen]) -> None:
    """Write polls that found the accepted catalogs, and from which nothing else follows, at once.

    What `PollRecorder.unchanged` writes of each for which `is_plain` holds.

    Raises:
        StaleHolderError: of one of them: nothing of any must be kept.
    """
    polls.find_again(connection, seen)
    coverage_log.extend_each(connection, [one.poll for one in seen])
    poll_rows.log_unchanged(connection, [one.poll for one in seen])


@dataclass(frozen=True, slots=True)
class PollRecorder:
    """Writes what one poll came to: its row, its source's, coverage, and the version it made.

    Every method but `begin` raises `StaleHolderError` where another poll was recorded meanwhile.

    Args:
        follow_up: what follows from it; None for imports, of which nobody is told.
    """

    poll: Poll
    follow_up: FollowUp | None = None

    def begin(self, connection: Transaction, times: Timing) -> None:
        """Write what the poll says of schedules and clocks, before the poll itself."""
        state, check = times.state, times.check
        if times.ahead is not None:
            rewinding.rewind(connection, state.id, times.ahead, times.started)
            # Only now: clocks are rarely set back.
            from pricetrail.storage.history import sunsets  # noqa: PLC0415 - see above

            sunsets.start_anew(connection, state.id, times.started)
        if times.cadence != state.cadence:
            sources.remember_cadence(connection, state.id, times.cadence)
        if (check.offset, check.polls) != (state.clock_offset, state.clock_polls):
            sources.remember_clock(connection, state.id, check.offset, check.polls)

    def is_plain(self, times: Timing) -> bool:
        """Whether a poll that found the accepted catalog comes to what most do: see below."""
        state, check = times.state, times.check
        return (
            times.ahead is None
            and times.cadence == state.cadence
            and (check.offset, check.polls) == (state.clock_offset, state.clock_polls)
            and coverage_log.only_extends(self.poll)
            and self.follow_up is not None
            and self.follow_up.is_nothing
        )

    def failed(self, connection: Transaction, why: str) -> bool:
        """Write a poll that brought no catalog: the accepted one stays; whether it was told."""
        self._bad(connection, FAILED, why)
        if self.follow_up is None:
            return False
        told = self.follow_up.news.failed(connection, why)
        self.follow_up.remind(connection)
        return told

    def quarantined(
        self, connection: Transaction, new: "NewVersion", body: bytes, verdict: "Verdict"
    ) -> int | None:
        """Write a poll whose catalog is set aside: the accepted one stays; its entry's id."""
        self._bad(connection, QUARANTINED, verdict.reason or "")
        if self.follow_up is None:
            return None
        entry = self.follow_up.news.quarantined(connection, new, body, verdict)
        self.follow_up.remind(connection)
        return entry

    def unchanged(
        self, connection: Transaction, *, body_hash: bytes | None = None, etag: str | None = None
    ) -> None:
        """Write a poll that found the accepted catalog; a new notation of it is remembered."""
        state = self.poll.source
        polls.move_on(
            connection,
            self.poll,
            body_hash=body_hash or state.body_hash,
            etag=etag or state.etag,
            version=state.head_version,
            head_hash=state.head_hash,
        )
        coverage_log.log_unchanged(connection, self.poll)
        self._log(connection, UNCHANGED, state.head_version)
        if self.follow_up is not None:
            self.follow_up.unchanged(connection)
            self.follow_up.remind(connection)

    def accepted(
        self,
        connection: Transaction,
        new: "NewVersion",
        body: bytes,
        head: "LatestCatalog | None",
        etag: str | None = None,
    ) -> "LatestCatalog":
        """Write a poll whose catalog is a new version, with its events; the new head.

        Args:
            head: the version before, None for the first.
        """
        version = new.version
        polls.move_on(
            connection,
            self.poll,
            body_hash=new.body_hash,
            etag=etag,
            version=version.number,
            head_hash=version.hash,
        )
        coverage_log.log_changed(connection, self.poll, version.number)
        self._log(connection, CHANGED, version.number)
        # Only now: most polls write no version.
        from pricetrail.storage.history import readings, snapshots  # noqa: PLC0415 - see above

        written = snapshots.write_version(connection, self.poll.source, new, body, head)
        readings.follow(connection, self.poll.source, new.read_by)
        if self.follow_up is not None:
            self.follow_up.news.accepted(connection, new, written.ids)
            self.follow_up.remind(connection)
        return written.head

    def _bad(self, connection: Transaction, outcome: str, why: str) -> None:
        polls.stay(connection, self.poll, outcome, why)
        coverage_log.log_bad(connection, self.poll, outcome, why)
        poll_rows.log(connection, self.poll, outcome, self.poll.source.head_version, why)

    def _log(self, connection: Transaction, outcome: str, version: int) -> None:
        if self.poll.logged:
            poll_rows.log(connection, self.poll, outcome, version)
