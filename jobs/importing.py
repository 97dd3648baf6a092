"""Past observations, taken in as they are: no guard sets anything aside, no webhook hears of it.

The versions and events are those that polling the same catalogs would have made. Several
observations share a transaction; each one leaves a history that the same import goes on from.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from catalog.contents import Contents, Limits, read
from catalog.errors import CatalogError, PricetrailError
from catalog.steps import Place, Step, step
from catalog.times import rfc3339, to_millisecond
from jobs.observations import (
    BrokenInputError,
    ImportRefusedError,
    Item,
    Observation,
    Pause,
    Report,
    Unreadable,
)
from storage import heads, observed, polls, snapshots, sources
from storage.database import Database, Transaction
from storage.heads import Head
from storage.polls import Poll
from storage.sources import SourceState

# The lead to a webhook: called inside the transaction that wrote the step.
Notify: TypeAlias = Callable[[Transaction, SourceState, Step], object]

# A transaction: long enough to be cheap, short enough to let others write in between.
_BATCH_ITEMS = 64
_BATCH_BYTES = 16 * 1024 * 1024
# "As they are": only what cannot be a catalog at all is refused for its size.
_LIMITS = Limits(models=1_000_000)


def run(
    database: Database,
    source_name: str,
    observations: Iterable[Item],
    *,
    every: timedelta | None = None,
    skip_bad: bool = False,
    notify: Notify | None = None,
    advance: Callable[[int], object] | None = None,
) -> Report:
    """Import observations, oldest first, into a source (made where it is new).

    Running the same import again changes nothing, and goes on where an earlier one was cut off.

    Args:
        every: how densely they were observed, where only those that differ from the one before
            were kept; without it nothing is vouched for between two of them.
        skip_bad: pass over what is no catalog; the report lists it.
        notify: what is to hear of every new version that made events.
        advance: told how many observations were dealt with, after each transaction.

    Raises:
        ImportRefusedError: not a catalog, or an observation that would rewrite history.
        BrokenInputError: something that is no observation at all.
        PricetrailError: whatever `observations` raises. What came before any of these is kept.
    """
    importer = _Importer(Report(source_name), every, skip_bad, notify)
    for batch in _batches(observations):
        now = database.now()
        with database.write(long=True) as connection:
            problem = importer.take(connection, batch, now)
        if problem is not None:
            raise problem
        if advance is not None:
            advance(len(batch))
    return importer.report


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Items in groups; where reading them fails, what came before is handed over first."""
    batch: list[Item] = []
    size = 0
    try:
        for item in items:
            batch.append(item)
            size += len(item.body) if isinstance(item, Observation) else 0
            if len(batch) >= _BATCH_ITEMS or size >= _BATCH_BYTES:
                yield batch
                batch, size = [], 0
    except PricetrailError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


