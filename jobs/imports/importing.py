"""Past observations, taken in as they are: no guard sets anything aside, no webhook hears of it.

The versions and events are those that polling the same catalogs would have made. Several
observations share a transaction; each one leaves a history that the same import goes on from.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeAlias

from pricetrail.catalog.catalogs import Catalog
from pricetrail.catalog.errors import NotFoundError, PricetrailError
from pricetrail.catalog.ignored import NOTHING, Ignored
from pricetrail.catalog.readers import Reader
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
from pricetrail.jobs.imports.watching import Watch
from pricetrail.jobs.polls import rereading
from pricetrail.jobs.polls.recording import PollRecorder
from pricetrail.storage import schema, sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import latest, readings, recognition
from pricetrail.storage.history.latest import LatestCatalog
from pricetrail.storage.polls import coverage_log
from pricetrail.storage.sources import SourceState

# The lead to a webhook: called inside the transaction that wrote the version.
Notify: TypeAlias = Callable[[Transaction, SourceState, NewVersion], object]


def run(
    database: Database,
    source_name: str,
    observations: Iterable[Item],
    *,
    every: timedelta | None = None,
    skip_bad: bool = False,
    notify: Notify | None = None,
    ignored: Ignored = NOTHING,
    reader: Reader | None = None,
    prepare: Callable[[], object] | None = None,
) -> Report:
    """Import observations, oldest first, into a source (made where it is new).

    Running the same import again changes nothing, and goes on where an earlier one was cut off.
    Where nothing can be taken in, nothing is made: no source, and no database.

    Args:
        every: how densely they were observed, where only those that differ from the one before
            were kept; without it no time between two of them is covered.
        skip_bad: pass over what is no catalog; the report lists it.
        notify: what is to hear of every new version that made events.
        ignored: the fields that are noise, and make neither a version nor an event.
        reader: what reads the observations; without one, PipeLLM's.
        prepare: makes the database, once there is something to put into it.

    Raises:
        ImportRefusedError: not a catalog, dated after now, or it would rewrite history.
        BrokenInputError: something that is no observation at all.
        PricetrailError: whatever `observations` raises. What came before any of these is kept.
    """
    now = database.now()
    usual = reader or Reader()
    importer = _Importer(Report(source_name), skip_bad, notify, ignored, usual, now, Watch(every))
    begun = items.begin(observations, now, skip_bad=skip_bad, reader=usual)
    if not begun.worthwhile:
        _look(database, importer)
    elif prepare is not None:
        prepare()
    for batch in items.batches(begun.items):
        if begun.worthwhile:
            _take(database, importer, batch)
        else:
            importer.pass_over(batch)
    return importer.report


def _look(database: Database, importer: "_Importer") -> None:
    """Say where the source stands, if there is one."""
    with suppress(NotFoundError):
        schema.require(database)
        with database.read() as connection:
            importer.open(connection)


def _take(database: Database, importer: "_Importer", batch: Iterable[Item]) -> None:
    importer.now = database.now()
    with database.write(long=True) as connection:
        problem = importer.take(connection, batch)
    if problem is not None:
        raise problem


@dataclass
class _Importer:
    """Carries the head from one observation to the next, so that it is loaded once."""

    report: Report
    skip_bad: bool
    notify: Notify | None
    ignored: Ignored
    reader: Reader
    now: datetime
    watch: Watch
    head: LatestCatalog | None = None
    loaded: bool = False
    follower: Follower = field(default_factory=Follower)
    taken_over: int | None = None  # the version whose coverage this import brought along

    def open(self, connection: Transaction) -> SourceState | None:
        """Find the source, and its head where somebody else has made a version meanwhile."""
        state = sources.state(connection, self.report.source)
        if state is not None:
            self._load(connection, state)
        return state

    def take(self, connection: Transaction, batch: Iterable[Item]) -> PricetrailError | None:
        """Record items in order; the problem at which it stopped, with all before it recorded."""
        state = self.open(connection)
        for item in batch:
            try:
                state = self._take_item(connection, state, item)
            except (ImportRefusedError, BrokenInputError) as problem:
                return problem
        return None

    def pass_over(self, batch: Iterable[Item]) -> None:
        """Count items of which none can be taken in."""
        for item in batch:
            if isinstance(item, Unreadable):
                self.report.refuse(item)

    def _load(self, connection: Transaction, state: SourceState) -> None:
        if self.loaded and self.report.head_version == state.head_version:
            return
        self.watch.since = None
        self.head = latest.load(connection, state)
        self.loaded = True
        self.report.stand_at(state)

    def _take_item(
        self, connection: Transaction, state: SourceState | None, item: Item
    ) -> SourceState | None:
        if isinstance(item, Pause):
            self.watch.since = None
            return state
        try:
            if isinstance(item, Unreadable):
                raise BrokenInputError(item)
            return self._take_observation(connection, state, item)
        except BadItemError as problem:
            if not self.skip_bad:
                raise
            self.report.refuse(problem.item)
            self.watch.since = None  # what the catalog was at that time is not known
            return state

    def _take_observation(
        self, connection: Transaction, state: SourceState | None, item: Observation
    ) -> SourceState:
        items.require_past(item, self.now)
        if state is None:
            self._read(item)  # what is no catalog leaves no source behind
            state = sources.open_source(connection, self.report.source, self.now)
            self._load(connection, state)
        at = to_millisecond(item.observed_at)
        follows = item.known is not None and self.follower.follows(connection, state, item.known)
        # The next version of an export goes on from the one before it, whatever its clock showed.
        if follows or not items.is_past(state, at):
            state = self._as_read(connection, state, item, at)
            self._record(connection, state, item, at, follows=follows)
        elif not self._recognise(connection, state, item, at):
            return state
        state = sources.state(connection, state.name) or state
        self.report.stand_at(state)
        return state

    def _recognise(
        self, connection: Transaction, state: SourceState, item: Observation, at: datetime
    ) -> bool:
        """Count what is part of the history already; whether its coverage is taken over.

        Raises:
            ImportRefusedError: it is not, and would have to go before what is there.
        """
        known = recognition.in_force(connection, state.id, at)
        same = known is not None and (
            known.body_hash == sha256(item.body).digest()
            or recognition.shows(connection, state.id, known, self._read(item), self.ignored)
        )
        if known is None or not same:
            raise ImportRefusedError(items.would_rewrite(state, item, at))
        self.report.count(at)
        taken_over = known.version == self.taken_over
        self.report.unchanged += taken_over
        self.report.already_there += not taken_over
        self.watch.since = at if known.version == state.head_version else None
        if item.known is None or known.version != state.head_version:
            return False
        self.follower.extend(connection, state, item.known)
        return True

    def _as_read(
        self, connection: Transaction, state: SourceState, item: Observation, at: datetime
    ) -> SourceState:
        """The source, its accepted body read as an observation of it is read."""
        reader = items.reader_of(item, self.reader)
        if self.head is None or readings.read_by(state) == reader.read_by:
            return state
        reread = rereading.read_anew(connection, state, self.head, reader, self.ignored, at)
        if reread is None:
            raise items.of_another_dialect(state, item)
        self.head = reread.head
        self.report.versions += reread.new is not None
        return reread.state

    def _record(
        self,
        connection: Transaction,
        state: SourceState,
        item: Observation,
        at: datetime,
        *,
        follows: bool,
    ) -> None:
        known, body_hash = item.known, sha256(item.body).digest()
        other = body_hash != state.body_hash
        new = self._build(state, item, at, follows=follows) if other else None
        recorder = PollRecorder(self.watch.poll(state, at, covered=known is not None))
        until = self.watch.until(at)
        if known is None and until is not None and self.watch.every is not None:
            coverage_log.log_agreement(connection, state.id, until, self.watch.every)
        number = state.head_version
        if new is not None and (number == 0 or new.differs):
            number = new.version.number
            self._accept(connection, recorder, new, item.body)
        else:
            # A text that only comparison finds the same is not remembered (`jobs.polls.polling`).
            same = new is None or not new.difference
            recorder.unchanged(connection, body_hash=body_hash if same else None)
            self.report.unchanged += 1
        if known is not None:
            self.follower.append(connection, state, known, number, at, follows=follows)
            self.taken_over = number
        self.watch.since = at if known is None else None
        self.report.count(at)

    def _accept(
        self, connection: Transaction, recorder: PollRecorder, new: NewVersion, body: bytes
    ) -> None:
        self.head = recorder.accepted(connection, new, body, self.head)
        self.report.add_version(new)
        if self.notify is not None and new.events:
            self.notify(connection, recorder.poll.source, new)

    def _build(
        self, state: SourceState, item: Observation, at: datetime, *, follows: bool
    ) -> NewVersion:
        """The version that an observation would make."""
        known, first = item.known, state.head_version == 0
        reader = items.reader_of(item, self.reader)
        since = known.not_before if known is not None and follows else None
        draft = VersionDraft(
            source=state.name,
            number=state.head_version + 1,
            previous_hash=state.head_hash,
            not_before=None if first else since or self.watch.last_seen(state, at),
            not_after=at,
            baseline=first,
            chain_name=state.chain_name,
            read_by=reader.read_by,
        )
        return build_version(
            draft,
            self.head.catalog if self.head else None,
            self._read(item),
            sha256(item.body).digest(),
            self.head.known_schema if self.head else frozenset(),
            known.ignored if known else self.ignored,
        )

    def _read(self, item: Observation) -> Catalog:
        before = self.head.catalog if self.head else None
        return items.catalog(item, items.reader_of(item, self.reader), before)
