"""What the comparison of an invoice with an audit says."""

from dataclasses import dataclass
from decimal import Decimal

from pricetrail.audit.invoices.reading import Charge
from pricetrail.audit.invoices.units import close
from pricetrail.audit.reconciliation.causes import AFTER, BEFORE, Cause
from pricetrail.audit.results import PriceChange
from pricetrail.catalog.amounts import EXACT, plain

_CHARGED = {BEFORE: "before", AFTER: "after"}


@dataclass(frozen=True, slots=True)
class InvoiceExplanation:
    """What the model would cost in all with one cause at work.

    `explains`: that is what the invoice says, day by day where it has days, as far as its rounding
    tells. `change`: of which change the price was charged too late or too early.
    """

    cause: Cause
    words: str
    total: Decimal
    explains: bool
    change: PriceChange | None = None

    @property
    def charged(self) -> str | None:
        """`before` where all use since the change goes by the prices before it, `after` where
        all use until the change goes by the prices after it."""
        return _CHARGED.get(self.cause.kind)

    def as_json(self) -> dict[str, object]:
        """The contract's shape of an entry of `explanations`, or of `other_causes`."""
        if self.change is None:
            which: dict[str, object] = {"cause": self.words}
        else:
            which = {"change": self.change.as_json(), "charged": self.charged}
        return {**which, "total": plain(self.total), "explains": self.explains}


@dataclass(frozen=True, slots=True)
class DayComparison:
    """One day of a model, where the invoice has days."""

    day: str
    invoiced: Decimal
    audited: Decimal
    explained_by: str | None

    def as_json(self) -> dict[str, object]:
        """The contract's shape of an entry of `days`."""
        return {
            "day": self.day,
            "invoiced": plain(self.invoiced),
            "audited": plain(self.audited),
            "difference": plain(EXACT.subtract(self.invoiced, self.audited)),
            "explained_by": self.explained_by,
        }


@dataclass(frozen=True, slots=True)
class InvoiceComparison:
    """One model of the invoice, of the usage, or of both; None for the side that lacks it.

    `named`: how the invoice calls it, where that is something else. `explained_by`: in words,
    None where both agree or one of them is not there.
    """

    model: str
    invoiced: Charge | None
    audited: Decimal | None
    unpriced: int = 0
    uncertain: int = 0
    explanations: tuple[InvoiceExplanation, ...] = ()
    explained_by: str | None = None
    days: tuple[DayComparison, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def difference(self) -> Decimal:
        """What the invoice asks beyond the audit."""
        asked = self.invoiced.amount if self.invoiced is not None else Decimal(0)
        return EXACT.subtract(asked, self.audited or Decimal(0))

    @property
    def agrees(self) -> bool:
        """Whether both say the same, as far as the invoice's rounding tells, on each day too."""
        if self.invoiced is None or self.audited is None:
            return False
        return close(self.invoiced, self.audited) and not any(day.explained_by for day in self.days)

    def as_json(self) -> dict[str, object]:
        """The contract's shape of an entry of `invoice`."""
        document: dict[str, object] = {
            "model": self.model,
            "invoiced": None if self.invoiced is None else plain(self.invoiced.amount),
            "audited": None if self.audited is None else plain(self.audited),
            "difference": plain(self.difference),
            "agrees": self.agrees,
            "explained_by": self.explained_by,
            "unpriced": self.unpriced,
            "uncertain": self.uncertain,
            "explanations": [one.as_json() for one in self.explanations if one.change is not None],
        }
        others = [one.as_json() for one in self.explanations if one.change is None]
        if others:
            document["other_causes"] = others
        if self.days:
            document["days"] = [day.as_json() for day in self.days]
        if self.named:
            document["named"] = list(self.named)
        return document


@dataclass(frozen=True, slots=True)
class Comparison:
    """All models of an invoice, the largest difference first.

    `stated`: what its own line of totals says, `sum` what its lines add up to. `cents`: its amounts
    were read as cents.
    """

    models: tuple[InvoiceComparison, ...]
    sum: Charge
    stated: Charge | None = None
    adds_up: bool = True
    cents: bool = False

    def as_json(self) -> dict[str, object]:
        """The contract's members of an audit against an invoice."""
        document: dict[str, object] = {"invoice": [each.as_json() for each in self.models]}
        if self.stated is not None:
            document["invoice_total"] = {
                "stated": plain(self.stated.amount),
                "sum": plain(self.sum.amount),
                "adds_up": self.adds_up,
            }
        return document
