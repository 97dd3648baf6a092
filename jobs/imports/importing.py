"""Past observations, taken in as they are: no guard sets anything aside, no webhook hears of it.

The versions and events are those that polling the same catalogs would have made. Several
observations share a transaction; each one leaves a history that the same import goes on from.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from pricetrail.catalog.catalogs import Catalog
from pricetrail.catalog.errors import NotFoundError, PricetrailError
from pricetrail.catalog.ignored import NOTHING, Ignored
from pricetrail.catalog.times import to_millisecond
from pricetrail.catalog.versions import NewVersion, VersionDraft, build_version
from pricetrail.jobs.imports import items
from pricetrail.jobs.imports.coverage import Follower
from pricetrail.jobs.imports.observations import (
    BadItemError,
    BrokenInputError,
    ImportRefusedError,
    Item,
    Observation,
    Pause,
    Report,
    Unreadable,
)
from pricetrail.storage import schema, sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import latest, snapshots
from pricetrail.storage.history.latest import Head
from pricetrail.storage.polls import coverage_log, polls
from pricetrail.storage.polls.polls import Poll
from pricetrail.storage.sources import SourceState

# The lead to a webhook: called inside the transaction that wrote the step.
Notify: TypeAlias = Callable[[Transaction, SourceState, NewVersion], object]


def run(
    database: Database,
    source_name: str,
    observations: Iterable[Item],
    *,
    every: timedelta | None = None,
    skip_bad: bool = False,
    notify: Notify | None = None,
    advance: Callable[[int], object] | None = None,
    ignored: Ignored = NOTHING,
    prepare: Callable[[], object] | None = None,
) -> Report:
    """Import observations, oldest first, into a source (made where it is new).

    Running the same import again changes nothing, and goes on where an earlier one was cut off.
    Where nothing can be taken in, nothing is made: no source, and no database.

    Args:
        every: how densely they were observed, where only those that differ from the one before
            were kept; without it nothing is vouched for between two of them.
        skip_bad: pass over what is no catalog; the report lists it.
        notify: what is to hear of every new version that made events.
        ignored: the fields that are noise, and make neither a version nor an event.
        advance: told how many observations were dealt with, after each transaction.
        prepare: makes the database, once there is something to put into it.

    Raises:
        ImportRefusedError: not a catalog, dated after now, or it would rewrite history.
        BrokenInputError: something that is no observation at all.
        PricetrailError: whatever `observations` raises. What came before any of these is kept.
    """
    importer = _Importer(Report(source_name), every, skip_bad, notify, ignored, database.now())
    begun = items.begin(observations, importer.now, skip_bad=skip_bad)
    if not begun.worthwhile:
        _look(database, importer)
    elif prepare is not None:
        prepare()
    for batch in items.batches(begun.items):
        if begun.worthwhile:
            _take(database, importer, batch)
        else:
            importer.pass_over(batch)
        if advance is not None:
            advance(len(batch))
    return importer.report


def _look(database: Database, importer: "_Importer") -> None:
    """Say where the source stands, if there is one."""
    try:
        schema.require(database)
    except NotFoundError:
        return
    with database.read() as connection:
        importer.take(connection, [], importer.now)


def _take(database: Database, importer: "_Importer", batch: Iterable[Item]) -> None:
    now = database.now()
    with database.write(long=True) as connection:
        problem = importer.take(connection, batch, now)
    if problem is not None:
        raise problem


@dataclass
class _Importer:
    """Carries the head from one observation to the next, so that it is loaded once."""

    report: Report
    every: timedelta | None
    skip_bad: bool
    notify: Notify | None
    ignored: Ignored
    now: datetime
    head: Head | None = None
    # When the input last showed the source's head; None where it did not, or stopped looking.
    watched_since: datetime | None = None
    loaded: bool = False
    moved: Follower = field(default_factory=Follower)
    # The version whose coverage this import brought along.
    taken_over: int | None = None

    def take(
        self, connection: Transaction, batch: Iterable[Item], now: datetime
    ) -> PricetrailError | None:
        """Record items in order; the problem at which it stopped, with all before it recorded."""
        self.now = now
        state = sources.state(connection, self.report.source)
        if state is not None:
            self._load(connection, state)
        for item in batch:
            try:
                state = self._one(connection, state, item)
            except (ImportRefusedError, BrokenInputError) as problem:
                return problem
        return None

    def pass_over(self, batch: Iterable[Item]) -> None:
        """Items of which none can be taken in."""
        for item in batch:
            if isinstance(item, Unreadable):
                self.report.refuse(item)

    def _load(self, connection: Transaction, state: SourceState) -> None:
        if self.loaded and self.report.head_version == state.head_version:
            return
        # The first time, or somebody else has made a version meanwhile.
        self.watched_since = None
        self.head = latest.load(connection, state)
        self.loaded = True
        self._stand_at(state)

    def _stand_at(self, state: SourceState) -> None:
        self.report.head_version, self.report.head_hash = state.head_version, state.head_hash

    def _one(
        self, connection: Transaction, state: SourceState | None, item: Item
    ) -> SourceState | None:
        if isinstance(item, Pause):
            self.watched_since = None
            return state
        try:
            if isinstance(item, Unreadable):
                raise BrokenInputError(item)
            return self._take_in(connection, state, item)
        except BadItemError as problem:
            if not self.skip_bad:
                raise
            self.report.refuse(problem.item)
            # What the catalog was at that time is not known, so nobody can vouch for it.
            self.watched_since = None
            return state

    def _take_in(
        self, connection: Transaction, state: SourceState | None, item: Observation
    ) -> SourceState:
        items.require_past(item, self.now)
        if state is None:
            # A source is made for a catalog alone, so that what is refused leaves none behind.
            self._read(item)
            state = sources.open_source(connection, self.report.source, self.now)
            self._load(connection, state)
        at = to_millisecond(item.observed_at)
        follows = item.known is not None and self.moved.follows(connection, state, item.known)
        # The next version of an export goes on from the one before it, whatever its clock showed.
        if not follows and items.is_past(state, at):
            return self._skip_known(connection, state, item, at)
        self._record(connection, state, item, follows=follows)
        return self._after(connection, state)

    def _skip_known(
        self, connection: Transaction, state: SourceState, item: Observation, at: datetime
    ) -> SourceState:
        """Recognise what is part of the history already.

        Raises:
            ImportRefusedError: it is not, and would have to go before what is there.
        """
        found = coverage_log.in_force(connection, state.id, at)
        same = found is not None and (
            found.body_hash == hashlib.sha256(item.body).digest()
            or coverage_log.shows(connection, state.id, found, self._read(item), self.ignored)
        )
        if found is None or not same:
            raise ImportRefusedError(items.would_rewrite(state, item, at))
        self.report.count(at)
        if found.version == self.taken_over:
            self.report.unchanged += 1
        else:
            self.report.already_there += 1
        is_head = found.version == state.head_version
        self.watched_since = at if is_head else None
        if item.known is None or not is_head:
            return state
        self.moved.extend(connection, state, item.known)
        return self._after(connection, state)

    def _read(self, item: Observation) -> Catalog:
        return items.catalog(item, self.head.contents if self.head else None)

    def _record(
        self, connection: Transaction, state: SourceState, item: Observation, *, follows: bool
    ) -> None:
        at, body_hash = to_millisecond(item.observed_at), hashlib.sha256(item.body).digest()
        known, new = item.known, None
        if body_hash != state.body_hash:
            contents = self._read(item)
            place = self._place(state, at, known.not_before if known and follows else None)
            before = self.head.contents if self.head else None
            seen = self.head.seen if self.head else frozenset()
            ignored = known.ignored if known else self.ignored
            new = build_version(place, before, contents, body_hash, seen, ignored)
        poll = self._poll(state, at, covered=known is not None)
        if known is None:
            self._vouch(connection, state, at)
        number = state.head_version
        if new is not None and (state.head_version == 0 or new.differs):
            number = new.version.number
            self._write(connection, poll, new, item.body)
            self.report.versions += 1
        else:
            # A text that only comparison finds the same is not remembered (`jobs.polls.polling`).
            remembered = None if new is not None and new.difference else body_hash
            polls.record_unchanged(connection, poll, body_hash=remembered)
            self.report.unchanged += 1
        if known is not None:
            self.moved.append(connection, state, known, number, at, follows=follows)
            self.taken_over = number
        self.watched_since = at if known is None else None
        self.report.count(at)

    def _after(self, connection: Transaction, state: SourceState) -> SourceState:
        state = sources.state(connection, state.name) or state
        self._stand_at(state)
        return state

    def _write(self, connection: Transaction, poll: Poll, new: NewVersion, body: bytes) -> None:
        state, version = poll.source, new.version
        polls.record_changed(connection, poll, version.number, version.hash, new.body_hash, None)
        self.head = snapshots.write_version(connection, state, new, body, self.head).head
        self.report.events.update(event.type for event in new.events)
        if self.notify is not None and new.events:
            self.notify(connection, state, new)

    def _place(self, state: SourceState, at: datetime, not_before: datetime | None) -> VersionDraft:
        first = state.head_version == 0
        return VersionDraft(
            source=state.name,
            number=state.head_version + 1,
            previous_hash=state.head_hash,
            not_before=None if first else not_before or self._last_seen(state, at),
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
            coverage_log.vouch(connection, state.id, until, self.every)

    def _poll(self, state: SourceState, at: datetime, *, covered: bool) -> Poll:
        if self.every is None or covered:
            return Poll(state, at, at, imported=True, covered=covered)
        # Observed as densely as that, it counts as polling, without a row for each poll.
        return Poll(state, at, at, longest_pause=self.every, logged=False)
