"""One poll that is under way: fetched and dated, and what it comes to where no version is made."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pricetrail.jobs.polls.follow_up import FollowUp
from pricetrail.jobs.polls.recording import PollRecorder
from pricetrail.jobs.polls.results import Polled
from pricetrail.jobs.polls.timing import Timing
from pricetrail.jobs.polls.together import Together
from pricetrail.jobs.source import Source
from pricetrail.storage.database import Transaction
from pricetrail.storage.polls.outcomes import FAILED, UNCHANGED
from pricetrail.storage.polls.polls import Poll, Seen
from pricetrail.storage.sources import SourceState

_LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class Turn:
    """One poll, to be recorded once.

    `not_earlier`: when the version before is said to have come, where that is after the poll;
    `version_came`: when it came. `begins_anew`: by its dialect nothing of it can be compared with
    what was accepted before.
    """

    together: Together
    source: Source
    poll: Poll
    times: Timing
    not_earlier: datetime | None
    version_came: datetime | None
    follow_up: FollowUp
    recorder: PollRecorder
    begins_anew: bool = False

    def going_on(self, state: SourceState, came: datetime | None) -> "Turn":
        """The same poll, of the source as it stands by now, its version having come at a time."""
        poll = replace(self.poll, source=state)
        follow_up = replace(self.follow_up, poll=poll)
        recorder = PollRecorder(poll, follow_up)
        return replace(self, poll=poll, follow_up=follow_up, recorder=recorder, version_came=came)

    def polled(self, outcome: str, error: str | None = None) -> Polled:
        """What became of the poll, where the version stays."""
        came, version = self.version_came, self.poll.source.head_version
        since = None if came is None else max(self.poll.finished_at - came, timedelta(0))
        first = version == max(self.poll.source.baseline_version, 1)
        return Polled(self.source.name, outcome, version, error=error, since=since, baseline=first)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """The transaction that records the poll."""
        with self.together.alone, self.together.database.write() as connection:
            self.recorder.begin(connection, self.times)
            yield connection

    def failed(self, why: str) -> Polled:
        """Record that it brought no catalog."""
        why = _storable(why)
        with self.write() as connection:
            told = self.recorder.failed(connection, why)
        return replace(self.polled(FAILED, why), told=told)

    def unchanged(self, etag: str | None = None, body_hash: bytes | None = None) -> Polled:
        """Record that it found the accepted catalog; another notation of it is remembered."""
        plain = self.recorder.is_plain(self.times)
        if not plain or not self.together.record(Seen(self.poll, body_hash, etag)):
            with self.write() as connection:
                self.recorder.unchanged(connection, body_hash=body_hash, etag=etag)
        return self.polled(UNCHANGED)


def _storable(why: str) -> str:
    """A reason of bounded length without what no database keeps in a text."""
    text = why[:_LONGEST_REASON].encode(errors="backslashreplace").decode()
    return text.replace("\x00", "\\0")
