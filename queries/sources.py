"""The question of `pricetrail sources list`: which sources are known, and how they are."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pricetrail.catalog import merkle
from pricetrail.queries.answers import CONFIGURATION, DATABASE, LongAnswer, time_or_null
from pricetrail.queries.source_selection import EVERY, Selection
from pricetrail.storage import kept_sources, source_pages
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.source_pages import Listed, Wanted

# The labels of each source of the configuration, by its name.
Labels = Mapping[str, Mapping[str, str]]
NO_LABELS: Labels = {}


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How one source is; `version` is 0, and times are None, where nothing happened yet.

    `failures` counts the polls that failed since the last good one, from `failing_since` on;
    `last_error` is the last one's, and `failing_told` says that webhooks were told. `quarantined`
    says that a catalog waits for a decision, `next_slot` is when the schedule polls next, `head`
    the chain's hash at the version. `labels` are the operator's; `configured` is None where
    nobody knows. `origin` says where it comes from, where it is configured: the configuration, or
    the database.
    """

    name: str
    version: int
    last_good: datetime | None
    last_poll: datetime | None
    failures: int
    quarantined: bool
    paused: bool
    next_slot: datetime | None
    models: int = 0
    head: bytes | None = None
    failing_since: datetime | None = None
    last_error: str | None = None
    failing_told: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    configured: bool | None = None
    origin: str | None = None
    overdue: bool = False

    def as_json(self) -> dict[str, object]:
        """One entry of `sources`."""
        known = (
            {} if self.configured is None else {"configured": self.configured, "from": self.origin}
        )
        return {
            "name": self.name,
            "version": self.version,
            "last_good": time_or_null(self.last_good),
            "last_poll": time_or_null(self.last_poll),
            "failures": self.failures,
            "quarantined": self.quarantined,
            "paused": self.paused,
            "next_slot": time_or_null(self.next_slot),
            "models": self.models,
            "head": None if self.head is None else merkle.hash_text(self.head),
            "failing_since": time_or_null(self.failing_since),
            "last_error": self.last_error,
            "overdue": self.overdue,
            "labels": dict(self.labels),
            **known,
        }


# So many are read at a time where all are wanted.
_PIECE = 1_000


@dataclass(frozen=True, slots=True)
class SourcesAnswer:
    """Sources that have a row, and configured ones, and how many there are `total` of the kind.

    `next` is the name to go on behind, where there are more by name.
    """

    sources: tuple[SourceHealth, ...]
    total: int
    next: str | None = None

    def as_json(self) -> dict[str, object]:
        """The shape of `sources list`."""
        sources = [source.as_json() for source in self.sources]
        return {"sources": sources, "total": self.total, "next": self.next}


@dataclass(frozen=True, slots=True)
class EverySource(LongAnswer):
    """The same of all of them; read as it is taken."""

    sources: Iterator[SourceHealth]
    total: int

    def in_pieces(self) -> dict[str, object]:
        """The shape of `sources list`."""
        sources = (source.as_json() for source in self.sources)
        return {"sources": sources, "total": self.total}


def ask(
    transaction: Transaction,
    now: datetime,
    configured: Labels | None = None,
    selection: Selection = EVERY,
) -> SourcesAnswer:
    """The sources of the database and their health, as of now by its clock.

    Args:
        configured: the labels of each source of the configuration: those that were never polled
            are told too, and each is told apart from one that has nothing but its history. None
            where nobody knows.
    """
    asked = _Asked(transaction, now, configured, selection)
    total = asked.count()
    known = asked.page()
    limit = selection.limit
    cut = limit is not None and not selection.urgent_first and len(known) > limit
    shown = tuple(known[:limit])
    return SourcesAnswer(shown, total, shown[-1].name if cut and shown else None)


def most_urgent(
    transaction: Transaction, now: datetime, configured: Labels | None, selection: Selection
) -> SourcesAnswer:
    """As `ask`; where not all fit, those that need somebody come first."""
    answer = ask(transaction, now, configured, selection)
    if answer.total <= len(answer.sources):
        return answer
    return ask(transaction, now, configured, replace(selection, urgent_first=True))


def count(transaction: Transaction, configured: Labels | None = None) -> int:
    """How many sources there are, those that were never polled among them."""
    known = list(configured or ())
    new = len(known) - len(source_pages.there(transaction, known))
    return source_pages.count(transaction) + new


