"""An audit by an engine: equal to the streaming one, to the last digit."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pricetrail.audit.documents import RowSpools
from pricetrail.audit.engines.classes import Classes
from pricetrail.audit.engines.plan import Plan
from pricetrail.audit.engines.staging import Staging
from pricetrail.audit.engines.stretches import micros, stretches
from pricetrail.audit.groups import DAY, LABELS, Groups
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.reconciliation.repeats import mark_repeats
from pricetrail.audit.report import AuditReport, model_totals
from pricetrail.audit.spans import Span
from pricetrail.audit.totals import Totals
from pricetrail.audit.usage.columns import REQUEST_ID
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.reading import TOTALS_AS_NAMES, Reading
from pricetrail.audit.usage.rows import Row
from pricetrail.files.compression import Progress

_REASONS = 3


class EngineFile(Protocol):
    """A file of usage that an engine has opened."""

    @property
    def path(self) -> Path:
        """Where it is."""
        ...

    @property
    def reading(self) -> Reading:
        """What is known of it so far."""
        ...

    @property
    def size(self) -> int:
        """Its size in bytes."""
        ...

    def staging(self) -> Staging:
        """How its cells are read."""
        ...

    def records(self, query: str) -> Iterator[tuple[object, ...]]:
        """The records of a query about `usage`, `prices` and `refused`."""
        ...

    def load(self, table: str, columns: Sequence[str], records: Sequence[Sequence[object]]) -> None:
        """Make one of the relations `prices` and `refused`."""
        ...

    def rest(self, query: str, number: int) -> Iterator[Row]:
        """The rows at the places that a query names, of so many in all, in order."""
        ...


class Engine(Protocol):
    """What runs the plan."""

    @property
    def dialect(self) -> str:
        """What its queries are written in."""
        ...

    @property
    def join(self) -> str:
        """Which join of the plan is the best here."""
        ...

    def files(self, labels: tuple[str, ...]) -> Iterator[EngineFile]:
        """The files, one after the other; each is known to the engine until the next one is.

        Args:
            labels: those that rows are added up by.
        """
        ...


@dataclass
class EngineAudit:
    """What an audit by an engine has found so far.

    `streamed`: how many rows the pricer priced one by one.
    """

    pricer: Pricer
    span: Span
    groups: Groups
    totals: Totals = field(default_factory=Totals)
    streamed: int = 0
    left_out: int = 0
    ignored: set[str] = field(default_factory=set)
    readings: list[Reading] = field(default_factory=list)

    def run(
        self, engine: Engine, spools: RowSpools | None = None, progress: Progress | None = None
    ) -> AuditReport:
        """Price every row, and sum up.

        Raises:
            InvalidInputError: a file cannot be read by the engine as the streaming audit reads it.
        """
        results = mark_repeats(map(self.pricer.price, self._rows(engine, progress)))
        results = self.groups.watch(self.totals.watch(results))
        if spools is not None:
            results = spools.watch(results)
        deque(results, maxlen=0)
        totals = self.totals
        return AuditReport(
            source=self.pricer.source,
            total=totals.total,
            rows=totals.rows,
            models=model_totals(totals, self.pricer.change),
            unpriced=totals.unpriced.sample(),
            uncertain=totals.uncertain.sample(),
            repeated=totals.repeated.sample(),
            groups=tuple(self.groups.sorted) if self.groups.ways else None,
            left_out=self.left_out,
            rates=self.readings[0].options.rates,
            ignored_columns=tuple(sorted(self.ignored)),
            out=None,
            reasons=tuple(totals.unpriced.reasons.most_common(_REASONS)),
        )

    def _rows(self, engine: Engine, progress: Progress | None) -> Iterator[Row]:
        """Add up what each file's plan does, and hand on the rows that it leaves."""
        labels = tuple(way for way in self.groups.ways if way in LABELS)
        for file in engine.files(labels):
            self.readings.append(file.reading)
            yield from self.span.within(self._file(engine, file))
            self.left_out += self.span.left_out
            ways = self.groups.ways
            self.ignored |= {n for n in file.reading.ignored if file.reading.role(n) not in ways}
            if progress is not None:
                progress(file.size)

    def _file(self, engine: Engine, file: EngineFile) -> Iterator[Row]:
        plan, classes = self._add_up(engine, file)
        columns = ("number", "passed", "tier", "batch", "used")
        file.load("refused", columns, [each.key for each in classes.refused])
        found = classes.rows > classes.rest
        if classes.rest:
            for row in file.rest(plan.rest(engine.dialect), classes.rows):
                self.streamed += 1
                found = True
                yield row
        self.left_out += classes.left_out
        if not found and not (file.reading.empty or file.reading.totals):
            raise UsageFileError(f"{file.path} has no rows of usage")

    def _add_up(self, engine: Engine, file: EngineFile) -> tuple[Plan, Classes]:
        """Add up the file's rows by classes, and price those."""
        staging = file.staging()
        plan = Plan(
            staging.quantities,
            staging.labels,
            DAY in self.groups.ways,
            since=_bound(self.span.since),
            until=_bound(self.span.until),
            join=engine.join,
        )
        options, known = file.reading.options, self.pricer.known()
        names = (str(name) for (name,) in file.records(plan.models(engine.dialect)) if name)
        models = (
            (name, options.model(name.strip()))
            for name in names
            if name.strip() not in TOTALS_AS_NAMES
        )
        priced = stretches(
            self.pricer, (m for m in models if not known.isdisjoint(self.pricer.names(m[1])))
        )
        plan = plan.with_thresholds(max((len(one.thresholds) for one in priced), default=0))
        file.load("prices", plan.price_columns, list(plan.price_rows(priced)))
        classes = Classes(self.pricer, plan, priced, self.totals, self.groups)
        for record in file.records(plan.sums(engine.dialect)):
            classes.add(plan.row_class(record))
        return plan, classes


def has_requests(staging: Staging) -> bool:
    """Whether rows name their requests, some of which may be there twice."""
    return REQUEST_ID in staging.cells


def _bound(moment: datetime | None) -> int | None:
    return None if moment is None else micros(moment)