@dataclass
class _Importer:
    """Carries the head from one observation to the next, so that it is loaded once."""

    report: Report
    every: timedelta | None
    skip_bad: bool
    notify: Notify | None
    head: Head | None = None
    # When the input last showed the source's head; None where it did not, or stopped looking.
    watched_since: datetime | None = None
    loaded: bool = False

    def take(
        self, connection: Transaction, batch: Iterable[Item], now: datetime
    ) -> PricetrailError | None:
        """Record items in order; the problem at which it stopped, with all before it recorded."""
        state = sources.open_source(connection, self.report.source, now)
        self._load(connection, state)
        for item in batch:
            try:
                state = self._one(connection, state, item)
            except (ImportRefusedError, BrokenInputError) as problem:
                return problem
        return None

    def _load(self, connection: Transaction, state: SourceState) -> None:
        if self.loaded and self.report.head_version == state.head_version:
            return
        # The first time, or somebody else has made a version meanwhile.
        self.watched_since = None
        self.head = heads.load(connection, state)
        self.loaded = True
        self._stand_at(state)

    def _stand_at(self, state: SourceState) -> None:
        self.report.head_version, self.report.head_hash = state.head_version, state.head_hash

    def _one(self, connection: Transaction, state: SourceState, item: Item) -> SourceState:
        if isinstance(item, Pause):
            self.watched_since = None
            return state
        if isinstance(item, Unreadable):
            self._refuse(item, BrokenInputError(str(item)))
            return state
        at = to_millisecond(item.observed_at)
        try:
            if _is_past(state, at):
                self._skip_known(connection, state, item, at)
                return state
            return self._record(connection, state, item, at)
        except CatalogError as error:
            reason = Unreadable(item.origin, f"not a catalog: {error}")
            self._refuse(reason, ImportRefusedError(f"{reason} (--skip-bad passes over it)"))
            return state

    def _refuse(self, item: Unreadable, problem: PricetrailError) -> None:
        if not self.skip_bad:
            raise problem
        self.report.refuse(item)
        # What the catalog was at that time is not known, so nobody can vouch for it.
        self.watched_since = None

    def _skip_known(
        self, connection: Transaction, state: SourceState, item: Observation, at: datetime
    ) -> None:
        """Recognise what is part of the history already.

        Raises:
            ImportRefusedError: it is not, and would have to go before what is there.
        """
        found = observed.in_force(connection, state.id, at)
        same = found is not None and (
            found.body_hash == hashlib.sha256(item.body).digest()
            or found.catalog_root == self._read(item).root()
        )
        if found is None or not same:
            raise ImportRefusedError(_would_rewrite(state, item, at))
        self.report.count(at)
        self.report.already_there += 1
        self.watched_since = at if found.version == state.head_version else None

    def _read(self, item: Observation) -> Contents:
        return read(item.body, self.head.contents if self.head else None, _LIMITS)

    def _record(
        self, connection: Transaction, state: SourceState, item: Observation, at: datetime
    ) -> SourceState:
        body_hash = hashlib.sha256(item.body).digest()
        new = None
        if body_hash != state.body_hash:
            contents = self._read(item)
            place = self._place(state, at)
            before = self.head.contents if self.head else None
            seen = self.head.seen if self.head else frozenset()
            new = step(place, before, contents, body_hash, seen)
        self._vouch(connection, state, at)
        poll = self._poll(state, at)
        if new is not None and (state.head_version == 0 or new.difference):
            self._write(connection, poll, new, item.body)
            self.report.versions += 1
        else:
            polls.record_unchanged(connection, poll, body_hash=body_hash)
            self.report.unchanged += 1
        self.watched_since = at
        self.report.count(at)
        state = sources.state(connection, state.name) or state
        self._stand_at(state)
        return state

    def _write(self, connection: Transaction, poll: Poll, new: Step, body: bytes) -> None:
        state, version = poll.source, new.version
        polls.record_changed(connection, poll, version.number, version.hash, new.body_hash, None)
        self.head = snapshots.write_version(connection, state, new, body, self.head).head
        self.report.events.update(event.type for event in new.events)
        if self.notify is not None and new.events:
            self.notify(connection, state, new)

    def _place(self, state: SourceState, at: datetime) -> Place:
        first = state.head_version == 0
        return Place(
            source=state.name,
            number=state.head_version + 1,
            previous_hash=state.head_hash,
            not_before=None if first else self._last_seen(state, at),
            not_after=at,
            baseline=first,
        )

    def _last_seen(self, state: SourceState, at: datetime) -> datetime | None:
        """Until when the head is known to have been there, before this observation."""
        known = state.good_started_at
        watched = self._watched_until(at)
        return max(known, watched) if known is not None and watched is not None else known

    def _watched_until(self, at: datetime) -> datetime | None:
        """The last time before `at` that the input vouches for, by its density."""
        if self.every is None or self.watched_since is None:
            return None
        return at - self.every

    def _vouch(self, connection: Transaction, state: SourceState, at: datetime) -> None:
        until = self._watched_until(at)
        if until is not None and self.every is not None:
            observed.vouch(connection, state.id, until, self.every)

    def _poll(self, state: SourceState, at: datetime) -> Poll:
        if self.every is None:
            return Poll(state, at, at, imported=True)
        # Observed as densely as that, it counts as polling, without a row for each poll.
        return Poll(state, at, at, longest_pause=self.every, logged=False)


def _is_past(state: SourceState, at: datetime) -> bool:
    """Whether history reaches that time; failures before the first catalog are no history."""
    if state.head_version == 0:
        return False
    reached = [moment for moment in (state.good_at, state.last_poll_at) if moment is not None]
    return any(at <= moment for moment in reached)


def _would_rewrite(state: SourceState, item: Observation, at: datetime) -> str:
    reached = max(moment for moment in (state.good_at, state.last_poll_at) if moment is not None)
    return (
        f"{item.origin}: observed at {rfc3339(at)}, which is not after the last poll of source "
        f"{state.name!r} ({rfc3339(reached)}), and its history says otherwise; history is never "
        "rewritten: import into a source of its own with --source NAME"
    )
