"""What an import says of the time between two observations, where somebody kept looking."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pricetrail.storage.polls.outcomes import GOOD, IMPORTED
from pricetrail.storage.polls.polls import Poll
from pricetrail.storage.sources import SourceState


@dataclass
class Watch:
    """How densely a catalog was observed.

    `every`: how far apart the observations were of which only those that differ from the one before
    were kept; None where nothing is known of the time between two of them. `since`: when the input
    last showed the source's head; None where it did not, or stopped looking.
    """

    every: timedelta | None = None
    since: datetime | None = None

    def until(self, at: datetime) -> datetime | None:
        """The last time before `at` at which the head was there still; None where nobody knows."""
        if self.every is None or self.since is None:
            return None
        return at - self.every

    def last_seen(self, state: SourceState, at: datetime) -> datetime | None:
        """Until when the head is known to have been there, before an observation at `at`."""
        known, watched = state.good_started_at, self.until(at)
        return max(known, watched) if known is not None and watched is not None else known

    def poll(self, state: SourceState, at: datetime, *, covered: bool) -> Poll:
        """An observation as a poll; `covered`: what it covers is recorded by itself."""
        if self.every is None or covered:
            return Poll(state, at, at, covers=None if covered else IMPORTED, logged=False)
        # Observed as densely as that, it counts as polling, without a row for each poll.
        return Poll(state, at, at, longest_pause=self.every, covers=GOOD, logged=False)
