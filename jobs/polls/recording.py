"""Accepting a catalog or setting it aside, inside the transaction that records the poll."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog import source_events
from pricetrail.catalog.catalogs import Catalog, Limits, read
from pricetrail.catalog.diffs import same_catalog
from pricetrail.catalog.events import Event
from pricetrail.catalog.versions import NewVersion, VersionDraft, build_version
from pricetrail.jobs.deliveries.routing import Webhooks, announce
from pricetrail.jobs.polls import holds, quarantine_rules
from pricetrail.jobs.polls.timing import Timing
from pricetrail.jobs.source import Source
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import snapshots
from pricetrail.storage.history.latest import Head
from pricetrail.storage.polls import polls, quarantine
from pricetrail.storage.polls.polls import Poll
from pricetrail.storage.polls.quarantine import CONFIRMED, HELD, SUPERSEDED, SetAside


@dataclass(frozen=True, slots=True)
class Accepted:
    """A catalog that was read and differs from the head; None before the first."""

    contents: Catalog
    body: bytes
    body_hash: bytes
    etag: str | None
    head: Head | None

    @property
    def before(self) -> Catalog | None:
        """The contents of the version before."""
        return self.head.contents if self.head else None


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a catalog is set aside, and why; `seen_first`: when one now confirmed first came."""

    set_aside: bool = False
    reason: str | None = None
    seen_first: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recorder:
    """Records one poll's catalog for one source.

    `now` is the time by the clock, from which messages are due; what is recorded is dated by
    the poll. `times` is what its clock and its schedule say, of a poll of its own; `not_earlier`:
    when the version before is said to have come, where that is after the poll.
    """

    source: Source
    poll: Poll
    webhooks: Webhooks
    now: datetime
    times: Timing | None = None
    not_earlier: datetime | None = None

    def step(self, accepted: Accepted, *, seen_first: datetime | None = None) -> NewVersion:
        """Work out the version that the catalog would make.

        With another key it is a change like any other where the guards pass it, so that no rise
        hides behind a rotation; else it is another account's, which begins anew.
        """
        new = self._step(accepted, seen_first, baseline=self.poll.source.head_version == 0)
        if accepted.before is None or not self._other_account():
            return new
        if quarantine_rules.suspicion(self.source, new, len(accepted.before)) is None:
            return new
        return self._step(accepted, seen_first, baseline=True)

    def _step(
        self, accepted: Accepted, seen_first: datetime | None, *, baseline: bool
    ) -> NewVersion:
        state = self.poll.source
        came = seen_first or self.poll.finished_at
        place = VersionDraft(
            source=state.name,
            number=state.head_version + 1,
            previous_hash=state.head_hash,
            not_before=state.good_started_at if state.head_version else None,
            not_after=max(came, self.not_earlier or came),
            baseline=baseline,
        )
        seen = accepted.head.seen if accepted.head else frozenset()
        return build_version(
            place,
            accepted.before,
            accepted.contents,
            accepted.body_hash,
            seen,
            self.source.ignored,
        )

    def judge(self, connection: Transaction, new: NewVersion, accepted: Accepted) -> Judgement:
        """Set a suspicious catalog aside, unless polls have agreed on it for long enough."""
        before = len(accepted.before) if accepted.before is not None else 0
        reason = self._suspicion(new, accepted, before)
        if reason is None:
            return Judgement()
        same = self._known(connection, new)
        if same is None:
            self._set_aside(connection, new, accepted, reason)
        elif (
            same.state == HELD
            and self._agreed(connection, same)
            and quarantine_rules.confirms_itself(new)
        ):
            self.release(connection, same, CONFIRMED)
            return Judgement(seen_first=same.first_at)
        polls.record_bad(connection, self.poll, polls.QUARANTINED, reason)
        return Judgement(set_aside=True, reason=reason)

    def _agreed(self, connection: Transaction, held: SetAside) -> bool:
        """Count this poll; whether so many in a row brought the catalog that it may be believed.

        A poll that failed, or brought another catalog, begins the row anew.
        """
        state, at = self.poll.source, self.poll.finished_at
        seen = held.polls + 1 if held.last_at == state.last_poll_at else 1
        quarantine.seen_again(connection, held.id, at, polls=seen)
        began = polls.finished(connection, state.id, seen - 1) if seen > 1 else at
        if (began or held.first_at) > at:
            # That was by a clock that ran ahead: how long they have agreed is not known.
            quarantine.seen_again(connection, held.id, at, polls=1)
            return False
        return quarantine_rules.confirmed(seen, at - (began or held.first_at))

    def accept(self, connection: Transaction, new: NewVersion, accepted: Accepted) -> Head:
        """Write the version and its events, and owe what is to be announced; the new head."""
        state = self.poll.source
        polls.record_changed(
            connection,
            self.poll,
            new.version.number,
            new.version.hash,
            accepted.body_hash,
            accepted.etag,
        )
        written = snapshots.write_version(connection, state, new, accepted.body, accepted.head)
        if self._other_account() or state.key_fingerprint is None:
            baseline = new.version.number if new.baseline and self._other_account() else None
            sources.remember_key(connection, state.id, self.source.fingerprint, baseline)
        self._settle_incidents(connection)
        at_once = new.events
        if holds.is_needed(self.source, self.poll):
            changes = holds.changes(new, written.ids)
            at_once = holds.hold(connection, self.source, self.poll, new, changes)
        announce(connection, self.webhooks, at_once, self.now)
        return written.head

    def settle(self, connection: Transaction) -> None:
        """After a good poll that changed nothing: close what was open about the source."""
        state = self.poll.source
        if state.key_fingerprint != self.source.fingerprint:
            sources.remember_key(connection, state.id, self.source.fingerprint, None)
        self._settle_incidents(connection)

    def _settle_incidents(self, connection: Transaction) -> None:
        state = self.poll.source
        if state.failing_told:
            self._tell(connection, [self._recovered()])
            polls.tell_failing(connection, state.id, told=False)
        if state.holding:
            for held in self._held(connection):
                self.release(connection, held, SUPERSEDED)

    def _recovered(self) -> Event:
        state, at = self.poll.source, self.poll.finished_at
        since = min(state.failing_since or at, at)
        return source_events.recovered(
            state.name,
            state.head_version,
            at=at,
            since=since,
            failed_polls=state.failures,
            head=state.head_hash,
        )

    def _other_account(self) -> bool:
        known = self.poll.source.key_fingerprint
        return known is not None and known != self.source.fingerprint

    def _suspicion(self, new: NewVersion, accepted: Accepted, before: int) -> str | None:
        if accepted.before is not None and self._other_account():
            # Another account's list may differ by any number of models; none at all is odd still.
            return quarantine_rules.emptiness(self.source, new, before)
        return quarantine_rules.suspicion(self.source, new, before)

    def _known(self, connection: Transaction, new: NewVersion) -> SetAside | None:
        """The entry of this catalog, as comparison goes; others that are held make room for it."""
        entries = quarantine.undecided(connection, self.poll.source.id)
        current = [one for one in entries if one.base_version == self.poll.source.head_version]
        return next((one for one in reversed(current) if self._same(connection, one, new)), None)

    def _same(self, connection: Transaction, held: SetAside, new: NewVersion) -> bool:
        if held.catalog_root == new.root:
            return True
        if held.models != len(new.catalog):
            return False
        body = quarantine.body_of(connection, held.id)
        before = read(body, new.catalog, Limits(held.models))
        return same_catalog(before, new.catalog, self.source.ignored)

    def _held(self, connection: Transaction) -> list[SetAside]:
        entries = quarantine.undecided(connection, self.poll.source.id)
        return [one for one in entries if one.state == HELD]

    def _set_aside(
        self, connection: Transaction, new: NewVersion, accepted: Accepted, reason: str
    ) -> None:
        state, at = self.poll.source, self.poll.finished_at
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
            body=accepted.body,
            models=len(new.catalog),
            counts=quarantine_rules.summary(new),
        )
        if held:
            # One incident, one alert: a catalog that goes on changing while it is odd is no news.
            return
        event = source_events.quarantined(
            state.name,
            state.head_version,
            at=at,
            quarantine=number,
            reason=reason,
            models=len(new.catalog),
            counts=quarantine_rules.summary(new),
            head=state.head_hash,
        )
        self._tell(connection, [event])

    def release(self, connection: Transaction, held: SetAside, verdict: str) -> None:
        """Write down what became of a catalog that was set aside, and say so."""
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

    def _tell(self, connection: Transaction, events: Sequence[Event]) -> None:
        snapshots.write_events(connection, self.poll.source.id, events, {})
        announce(connection, self.webhooks, events, self.now)
