"""Each row of a file that has costs, with why they differ from ours; and the sums of that."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from pricetrail.audit.reconciliation.causes import TWICE, UNEXPLAINED, in_words
from pricetrail.audit.reconciliation.choices import Alternatives
from pricetrail.audit.reconciliation.evidence import Evidence
from pricetrail.audit.reconciliation.sums import Reconciliation
from pricetrail.audit.results import Explanation, PricedRow, RowResult, UnpricedRow
from pricetrail.catalog.amounts import EXACT

_NOTHING = Explanation(None, None, None)


@dataclass
class Reconciler:
    """Explains rows by what all of them together tell."""

    evidence: Evidence
    sums: Reconciliation = field(default_factory=Reconciliation)
    _choices: dict[str, tuple[Alternatives, ...]] = field(default_factory=dict)
    _words: dict[Alternatives, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._choices = self.evidence.choices()

    def watch(self, results: Iterable[RowResult]) -> Iterator[RowResult]:
        """Hand on every result, explained and added up."""
        for result in results:
            if isinstance(result, UnpricedRow):
                if result.reported is not None:
                    self.sums.unpriced.add(result.reported, result.reported, UNEXPLAINED)
                yield result._replace(explanation=_NOTHING._replace(reported=result.reported))
            else:
                yield result._replace(explanation=self._explained(result))

    def _explained(self, row: PricedRow) -> Explanation:
        reported, model = row.row.reported, row.row.model
        if reported is None:
            return _NOTHING
        why, due = self._why(row, reported), row.bill.cost
        if row.repeats is not None:
            why, due = f"{TWICE}: as line {row.repeats}", Decimal(0)
        day = row.row.at.date().isoformat()
        self.sums.add(model, day, reported, due, TWICE if row.repeats is not None else why)
        return Explanation(reported, EXACT.subtract(reported, row.bill.cost), why)

    def _why(self, row: PricedRow, reported: Decimal) -> str | None:
        if self.evidence.steps.same(reported, row.bill.cost):
            return None
        for alternatives in self._choices.get(row.interval.model, ()):
            if self.evidence.explains(alternatives[0], row):
                return self._in_words(alternatives)
        return UNEXPLAINED

    def _in_words(self, alternatives: Alternatives) -> str:
        if alternatives not in self._words:
            self._words[alternatives] = in_words(alternatives, self.evidence.change_of)
        return self._words[alternatives]
