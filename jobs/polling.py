"""One poll of one source: fetch, compare, guard, and record it all in one transaction.

No transaction is open while the network is used. What was read before the fetch is checked
again in the write: a poll that somebody else overtook records nothing.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from catalog import source_events
from catalog.contents import Limits, read
from catalog.diffs import compare
from catalog.errors import CatalogError
from jobs import gateway
from jobs.announcing import Webhooks, announce
from jobs.gateway import Answer, GatewayError
from jobs.recording import Accepted, Recorder
from jobs.schedule import Schedule
from jobs.source import Source
from jobs.stopping import Stop
from storage import heads, polls, snapshots, sources
from storage.beginnings import Beginning, begin
from storage.database import Database, Transaction
from storage.errors import StaleHolderError
from storage.heads import Head
from storage.polls import CHANGED, FAILED, QUARANTINED, UNCHANGED, Poll
from storage.sources import SourceState

Fetch = Callable[..., Answer]
# Bytes of a body up to which it is kept in memory, with what was read from it.
_REMEMBERED = 8_000_000
_NO_COUNTS = {"added": 0, "removed": 0, "repriced": 0, "updated": 0}


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of a schedule that this process holds: `until` is when the next one begins."""

    at: datetime
    token: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Polled:
    """What became of a poll; `version` is the accepted one after it, 0 before the first."""

    source: str
    outcome: str
    version: int
    counts: dict[str, int] = field(default_factory=lambda: dict(_NO_COUNTS))
    error: str | None = None