def stream(
    database: Database, configured: Labels | None = None, selection: Selection = EVERY
) -> EverySource:
    """All that are selected, by name: read a piece at a time, each in a transaction of its own."""
    now = database.now()
    with database.read() as transaction:
        total = _Asked(transaction, now, configured, selection).count()
    return EverySource(_all(database, now, configured, selection), total)


def _all(
    database: Database, now: datetime, configured: Labels | None, selection: Selection
) -> Iterator[SourceHealth]:
    left, after = selection.limit, selection.after
    while left is None or left > 0:
        size = _PIECE if left is None else min(left, _PIECE)
        with database.read() as transaction:
            piece = replace(selection, after=after, limit=size)
            answer = ask(transaction, now, configured, piece)
        yield from answer.sources
        left = None if left is None else left - len(answer.sources)
        after = answer.next
        if after is None:
            return


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question: what the database has, and what the configuration alone names."""

    transaction: Transaction
    now: datetime
    configured: Labels | None
    selection: Selection

    def count(self) -> int:
        """How many are selected."""
        known = source_pages.count(self.transaction, self._wanted())
        return known + sum(1 for _ in self._new())

    def page(self) -> list[SourceHealth]:
        """Those of them that are asked for, and one more where there is one."""
        it, most = self.selection, self.selection.limit
        rows = source_pages.page(
            self.transaction,
            self.now,
            self._wanted(),
            after=it.after,
            skip=it.skip,
            limit=None if most is None else most + 1,
            urgent_first=it.urgent_first,
        )
        known = self.placed(rows)
        new = [_untouched(name, labels) for name, labels in self._new()]
        if it.urgent_first:
            # Nothing is wrong with these: they come last.
            before = max(0, it.skip - source_pages.count(self.transaction, self._wanted()))
            return [*known, *new[before:]]
        behind = [one for one in new if it.after is None or one.name > it.after]
        return sorted([*known, *behind], key=lambda one: one.name)

    def placed(self, rows: Iterable[Listed]) -> list[SourceHealth]:
        """Sources with where each comes from."""
        some = source_pages.any_kept(self.transaction)
        return [_placed(one, self.configured, some_are_kept=some) for one in rows]

    def _wanted(self) -> Wanted:
        it = self.selection
        if not it.labels:
            return Wanted(it.name)
        named = (self.configured or {}).items()
        labelled = [name for name, labels in named if labels.items() >= it.labels.items()]
        return Wanted(it.name, it.labels, labelled)

    def _new(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """The sources of the configuration that were never polled, by name."""
        named = self.configured or {}
        fitting = [name for name in sorted(named) if self.selection.takes(name, named[name])]
        there = source_pages.there(self.transaction, fitting)
        return ((name, named[name]) for name in fitting if name not in there)


def placed(
    transaction: Transaction, rows: Iterable[Listed], now: datetime, configured: Labels | None
) -> list[SourceHealth]:
    """Some sources of the database, each with where it comes from."""
    return _Asked(transaction, now, configured, EVERY).placed(rows)


def _placed(row: Listed, configured: Labels | None, *, some_are_kept: bool) -> SourceHealth:
    """A source with where it comes from; what both have is the configuration's."""
    one = _health(row)
    if configured is not None and one.name in configured:
        labels = configured[one.name]
        return replace(one, configured=True, labels=labels, origin=CONFIGURATION)
    if row.settings is not None:
        kept = kept_sources.labels_in(row.settings)
        return replace(one, configured=True, labels=kept, origin=DATABASE)
    # Where some are kept, that is where they are configured.
    known = configured is not None or some_are_kept
    return replace(one, configured=False if known else None)


def _untouched(name: str, labels: Mapping[str, str]) -> SourceHealth:
    """A source of the configuration that was never polled."""
    return SourceHealth(
        name,
        *(0, None, None, 0, False, False, None),
        labels=labels,
        configured=True,
        origin=CONFIGURATION,
    )


def _health(row: Listed) -> SourceHealth:
    state = row.state
    return SourceHealth(
        name=state.name,
        version=state.head_version,
        last_good=state.good_at,
        last_poll=state.last_poll_at,
        failures=state.failures,
        quarantined=state.holding,
        paused=state.paused,
        next_slot=state.next_slot_at,
        models=row.models,
        head=state.head_hash if state.head_version else None,
        failing_since=state.failing_since,
        last_error=state.last_error,
        failing_told=state.failing_told,
        overdue=row.overdue,
    )
