"""What is asked and what is due, summed per model and per day, and by what explains the rest."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from pricetrail.audit.reconciliation.causes import UNEXPLAINED
from pricetrail.catalog.amounts import EXACT, plain

ROUNDING = "rounding"


@dataclass
class Asked:
    """Rows: what is asked for them, what is due, and the difference by what explains it."""

    rows: int = 0
    reported: Decimal = Decimal(0)
    due: Decimal = Decimal(0)
    explained: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def add(self, reported: Decimal, due: Decimal, why: str) -> None:
        """Add a row, and why what is asked for it is not what is due."""
        self.rows += 1
        self.reported = EXACT.add(self.reported, reported)
        self.due = EXACT.add(self.due, due)
        if reported != due:
            apart = EXACT.subtract(reported, due)
            self.explained[why] = EXACT.add(self.explained[why], apart)

    @property
    def difference(self) -> Decimal:
        """What is asked beyond what is due."""
        return EXACT.subtract(self.reported, self.due)

    def as_json(self) -> dict[str, object]:
        """The sums, as texts."""
        return {
            "rows": self.rows,
            "reported": plain(self.reported),
            "due": plain(self.due),
            "difference": plain(self.difference),
        }

    def reasons(self) -> list[dict[str, object]]:
        """What explains how much of the difference, the largest part first."""
        parts = sorted(self.explained.items(), key=lambda part: (-abs(part[1]), part[0]))
        return [{"explained_by": why, "amount": plain(amount)} for why, amount in parts if amount]


@dataclass
class Explained:
    """What one cause explains of one model: how many rows, how much, and from when to when."""

    model: str
    explained_by: str
    rows: int = 0
    amount: Decimal = Decimal(0)
    first: str = ""
    last: str = ""

    def add(self, amount: Decimal, day: str) -> None:
        """Add a row of a day."""
        self.rows += 1
        self.amount = EXACT.add(self.amount, amount)
        self.first = min(self.first or day, day)
        self.last = max(self.last, day)

    def as_json(self) -> dict[str, object]:
        """The contract's shape of an entry of `explained`."""
        return {
            "model": self.model,
            "explained_by": self.explained_by,
            "rows": self.rows,
            "amount": plain(self.amount),
            "from": self.first,
            "until": self.last,
        }


@dataclass
class Reconciliation:
    """The costs of a file beside ours, each request due once; `repeated`: those named again.

    `unpriced`: what is asked for rows without a price, of which nobody knows what is due.
    """

    total: Asked = field(default_factory=Asked)
    models: dict[str, Asked] = field(default_factory=dict)
    days: dict[str, Asked] = field(default_factory=dict)
    unpriced: Asked = field(default_factory=Asked)
    _explained: dict[tuple[str, str], Explained] = field(default_factory=dict)

    def add(self, model: str, day: str, reported: Decimal, due: Decimal, why: str | None) -> None:
        """Add a row; `why` explains its difference, None where that is rounding alone."""
        reason = why or ROUNDING
        for asked in (
            self.total,
            self.models.setdefault(model, Asked()),
            self.days.setdefault(day, Asked()),
        ):
            asked.add(reported, due, reason)
        if why is not None:
            key = (model, why)
            explained = self._explained.setdefault(key, Explained(model, why))
            explained.add(EXACT.subtract(reported, due), day)

    @property
    def explained(self) -> list[Explained]:
        """What each cause explains of each model, the largest first, what nothing does last."""
        return sorted(
            self._explained.values(),
            key=lambda one: (one.explained_by == UNEXPLAINED, -abs(one.amount), one.model),
        )

    def as_json(self) -> dict[str, object]:
        """The contract's shape of `reconciliation`."""
        models = sorted(self.models.items(), key=lambda one: (-abs(one[1].difference), one[0]))
        return {
            **self.total.as_json(),
            "unpriced": {"rows": self.unpriced.rows, "reported": plain(self.unpriced.reported)},
            "explained": [one.as_json() for one in self.explained],
            "models": [
                {"model": name, **asked.as_json(), "explained": asked.reasons()}
                for name, asked in models
            ],
            "days": [
                {"day": day, **asked.as_json(), "explained": asked.reasons()}
                for day, asked in sorted(self.days.items())
            ],
        }
