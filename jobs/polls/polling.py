"""One poll of one source: fetch, compare, guard, and record it all in one transaction.

No transaction is open while the network is used. What was read before the fetch is checked
again in the write: a poll that somebody else overtook records nothing.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pricetrail.catalog import source_events
from pricetrail.catalog.catalogs import Limits, read
from pricetrail.catalog.errors import CatalogError, PricetrailError
from pricetrail.catalog.versions import NewVersion
from pricetrail.jobs.deliveries.routing import Webhooks, announce
from pricetrail.jobs.polls import gateway
from pricetrail.jobs.polls.clock import MOST_GIVEN_UP
from pricetrail.jobs.polls.gateway import Answer, GatewayError
from pricetrail.jobs.polls.recording import Accepted, Recorder
from pricetrail.jobs.polls.timing import Fetched, Timing, timing
from pricetrail.jobs.source import Source
from pricetrail.jobs.source_secrets import shown_url
from pricetrail.jobs.stopping import Stop
from pricetrail.storage import sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.errors import StaleHolderError, UnstorableError
from pricetrail.storage.history import latest, snapshots
from pricetrail.storage.history.latest import Head
from pricetrail.storage.polls import polls
from pricetrail.storage.polls.poll_state import Beginning, begin
from pricetrail.storage.polls.polls import CHANGED, FAILED, QUARANTINED, UNCHANGED, Poll
from pricetrail.storage.sources import SourceState

Fetch = Callable[..., Answer]
# Bytes of a body up to which it is kept in memory, with what was read from it.
_REMEMBERED = 8_000_000
log = logging.getLogger("pricetrail.polls")
_LONGEST_REASON = 1000
# What an answer may bring about where it is recorded, whatever it holds.
_UNRECORDABLE = (UnstorableError, CatalogError, ArithmeticError, ValueError, RecursionError)
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


def _made(begun: Beginning, times: Timing, slot: Slot | None) -> Poll:
    return Poll(
        times.state,
        times.started,
        times.finished,
        slot=slot.at if slot else None,
        token=slot.token if slot else None,
        missed=times.missed,
        asked_at=times.asked,
        doubtful=times.problem is not None,
        # What is ahead of now goes first, and coverage ends otherwise then.
        ends=begun.ends if times.ahead is None else None,
        waits=begun.waits,
    )


def _not_earlier(begun: Beginning, poll: Poll) -> datetime | None:
    """A version is dated after the one before, even where a clock was ahead for a while."""
    came = begun.head_came
    ahead = came is not None and timedelta(0) < came - poll.finished_at <= MOST_GIVEN_UP
    return came if ahead else None


class Poller:
    """Polls sources of one database and owes what changed to the webhooks.

    Args:
        fetch: what gets the catalog, `pricetrail.jobs.polls.gateway.fetch`.
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
        answer, problem, date = None, None, None
        try:
            answer = self._fetch(source, known.etag if known else None, slot, started)
            date = answer.date
        except GatewayError as error:
            problem, date = str(error), error.date
        fetched = Fetched(started, self.database.now(), date, answered=answer is not None)
        times = timing(self.database, source, begun, fetched)
        if times.warning is not None:
            log.warning("source %s: %s", source.name, times.warning)
        if times.problem is not None:
            answer, problem = None, "; ".join(filter(None, (problem, times.problem)))
        poll = _made(begun, times, slot)
        came = _not_earlier(begun, poll)
        recorder = Recorder(source, poll, self.webhooks, fetched.finished, times, came)
        try:
            return self._recorded(recorder, answer, problem)
        except StaleHolderError as error:
            return self._overtaken(source, error)

    def _begin(self, source: Source) -> Beginning:
        with self.database.autocommit() as connection:
            begun = begin(connection, source.name)
        if begun is not None:
            return begun
        now = self.database.now()
        with self.database.write() as connection:
            state = sources.open_source(connection, source.name, now, url=shown_url(source.url))
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

    def _recorded(self, recorder: Recorder, answer: Answer | None, problem: str | None) -> Polled:
        """Record the poll; as a failed one where something in the answer cannot be recorded."""
        try:
            return self._record(recorder, answer, problem)
        except _UNRECORDABLE as error:
            kind = "" if isinstance(error, PricetrailError) else f"{type(error).__name__}: "
            return self._failed(recorder, f"the catalog cannot be recorded: {kind}{error}")

    def _record(self, recorder: Recorder, answer: Answer | None, problem: str | None) -> Polled:
        source, poll = recorder.source, recorder.poll
        if answer is None:
            return self._failed(recorder, problem or "no answer")
        if answer.not_modified or answer.body is None:
            return self._unchanged(recorder, answer.etag)
        body_hash = hashlib.sha256(answer.body).digest()
        if body_hash == poll.source.body_hash:
            return self._unchanged(recorder, answer.etag)
        head = self._head(poll.source)
        before = head.contents if head else None
        try:
            contents = read(answer.body, before, Limits(source.max_models))
        except CatalogError as error:
            return self._failed(recorder, str(error))
        accepted = Accepted(contents, answer.body, body_hash, answer.etag, head)
        step = recorder.step(accepted)
        if before is None or step.differs:
            return self._different(recorder, accepted, step)
        if step.difference:
            # It is another text, which is believed only for as long as what is ignored stays: the
            # accepted one stays what the next answer is held against, and asked for.
            return self._unchanged(recorder)
        return self._unchanged(recorder, answer.etag, body_hash)

    def _head(self, state: SourceState) -> Head | None:
        """What was accepted last; from memory where this process made that version, or read it."""
        known = self._heads.get(state.name)
        if known is not None and known[0] == state.head_hash:
            return known[1]
        with self.database.read() as connection:
            head = latest.load(connection, state)
        if head is not None:
            self._remember(state.name, state.head_hash, head)
        return head

    def _remember(self, source: str, chain_hash: bytes, head: Head) -> None:
        # The chain's hash names a catalog and all that came before it: whatever other processes
        # do, what is remembered under it stays true.
        self._heads.pop(source, None)
        if len(head.body) <= _REMEMBERED:
            self._heads[source] = (chain_hash, head)

    @contextmanager
    def _write(self, recorder: Recorder) -> Iterator[Transaction]:
        with self.database.write() as connection:
            if recorder.times is not None:
                recorder.times.write(connection)
            yield connection

    def _failed(self, recorder: Recorder, why: str) -> Polled:
        source, poll, state = recorder.source, recorder.poll, recorder.poll.source
        why = _storable(why)
        with self._write(recorder) as connection:
            polls.record_bad(connection, poll, FAILED, why)
            if state.failures + 1 >= source.failing_after and not state.failing_told:
                self._tell_failing(connection, recorder, why)
        return Polled(source.name, FAILED, state.head_version, error=why)

    def _tell_failing(self, connection: Transaction, recorder: Recorder, why: str) -> None:
        state, at = recorder.poll.source, recorder.poll.finished_at
        event = source_events.failing(
            state.name,
            state.head_version,
            at=at,
            since=min((state.failing_since if state.failures else None) or at, at),
            failures=state.failures + 1,
            error=why,
            head=state.head_hash,
        )
        polls.tell_failing(connection, state.id, told=True)
        snapshots.write_events(connection, state.id, [event], {})
        announce(connection, self.webhooks, [event], recorder.now)

    def _unchanged(
        self, recorder: Recorder, etag: str | None = None, body_hash: bytes | None = None
    ) -> Polled:
        source, poll = recorder.source, recorder.poll
        with self._write(recorder) as connection:
            polls.record_unchanged(connection, poll, body_hash=body_hash, etag=etag)
            recorder.settle(connection)
        return Polled(source.name, UNCHANGED, poll.source.head_version)

    def _different(self, recorder: Recorder, accepted: Accepted, step: NewVersion) -> Polled:
        source, poll = recorder.source, recorder.poll
        with self._write(recorder) as connection:
            verdict = recorder.judge(connection, step, accepted)
            if verdict.set_aside:
                version = poll.source.head_version
                return Polled(source.name, QUARANTINED, version, error=verdict.reason)
            if verdict.seen_first is not None:
                step = recorder.step(accepted, seen_first=verdict.seen_first)
            head = recorder.accept(connection, step, accepted)
        self._remember(source.name, step.version.hash, head)
        return Polled(source.name, CHANGED, step.version.number, step.counts)


def _storable(why: str) -> str:
    """A reason of bounded length without what no database keeps in a text."""
    text = why[:_LONGEST_REASON].encode(errors="backslashreplace").decode()
    return text.replace("\x00", "\\0")
