"""An invoice against what usage costs: by how much each model differs, and what explains it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from pricetrail.audit.invoices.comparisons import (
    Comparison,
    DayComparison,
    InvoiceComparison,
    InvoiceExplanation,
)
from pricetrail.audit.invoices.names import matched
from pricetrail.audit.invoices.reading import Charge, Invoice
from pricetrail.audit.invoices.second_look import SecondLook, look_again
from pricetrail.audit.invoices.units import Unit, uses_of
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.reconciliation import causes
from pricetrail.audit.reconciliation.causes import UNEXPLAINED, Cause, in_words
from pricetrail.audit.reconciliation.choices import Alternatives, Fits, choose
from pricetrail.audit.reconciliation.factors import FactorFit
from pricetrail.audit.reconciliation.histories import PriceHistory
from pricetrail.audit.results import RowResult
from pricetrail.audit.totals import IntervalUse, Totals, exact_sum

# A change that no use is next to is listed only where it explains something.
_NEXT = 0
# Ten steps of the invoice: less can be anything. Whether a cause fits by chance is told besides by
# how close to the charge others come (`Unit.try_all`).
_ENOUGH_BITS = 3.3
_MORE = 2


def compare(
    invoice: Invoice, totals: Totals, pricer: Pricer, again: Callable[[], Iterable[RowResult]]
) -> Comparison:
    """Compare every model of either side, the largest difference first.

    Args:
        again: gives the priced rows once more, for what their sums do not tell.
    """
    usage = totals.by_model()
    known = dict.fromkeys([*usage, *totals.unpriced.by_model])
    names = matched(invoice.charges, known)
    for name in names:
        # Another name of the model, that usage was priced under.
        others = (set(pricer.aliases.others(name)) & set(usage)) - set(names.values())
        if names[name] not in known and len(others) == 1:
            names[name] = others.pop()
    charges, days, called = _by_model(invoice, names)
    disputes = {
        model: _Dispute.of(model, charges[model], days.get(model, {}), usage[model], totals, pricer)
        for model in usage
        if model in charges
    }
    disputes = {model: one for model, one in disputes.items() if one.differs}
    if disputes:
        look_again({model: one.look for model, one in disputes.items()}, again())
        everywhere = FactorFit()
        for dispute in disputes.values():
            dispute.fit(everywhere)
        for dispute in disputes.values():
            dispute.conclude(everywhere.factor)
    compared = [
        _compared(model, charges.get(model), usage.get(model, []), totals, disputes.get(model))
        for model in dict.fromkeys([*known, *charges])
    ]
    compared = [
        replace(each, named=tuple(name for name in called[each.model] if name != each.model))
        for each in compared
    ]
    compared.sort(key=lambda each: (-abs(each.difference), each.model))
    return Comparison(tuple(compared), invoice.sum, invoice.total, invoice.adds_up, invoice.cents)


def _compared(
    model: str,
    charge: Charge | None,
    uses: Sequence[IntervalUse],
    totals: Totals,
    dispute: "_Dispute | None",
) -> InvoiceComparison:
    """What there is to say of a model."""
    audited = exact_sum(use.sum.cost for use in uses) if uses else None
    one = InvoiceComparison(
        model, charge, audited, totals.unpriced.by_model[model], totals.uncertain.by_model[model]
    )
    if dispute is None:
        return one
    return replace(
        one,
        explanations=tuple(dispute.explanations()),
        explained_by=dispute.explained_by,
        days=tuple(dispute.days()),
    )


def _by_model(
    invoice: Invoice, names: Mapping[str, str]
) -> tuple[dict[str, Charge], dict[str, dict[str, Charge]], dict[str, list[str]]]:
    """The charges of each model of the usage, those of its days, and what it is called."""
    charges: dict[str, Charge] = {}
    days: dict[str, dict[str, Charge]] = defaultdict(dict)
    called: dict[str, list[str]] = defaultdict(list)
    for name, charge in invoice.charges.items():
        model = names[name]
        called[model].append(name)
        charges[model] = charge if model not in charges else charges[model] + charge
    for (name, day), charge in invoice.days.items():
        known = days[names[name]]
        known[day] = charge if day not in known else known[day] + charge
    return charges, days, called


@dataclass
class _Dispute:
    """A model of which the invoice says something else than the audit."""

    history: PriceHistory
    pricer: Pricer
    units: Sequence[Unit]
    look: SecondLook
    _factors: FactorFit = field(default_factory=FactorFit)
    _choices: tuple[Alternatives, ...] = ()

    @classmethod
    def of(
        cls,
        model: str,
        charge: Charge,
        days: Mapping[str, Charge],
        uses: Sequence[IntervalUse],
        totals: Totals,
        pricer: Pricer,
    ) -> "_Dispute":
        """Take in both sides of a model."""
        history = PriceHistory(pricer.intervals(model), pricer.change)
        if days:
            used = {day: sums for (name, day), sums in totals.days.items() if name == model}
            zero = Charge(Decimal(0), Decimal("0.01"))
            units = [
                Unit(day, days.get(day, zero), tuple(uses_of(used.get(day, {}).items())))
                for day in sorted({*days, *used})
            ]
        else:
            units = [Unit(None, charge, tuple(uses_of(uses)))]
        return cls(history, pricer, units, SecondLook(history, units))

    @property
    def differs(self) -> bool:
        """Whether there is something to explain."""
        return any(unit.differs for unit in self.units)

    def fit(self, everywhere: FactorFit) -> None:
        """Try the causes, and show the amounts to what looks for a factor on all models."""
        for unit in self.units:
            unit.try_all(self.history)
            for factors in (self._factors, everywhere):
                factors.add(unit.charge.amount, unit.due, unit.slack)

    def conclude(self, everywhere: Decimal | None) -> None:
        """Choose the causes to be named.

        Args:
            everywhere: a factor that fits all models.
        """
        factor = everywhere or self._factors.factor
        fits, contradicted = Fits(), set[Cause]()
        for unit in self.units:
            if factor is not None:
                unit.fits.add(Cause(causes.FACTOR, factor))
            if not unit.differs:
                contradicted |= set(self._tried) - unit.fits - {Cause(causes.TWICE)}
            else:
                fits.add(frozenset(unit.fits), unit.bits)
        self._choices = tuple(
            self._with_common(alternatives)
            for alternatives in choose(fits, contradicted, _ENOUGH_BITS)
        )

    def _with_common(self, alternatives: Alternatives) -> Alternatives:
        """The alternatives, and what may be chance but explains the same."""
        units = [unit for unit in self.units if alternatives[0] in unit.fits and unit.differs]
        possible = self._factors.possible
        common = {one for unit in units for one in unit.common}
        found = [one for one in common if all(one in unit.common for unit in units)]
        if possible is not None:
            found.append(Cause(causes.FACTOR, possible))
        found.sort(key=lambda one: one.order)
        kinds = {one.kind for one in alternatives}
        return alternatives + tuple(one for one in found if one.kind not in kinds)[:_MORE]

    @property
    def _tried(self) -> Iterator[Cause]:
        return (cause for unit in self.units for cause in unit.fits | unit.common)

    def _why(self, unit: Unit) -> str | None:
        if not unit.differs:
            return None
        for alternatives in self._choices:
            if alternatives[0] in unit.fits:
                return in_words(alternatives, self.pricer.change)
        return UNEXPLAINED

    @property
    def explained_by(self) -> str:
        """What explains the model; several where they are of several days."""
        reasons = dict.fromkeys(filter(None, map(self._why, self.units)))
        return " and ".join(reasons)

    def days(self) -> Iterator[DayComparison]:
        """The days of the model, where the invoice has days."""
        for unit in self.units:
            if unit.day is not None:
                yield DayComparison(unit.day, unit.charge.amount, unit.due, self._why(unit))

    def explanations(self) -> Iterator[InvoiceExplanation]:
        """What it would be with each change of price, oldest first, then with other causes."""
        tried = {
            one for unit in self.units for use in unit.uses for one in self.history.causes(use)
        }
        every = tried | set(self._tried)
        found = [one for cause in every if (one := self._explanation(cause)) is not None]
        found.sort(key=_of_changes_first)
        yield from found

    def _explanation(self, cause: Cause) -> InvoiceExplanation | None:
        explains = all(cause in unit.fits | unit.common or not unit.differs for unit in self.units)
        totals = [unit.total(cause, self.history) for unit in self.units]
        known = [total for total in totals if total is not None]
        if not explains and (len(known) < len(totals) or not self._is_near(cause)):
            return None
        total = exact_sum(known)
        if explains and cause.kind in (causes.ZONE, causes.FACTOR, causes.TWICE):
            total = exact_sum(unit.charge.amount for unit in self.units)
        change = None
        if cause.kind in (causes.BEFORE, causes.AFTER) and isinstance(cause.of, int):
            change = self.pricer.change(cause.of)
        words = cause.words(self.pricer.change)
        return InvoiceExplanation(cause, words, total, explains, change)

    def _is_near(self, cause: Cause) -> bool:
        """Whether a cause would change something, and its change is next to some use."""
        if cause.kind not in (causes.BEFORE, causes.AFTER):
            return False
        return any(
            self.history.distance(cause, use.interval) == _NEXT
            for unit in self.units
            for use in unit.uses
        )


def _of_changes_first(one: InvoiceExplanation) -> tuple[bool, int, tuple[int, int, str]]:
    version = one.change.version if one.change is not None else 0
    return one.change is None, version, one.cause.order
