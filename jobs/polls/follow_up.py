"""What follows from a poll, which is nothing for most of them: they find what was there before."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pricetrail.alerts.webhooks import Webhooks
from pricetrail.jobs.source import Source
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.polls.polls import Poll

if TYPE_CHECKING:
    from pricetrail.jobs.polls.news import News


@dataclass(frozen=True, slots=True)
class FollowUp:
    """Writes what one poll means to its source, and enqueues what webhooks are to hear of it.

    `now` is the time by the clock, from which messages are due; what is recorded is dated by
    the poll.
    """

    source: Source
    poll: Poll
    webhooks: Webhooks
    now: datetime

    @property
    def is_nothing(self) -> bool:
        """Whether nothing follows from the poll, if it finds the accepted catalog."""
        state = self.poll.source
        due = state.remind_at is not None and state.remind_at <= self.poll.finished_at
        return not (
            due
            or state.failing_told
            or state.holding
            or state.key_fingerprint != self.source.fingerprint
        )

    def unchanged(self, connection: Transaction) -> None:
        """Close what was open about the source."""
        state = self.poll.source
        if state.key_fingerprint != self.source.fingerprint:
            sources.remember_key(connection, state.id, self.source.fingerprint, None)
        if state.failing_told or state.holding:
            self.news.close_incidents(connection)

    def remind(self, connection: Transaction) -> None:
        """Say again which models are soon to be retired, where it is time to, and certain that it
        is: a poll whose clock is in doubt says nothing of the kind."""
        due = self.poll.source.remind_at
        if due is not None and due <= self.poll.finished_at and not self.poll.doubtful:
            # Only now: it is needed three times for each date.
            from pricetrail.jobs.polls.retirements import remind  # noqa: PLC0415 - see above

            remind(connection, self.source, self.poll, self.webhooks, self.now)

    @property
    def news(self) -> "News":
        """What there is to say of a poll that is news."""
        # Only now: events, holds and filters come with it.
        from pricetrail.jobs.polls.news import News  # noqa: PLC0415 - see above

        return News(self.source, self.poll, self.webhooks, self.now)
