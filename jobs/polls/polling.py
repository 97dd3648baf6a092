"""One poll of one source: fetch, compare, decide, and record it all in one transaction.

No transaction is open while the network is used. What was read before the fetch is checked
again in the write: a poll that somebody else overtook records nothing.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from pricetrail.alerts.webhooks import Webhooks
from pricetrail.catalog.dialects.registry import PIPELLM
from pricetrail.catalog.errors import CatalogError, NotFoundError, PricetrailError
from pricetrail.jobs.in_force import Configured, Files, InForce
from pricetrail.jobs.polls import gateway
from pricetrail.jobs.polls.follow_up import FollowUp
from pricetrail.jobs.polls.gateway import Answer, GatewayError
from pricetrail.jobs.polls.pings import Pings
from pricetrail.jobs.polls.recording import PollRecorder
from pricetrail.jobs.polls.results import Polled
from pricetrail.jobs.polls.timing import Fetched, Slot, goes_back, not_earlier, timing
from pricetrail.jobs.polls.together import Together
from pricetrail.jobs.polls.turns import Turn
from pricetrail.jobs.source import Source
from pricetrail.jobs.source_secrets import safe_url
from pricetrail.jobs.stopping import Stop
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.errors import StaleHolderError, UnstorableError
from pricetrail.storage.polls import poll_state, rewinding
from pricetrail.storage.polls.outcomes import FAILED, UNCHANGED
from pricetrail.storage.polls.poll_state import PollState
from pricetrail.storage.sources import SourceState
from pricetrail.text.log_fields import fields

if TYPE_CHECKING:
    from pricetrail.jobs.polls.bodies import Bodies

Fetch = Callable[..., Answer]
log = logging.getLogger("pricetrail.polls")
_GONE = "the source was removed or renamed while it was polled: nothing was recorded"
# What an answer may bring about where it is recorded, whatever it holds.
_UNRECORDABLE = (UnstorableError, CatalogError, ArithmeticError, ValueError, RecursionError)


class Poller:
    """Polls sources of one database and enqueues what changed for the webhooks.

    Args:
        webhooks: what is in force, or the webhooks that hold for good.
        fetch: what gets the catalog, `pricetrail.jobs.polls.gateway.fetch`.
        stopping: set when the process is to end: what is under way is cut short then.
    """

    def __init__(
        self,
        database: Database,
        webhooks: Webhooks | InForce,
        *,
        fetch: Fetch = gateway.fetch,
        stopping: Stop | None = None,
    ) -> None:
        self.database = database
        self.in_force = InForce.of(webhooks)
        self.fetch = fetch
        self.stopping = stopping or Stop()
        self.pings = Pings()
        self.together = Together(database)

    def poll(
        self, source: Source, *, slot: Slot | None = None, begun: PollState | None = None
    ) -> Polled:
        """Poll once. What the gateway does wrong is an outcome and no exception.

        Args:
            slot: the one that it serves, which is given back with what is recorded of it.
            begun: what it begins from, where that was read just now.

        Raises:
            StorageError: the database cannot be written; nothing was recorded.
        """
        began = time.monotonic()
        configured = self.in_force.now
        source = configured.files.source(source)
        begun = begun or self._begin(source)
        self._note_address(source, begun.source)
        with self.stopping.in_hand(f"source {source.name}"):
            polled = self._poll(configured, source, slot, begun)
        return replace(polled, duration_ms=round(1000 * (time.monotonic() - began)))

    def _poll(
        self, configured: Configured, source: Source, slot: Slot | None, begun: PollState
    ) -> Polled:
        started = self.database.about_now()
        source, came = self._asked(configured.files, source, slot, begun.source)
        answer = came if isinstance(came, Answer) else None
        problem = str(came) if isinstance(came, GatewayError) else None
        fetched = Fetched(
            started, self.database.about_now(), came.date, answered=answer is not None
        )
        turn = self._dated(configured.webhooks, source, slot, begun, fetched)
        if turn.times.problem is not None:
            answer, problem = None, "; ".join(filter(None, (problem, turn.times.problem)))
        try:
            polled = self._recorded(turn, answer, problem)
        except (StaleHolderError, NotFoundError) as error:
            return self._overtaken(source, begun.source, error)
        following = None if slot is None else slot.following.slot_at
        polled = replace(polled, status=came.status, next_at=following)
        self.pings.after(source, polled, self.stopping)
        return polled

    def _begin(self, source: Source) -> PollState:
        with self.database.autocommit() as connection:
            begun = poll_state.find(connection, source.name)
        if begun is not None:
            return begun
        now = self.database.now()
        with self.database.write() as connection:
            state = sources.open_source(connection, source.name, now, url=safe_url(source.url))
            # Another process may have made it meanwhile, and polled.
            return poll_state.find(connection, source.name) or PollState(state, [], waits=False)

    def _note_address(self, source: Source, state: SourceState) -> None:
        """Have its row say where a source is asked: a host that is busy is known by that."""
        url = safe_url(source.url)
        if url != state.url:
            with self.database.write() as connection:
                sources.move(connection, state.id, url)

    def _asked(
        self, files: Files, source: Source, slot: Slot | None, state: SourceState
    ) -> tuple[Source, Answer | GatewayError]:
        """Ask the gateway, as the source that is given; again at once where it does not accept what
        stands in a file, and is another by now."""
        came = self._fetched(source, slot, state)
        if not isinstance(came, GatewayError) or not came.unwelcome:
            return source, came
        anew = files.source_again(source)
        return (source, came) if anew == source else (anew, self._fetched(anew, slot, state))

    def _fetched(
        self, source: Source, slot: Slot | None, state: SourceState
    ) -> Answer | GatewayError:
        other = state.has_other_key(source.fingerprint) or _reads_otherwise(source, state)
        etag = None if other else state.etag
        give_up_at = None
        if slot is not None:
            left = (slot.until - self.database.about_now()).total_seconds()
            give_up_at = time.monotonic() + max(left, 1.0)
        try:
            return self.fetch(
                source,
                etag,
                give_up_at=give_up_at,
                sleep=self.stopping.wait,
                stopping=self.stopping,
            )
        except GatewayError as error:
            return error

    def _dated(
        self,
        webhooks: Webhooks,
        source: Source,
        slot: Slot | None,
        begun: PollState,
        fetched: Fetched,
    ) -> Turn:
        ahead = None
        if goes_back(begun, fetched):
            with self.database.read() as connection:
                ahead = rewinding.ahead_of(connection, begun.source.id, fetched.began)
        times = timing(source, begun, fetched, ahead)
        if times.warning is not None:
            said = fields(source=source.name, error=times.warning)
            log.warning("source %s: %s", source.name, times.warning, extra=said)
        poll = times.poll(begun, slot)
        follow_up = FollowUp(source, poll, webhooks, fetched.finished)
        came = not_earlier(begun, poll.finished_at)
        recorder = PollRecorder(poll, follow_up)
        return Turn(self.together, source, poll, times, came, begun.head_came, follow_up, recorder)

    def _overtaken(self, source: Source, begun: SourceState, error: PricetrailError) -> Polled:
        """Another run recorded its poll first: its result stands, ours is dropped.

        Raises:
            NotFoundError: the history lacks a version, and that is not because all of it is gone.
        """
        with self.database.read() as connection:
            state = sources.state(connection, source.name)
        if state is None or state.id != begun.id:
            return Polled(source.name, FAILED, 0, error=_GONE)
        if isinstance(error, NotFoundError):
            raise error
        return Polled(source.name, UNCHANGED, state.head_version, error=str(error))

    def _recorded(self, turn: Turn, answer: Answer | None, problem: str | None) -> Polled:
        """Record the poll; as a failed one where something in the answer cannot be recorded."""
        try:
            return self._record(turn, answer, problem)
        except _UNRECORDABLE as error:
            kind = "" if isinstance(error, PricetrailError) else f"{type(error).__name__}: "
            return turn.failed(f"the catalog cannot be recorded: {kind}{error}")

    def _record(self, turn: Turn, answer: Answer | None, problem: str | None) -> Polled:
        state = turn.poll.source
        if answer is None:
            return turn.failed(problem or "no answer")
        if answer.not_modified or answer.body is None:
            return turn.unchanged(answer.etag)
        if _reads_otherwise(turn.source, state):
            # Now, and not once the list changes: until then every answer would say it otherwise.
            turn = self._bodies.read_anew(turn)
            state = turn.poll.source
        body_hash = hashlib.sha256(answer.body).digest()
        if body_hash == state.body_hash and not turn.begins_anew:
            return turn.unchanged(answer.etag)
        return self._bodies.record(turn, answer.body, body_hash, answer.etag)

    @cached_property
    def _bodies(self) -> "Bodies":
        # Only now: most polls find the body that they found before, and compare nothing.
        from pricetrail.jobs.polls.bodies import Bodies  # noqa: PLC0415 - see above

        return Bodies(self.database)


def _reads_otherwise(source: Source, state: SourceState) -> bool:
    """Whether the accepted body would be read otherwise by now than it was."""
    if state.head_version == 0 or (state.dialect is None and source.dialect == PIPELLM):
        return False
    # Only now: most sources are PipeLLM's.
    from pricetrail.storage.history import readings  # noqa: PLC0415 - see above

    return readings.read_by(state) != source.read_by
