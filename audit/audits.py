"""An audit: every row of a usage file at the price in force at its time, against an invoice."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pricetrail.audit import documents, focus
from pricetrail.audit.documents import RowSpools
from pricetrail.audit.groups import Groups, parse_ways
from pricetrail.audit.invoices import comparing
from pricetrail.audit.invoices import reading as invoices
from pricetrail.audit.invoices.comparisons import Comparison
from pricetrail.audit.invoices.reading import Invoice
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.reconciliation.evidence import Evidence, steps_of
from pricetrail.audit.reconciliation.reconciling import Reconciler
from pricetrail.audit.reconciliation.repeats import mark_repeats
from pricetrail.audit.report import AuditReport, model_totals
from pricetrail.audit.results import RowResult
from pricetrail.audit.spans import Span
from pricetrail.audit.totals import Totals
from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage.options import DEFAULTS, ReadingOptions
from pricetrail.audit.usage.rows import Row
from pricetrail.files.atomic import Target
from pricetrail.files.compression import Progress

_REASONS = 3


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What is to be audited.

    `out` is a file that gets a line for each row, or rows of FOCUS (`as_focus`), with `force` in
    place of one that is there. `span`: of which time; `group_by`: by what
    the rows are added up.
    """

    usage: UsageTable
    invoice: Invoice | None = None
    out: Target | None = None
    force: bool = False
    as_focus: bool = False
    span: Span = field(default_factory=Span)
    group_by: tuple[str, ...] = ()

    @classmethod
    def read(
        cls,
        usage: Path,
        reading: ReadingOptions = DEFAULTS,
        invoice: Path | None = None,
        out: Target | None = None,
        *,
        force: bool = False,
        as_focus: bool = False,
        span: Span | None = None,
        group_by: str | None = None,
    ) -> "AuditRequest":
        """Read what a person gave, all but the usage itself.

        Args:
            reading: how the usage is to be read, and what other money is worth.
            group_by: such as `team,day`.

        Raises:
            InvalidInputError: the name of `out`, the invoice or the groups cannot be used.
        """
        if out is not None:
            documents.check_name(out, (".csv",) if as_focus else documents.FORMS)
        ways = () if group_by is None else parse_ways(group_by)
        charges = None if invoice is None else invoices.read(invoice, reading.rates)
        table = UsageTable(usage, reading)
        return cls(table, charges, out, force, as_focus, span or Span(), ways)

    def rows(self, progress: Progress | None = None) -> Iterator[Row]:
        """The rows of usage, once more each time."""
        return self.span.within(self.usage.read(progress))


def audit(
    pricer: Pricer,
    request: AuditRequest,
    spools: RowSpools | None = None,
    progress: Progress | None = None,
) -> AuditReport:
    """Price every row, one at a time, and sum up.

    A file that has costs, or an invoice that differs, is read a second time: what explains a
    difference is known once all rows have passed.

    Args:
        spools: gets what the JSON document says of each row.
        progress: told how many bytes of the usage file were read, as it goes.

    Raises:
        InvalidInputError: the usage cannot be read, or its columns mean nothing.
        UnwritableError: `out` cannot be written.
    """
    reconciler, groups = _reconciler(pricer, request), Groups(request.group_by)
    totals = Totals(daily=request.invoice is not None and bool(request.invoice.days))
    results = mark_repeats(map(pricer.price, request.rows(progress)))
    if reconciler is not None:
        results = reconciler.watch(results)
    results = groups.watch(totals.watch(results))
    if spools is not None:
        results = spools.watch(results)
    written = _write(pricer, request, results, costs=reconciler is not None)
    return AuditReport(
        source=pricer.source,
        total=totals.total,
        rows=totals.rows,
        models=model_totals(totals, pricer.change),
        unpriced=totals.unpriced.sample(),
        uncertain=totals.uncertain.sample(),
        repeated=totals.repeated.sample(),
        comparison=_compare(pricer, request, totals),
        reconciliation=None if reconciler is None else reconciler.sums,
        groups=tuple(groups.sorted) if request.group_by else None,
        left_out=request.span.left_out,
        focus_rows=written if request.as_focus else None,
        rates=request.usage.options.rates,
        ignored_columns=tuple(sorted(_ignored(request))),
        out=None if request.out is None else str(request.out),
        reasons=tuple(totals.unpriced.reasons.most_common(_REASONS)),
    )


def _compare(pricer: Pricer, request: AuditRequest, totals: Totals) -> Comparison | None:
    """The invoice's side, where there is one."""
    if request.invoice is None:
        return None
    return comparing.compare(
        request.invoice, totals, pricer, lambda: map(pricer.price, request.rows())
    )


def _reconciler(pricer: Pricer, request: AuditRequest) -> Reconciler | None:
    """What explains the rows' costs; None where the file has none."""
    steps = steps_of(request.usage)
    if steps is None:
        return None
    evidence = Evidence(pricer, steps)
    evidence.add(map(pricer.price, request.rows()))
    return Reconciler(evidence)


def _write(
    pricer: Pricer, request: AuditRequest, results: Iterator[RowResult], *, costs: bool
) -> int:
    """Write the rows where they are to go, if anywhere; return how many lines there are."""
    if request.out is None:
        deque(results, maxlen=0)
        return 0
    if request.as_focus:
        return focus.write(request.out, results, pricer, force=request.force)
    return documents.write(request.out, results, force=request.force, costs=costs)


def _ignored(request: AuditRequest) -> set[str]:
    """The columns that were only remarks; those by which rows are added up are none."""
    usage = request.usage
    return {name for name in usage.ignored if usage.reading.role(name) not in request.group_by}
