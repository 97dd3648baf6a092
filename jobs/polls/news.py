"""What a poll is news of: incidents that begin and end, changes, and who is to hear of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pricetrail.alerts.webhooks import Webhooks
from pricetrail.catalog import source_events
from pricetrail.catalog.events import Event
from pricetrail.catalog.versions import NewVersion
from pricetrail.jobs.deliveries import hold_rules, holds
from pricetrail.jobs.deliveries.routing import announce
from pricetrail.jobs.polls import quarantine_rules
from pricetrail.jobs.polls.verdicts import Verdict
from pricetrail.jobs.source import Source
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import snapshots
from pricetrail.storage.polls import polls, quarantine
from pricetrail.storage.polls.polls import Poll
from pricetrail.storage.polls.quarantine import CONFIRMED, HELD, SUPERSEDED, SetAside

_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class News:
    """Writes what is news of one poll, and enqueues it for webhooks; see `follow_up.FollowUp`."""

    source: Source
    poll: Poll
    webhooks: Webhooks
    now: datetime

    def failed(self, connection: Transaction, why: str) -> bool:
        """Announce that a source is failing, once so many polls in a row have failed, and again
        while it lasts; whether it was announced."""
        state = self.poll.source
        reminder = 0
        if state.failing_told:
            if not self._is_to_be_reminded(connection):
                return False
            reminder = state.failing_reminders + 1
        elif state.failures + 1 < self.source.failing_after:
            return False
        polls.remember_failing(connection, state.id, self.now, reminder)
        self._tell(connection, [self._failing(why, reminder)])
        return True

    def _is_to_be_reminded(self, connection: Transaction) -> bool:
        """Whether it is time to say again that a source is failing."""
        state, every = self.poll.source, self.source.remind_every
        if not every:
            return False
        told_at = state.failing_told_at
        if told_at is None or told_at > self.now:
            # By a clock that was ahead then; or it was told before reminders were counted.
            polls.remember_failing(connection, state.id, self.now, state.failing_reminders)
            return False
        # Polls a day apart are not a day apart to the second.
        return self.now - told_at >= every - min(_MOMENT, every / 10)

    def _failing(self, why: str, reminder: int) -> Event:
        state, at = self.poll.source, self.poll.finished_at
        return source_events.failing(
            state.name,
            state.head_version,
            at=at,
            since=min((state.failing_since if state.failures else None) or at, at),
            failures=state.failures + 1,
            error=why,
            missed=state.missed_polls + self.poll.slots_missed,
            reminder=reminder,
            poll=state.polls,
            head=state.head_hash,
        )

    def close_incidents(self, connection: Transaction) -> None:
        """Say that a source can be read again, and drop what of it was set aside."""
        state = self.poll.source
        if state.failing_told:
            self._tell(connection, [self._recovered()])
            polls.remember_failing(connection, state.id, None)
        if state.holding:
            for held in self._held(connection):
                self.release(connection, held, SUPERSEDED)

    def accepted(self, connection: Transaction, new: NewVersion, ids: Mapping[str, int]) -> None:
        """Close what was open about the source, and announce a version or let it wait.

        Args:
            ids: the row ids of the models that the version touched.
        """
        state = self.poll.source
        other = state.has_other_key(self.source.fingerprint)
        if other or state.key_fingerprint is None:
            baseline = new.version.number if new.baseline and other else None
            sources.remember_key(connection, state.id, self.source.fingerprint, baseline)
        self.close_incidents(connection)
        at_once = new.events
        if hold_rules.is_needed(self.source, self.poll):
            changes = hold_rules.changes(new, ids)
            at_once = holds.hold(connection, self.source, self.poll, new, changes)
        announce(connection, self.webhooks, at_once, self.now)

    def quarantined(
        self, connection: Transaction, new: NewVersion, body: bytes, verdict: Verdict
    ) -> int:
        """Keep a catalog that was set aside, or count that it came again; its entry's id."""
        if verdict.entry is None:
            return self._set_aside(connection, new, body, verdict.reason or "")
        if verdict.agreement is not None:
            at, in_a_row = self.poll.finished_at, verdict.agreement.polls
            quarantine.seen_again(connection, verdict.entry.id, at, polls=in_a_row)
        return verdict.entry.id

    def confirm(self, connection: Transaction, verdict: Verdict) -> None:
        """Take a catalog back out of quarantine that polls have agreed on for long enough."""
        if verdict.entry is not None and verdict.agreement is not None:
            at, in_a_row = self.poll.finished_at, verdict.agreement.polls
            quarantine.seen_again(connection, verdict.entry.id, at, polls=in_a_row)
            self.release(connection, verdict.entry, CONFIRMED)

    def release(self, connection: Transaction, held: SetAside, verdict: str) -> None:
        """Write what became of a catalog that was set aside, and announce it."""
        state, at = self.poll.source, max(self.now, self.poll.finished_at)
        quarantine.decide(connection, held.id, verdict, at)
        event = source_events.released(
            state.name,
            state.head_version,
            at=at,
            quarantine=held.id,
            verdict=verdict,
            head=state.head_hash,
        )
        self._tell(connection, [event])

    def _set_aside(self, connection: Transaction, new: NewVersion, body: bytes, reason: str) -> int:
        state, at = self.poll.source, self.poll.finished_at
        counts, models = quarantine_rules.summary(new), len(new.catalog)
        held = self._held(connection)
        for older in held:
            quarantine.decide(connection, older.id, SUPERSEDED, at)
        number = quarantine.add(
            connection,
            state.id,
            reason=reason,
            at=at,
            base_version=state.head_version,
            catalog_root=new.root,
            body=body,
            models=models,
            counts=counts,
        )
        if held:
            # One incident, one alert: a catalog that goes on changing while it is odd is no news.
            return number
        event = source_events.quarantined(
            state.name,
            state.head_version,
            at=at,
            quarantine=number,
            reason=reason,
            models=models,
            counts=counts,
            head=state.head_hash,
        )
        self._tell(connection, [event])
        return number

    def _recovered(self) -> Event:
        state, at = self.poll.source, self.poll.finished_at
        return source_events.recovered(
            state.name,
            state.head_version,
            at=at,
            since=min(state.failing_since or at, at),
            failed_polls=state.failures,
            missed_polls=state.missed_polls + self.poll.slots_missed,
            poll=state.polls,
            head=state.head_hash,
        )

    def _held(self, connection: Transaction) -> list[SetAside]:
        entries = quarantine.undecided(connection, self.poll.source.id)
        return [entry for entry in entries if entry.state == HELD]

    def _tell(self, connection: Transaction, events: Sequence[Event]) -> None:
        # A verdict is told before the source moves on.
        sources.lock(connection, self.poll.source.id)
        snapshots.write_events(connection, self.poll.source.id, events, {})
        announce(connection, self.webhooks, events, self.now)
