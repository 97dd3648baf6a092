"""An audit: every row of a usage file at the price in force at its time, against an invoice."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pricetrail.audit import documents, invoice_diff, invoices
from pricetrail.audit.documents import RowSpools
from pricetrail.audit.invoices import Charge
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.report import AuditReport, model_totals
from pricetrail.audit.totals import Totals
from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage.options import DEFAULTS, ReadingOptions
from pricetrail.catalog.aliases import Aliases
from pricetrail.files.atomic import Target
from pricetrail.files.compression import Progress

_REASONS = 3


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What is to be audited.

    `out` is a file that gets a line for each row, with `force` in place of one that is there.
    """

    usage: UsageTable
    invoice: Mapping[str, Charge] | None = None
    out: Target | None = None
    force: bool = False

    @classmethod
    def read(
        cls,
        usage: Path,
        reading: ReadingOptions = DEFAULTS,
        invoice: Path | None = None,
        out: Target | None = None,
        *,
        force: bool = False,
    ) -> "AuditRequest":
        """Read what a person gave, all but the usage itself.

        Args:
            reading: how the usage is to be read, and what other money is worth.

        Raises:
            InvalidInputError: the name of `out` or the invoice cannot be used.
        """
        if out is not None:
            documents.check_name(out)
        charges = None if invoice is None else invoices.read(invoice, reading.rates)
        return cls(UsageTable(usage, reading), charges, out, force)


def audit(
    pricer: Pricer,
    request: AuditRequest,
    spools: RowSpools | None = None,
    progress: Progress | None = None,
) -> AuditReport:
    """Price every row, one at a time, and sum up.

    Args:
        spools: gets what the JSON document says of each row.
        progress: told how many bytes of the usage file were read, as it goes.

    Raises:
        InvalidInputError: the usage cannot be read, or its columns mean nothing.
        UnwritableError: `out` cannot be written.
    """
    totals, table = Totals(), request.usage
    results = totals.watch(map(pricer.price, table.read(progress)))
    if spools is not None:
        results = spools.watch(results)
    if request.out is not None:
        documents.write(request.out, results, force=request.force)
    else:
        deque(results, maxlen=0)
    comparisons = None
    if request.invoice is not None:
        invoice = _as_priced(request.invoice, totals, pricer.aliases)
        comparisons = invoice_diff.compare(invoice, totals, pricer.change)
    return AuditReport(
        source=pricer.source,
        total=totals.total,
        rows=totals.rows,
        models=model_totals(totals, pricer.change),
        unpriced=totals.unpriced.sample(),
        uncertain=totals.uncertain.sample(),
        comparisons=comparisons,
        rates=table.options.rates,
        ignored_columns=tuple(sorted(table.ignored)),
        out=None if request.out is None else str(request.out),
        reasons=tuple(totals.unpriced.reasons.most_common(_REASONS)),
    )


def _as_priced(
    invoice: Mapping[str, Charge], totals: Totals, aliases: Aliases
) -> Mapping[str, Charge]:
    """The invoice by the names that usage was priced under, where it has others of the model."""
    if not aliases:
        return invoice
    priced = {interval.model for interval in totals.intervals}
    found: dict[str, Charge] = {}
    for model, charge in invoice.items():
        others = priced.intersection(aliases.others(model)) - invoice.keys() - found.keys()
        alone = model not in priced and len(others) == 1
        found[others.pop() if alone else model] = charge
    return found