class Poller:
    """Polls sources of one database and owes what changed to the webhooks.

    Args:
        fetch: what gets the catalog, `jobs.gateway.fetch`.
        stopping: set when the process is to end: what is under way is cut short then.
    """

    def __init__(
        self,
        database: Database,
        webhooks: Webhooks,
        *,
        fetch: Fetch = gateway.fetch,
        stopping: Stop | None = None,
    ) -> None:
        self.database = database
        self.webhooks = webhooks
        self.fetch = fetch
        self.stopping = stopping or Stop()
        self._heads: dict[str, tuple[bytes, Head]] = {}

    def poll(self, source: Source, *, slot: Slot | None = None) -> Polled:
        """Poll once. What the gateway does wrong is an outcome and no exception.

        Raises:
            StorageError: the database cannot be written; nothing was recorded.
        """
        begun = self._begin(source)
        with self.stopping.in_hand(f"source {source.name}"):
            return self._poll(source, slot, begun)

    def _poll(self, source: Source, slot: Slot | None, begun: Beginning) -> Polled:
        state = begun.source
        known = state if state.key_fingerprint in (None, source.fingerprint) else None
        started = self.database.now()
        try:
            answer = self._fetch(source, known.etag if known else None, slot, started)
            problem = None
        except GatewayError as error:
            answer, problem = None, str(error)
        finished = self.database.now()
        # A clock that was set back must not put a later poll before an earlier one.
        latest = state.last_poll_at or started
        poll = Poll(
            state,
            max(started, latest),
            max(finished, latest),
            slot=slot.at if slot else None,
            token=slot.token if slot else None,
            longest_pause=longest_pause(source, state, started),
            ends=begun.ends,
            waits=begun.waits,
        )
        recorder = Recorder(source, poll, self.webhooks, finished)
        try:
            return self._record(recorder, answer, problem)
        except StaleHolderError as error:
            return self._overtaken(source, error)

    def _begin(self, source: Source) -> Beginning:
        with self.database.glance() as connection:
            begun = begin(connection, source.name)
        if begun is not None:
            return begun
        now = self.database.now()
        with self.database.write() as connection:
            state = sources.open_source(connection, source.name, now, url=source.url)
            # Another process may have made it meanwhile, and polled.
            return begin(connection, source.name) or Beginning(state, [], waits=False)

    def _fetch(
        self, source: Source, etag: str | None, slot: Slot | None, started: datetime
    ) -> Answer:
        give_up_at = None
        if slot is not None:
            left = (slot.until - started).total_seconds()
            give_up_at = time.monotonic() + max(left, 1.0)
        return self.fetch(
            source,
            etag,
            give_up_at=give_up_at,
            sleep=self.stopping.wait,
            stopping=self.stopping,
        )

    def _overtaken(self, source: Source, error: StaleHolderError) -> Polled:
        """Another run recorded its poll first: its result stands, ours is dropped."""
        with self.database.read() as connection:
            state = sources.state(connection, source.name)
        version = state.head_version if state else 0
        return Polled(source.name, UNCHANGED, version, error=str(error))

    def _record(self, recorder: Recorder, answer: Answer | None, problem: str | None) -> Polled:
        source, poll = recorder.source, recorder.poll
        if answer is None:
            return self._failed(recorder, problem or "no answer")
        if answer.not_modified or answer.body is None:
            return self._unchanged(recorder, answer)
        body_hash = hashlib.sha256(answer.body).digest()
        if body_hash == poll.source.body_hash:
            return self._unchanged(recorder, answer)
        head = self._head(poll.source)
        before = head.contents if head else None
        try:
            contents = read(answer.body, before, Limits(source.max_models))
        except CatalogError as error:
            return self._failed(recorder, str(error))
        if before is not None and not compare(before, contents):
            return self._unchanged(recorder, answer, body_hash)
        accepted = Accepted(contents, answer.body, body_hash, answer.etag, head)
        return self._different(recorder, accepted)

    def _head(self, state: SourceState) -> Head | None:
        """What was accepted last; from memory where this process made that version, or read it."""
        known = self._heads.get(state.name)
        if known is not None and known[0] == state.head_hash:
            return known[1]
        with self.database.read() as connection:
            head = heads.load(connection, state)
        if head is not None:
            self._remember(state.name, state.head_hash, head)
        return head

    def _remember(self, source: str, chain_hash: bytes, head: Head) -> None:
        # The chain's hash names a catalog and all that came before it: whatever other processes
        # do, what is remembered under it stays true.
        self._heads.pop(source, None)
        if len(head.body) <= _REMEMBERED:
            self._heads[source] = (chain_hash, head)

    def _failed(self, recorder: Recorder, why: str) -> Polled:
        source, poll, state = recorder.source, recorder.poll, recorder.poll.source
        with self.database.write() as connection:
            polls.record_bad(connection, poll, FAILED, why)
            if state.failures + 1 >= source.failing_after and not state.failing_told:
                self._tell_failing(connection, recorder, why)
        return Polled(source.name, FAILED, state.head_version, error=why)

    def _tell_failing(self, connection: Transaction, recorder: Recorder, why: str) -> None:
        poll, state = recorder.poll, recorder.poll.source
        event = source_events.failing(
            state.name,
            state.head_version,
            at=poll.finished_at,
            since=(state.failing_since if state.failures else None) or poll.finished_at,
            failures=state.failures + 1,
            error=why,
            head=state.head_hash,
        )
        polls.tell_failing(connection, state.id, told=True)
        snapshots.write_events(connection, state.id, [event], {})
        announce(connection, self.webhooks, [event], recorder.now)

    def _unchanged(
        self, recorder: Recorder, answer: Answer, body_hash: bytes | None = None
    ) -> Polled:
        source, poll = recorder.source, recorder.poll
        with self.database.write() as connection:
            polls.record_unchanged(connection, poll, body_hash=body_hash, etag=answer.etag)
            recorder.settle(connection)
        return Polled(source.name, UNCHANGED, poll.source.head_version)

    def _different(self, recorder: Recorder, accepted: Accepted) -> Polled:
        source, poll = recorder.source, recorder.poll
        step = recorder.step(accepted)
        with self.database.write() as connection:
            verdict = recorder.judge(connection, step, accepted)
            if verdict.set_aside:
                version = poll.source.head_version
                return Polled(source.name, QUARANTINED, version, error=verdict.reason)
            if verdict.seen_first is not None:
                step = recorder.step(accepted, seen_first=verdict.seen_first)
            head = recorder.accept(connection, step, accepted)
        self._remember(source.name, step.version.hash, head)
        return Polled(source.name, CHANGED, step.version.number, step.counts)


def longest_pause(source: Source, state: SourceState, now: datetime) -> timedelta | None:
    """How long after the last good poll the next may come with no slot of the schedule missed.

    None before the first one; at least so long where it is `now`, before the next slot.
    """
    last = state.good_started_at
    if last is None:
        return None
    schedule = _schedule(source.schedule, source.timezone)
    slot = schedule.next_after(last)
    if now < slot:
        return slot - last
    following = schedule.next_after(slot)
    if slot - last < (following - slot) / 4:
        # A little early is that slot's own poll.
        following = schedule.next_after(following)
    return following - last - timedelta(milliseconds=1)


_schedule = lru_cache(maxsize=256)(Schedule.parse)
