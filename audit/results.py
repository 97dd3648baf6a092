"""What pricing a usage row gives: its cost by an interval of prices, or why it has none."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from pricetrail.audit.usage.rows import UsageRow
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.bills import Bill, Tariff
from pricetrail.catalog.situations import Situation
from pricetrail.catalog.times import rfc3339
from pricetrail.storage.polls.certainty import OBSERVED


@dataclass(eq=False, slots=True)
class Interval:
    """A stretch of versions `first <= v < end` over which a model's pricing stood still.

    `end` is None while it still stands. `before` and `after` are the intervals next to it, where
    the model went from one to the other without being away.
    """

    model: str
    first: int
    tariff: Tariff
    end: int | None = None
    before: "Interval | None" = field(default=None, repr=False)
    after: "Interval | None" = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PriceChange:
    """The version that brought a price, between the last good poll before and the first with it."""

    version: int
    not_before: datetime | None
    not_after: datetime

    def as_json(self) -> dict[str, object]:
        """The contract's shape of an end of an interval."""
        return {
            "version": self.version,
            "not_before": None if self.not_before is None else rfc3339(self.not_before),
            "not_after": rfc3339(self.not_after),
        }


class Explanation(NamedTuple):
    """What the file says that a row cost, in USD; by how much that is too much, and why.

    All None where the file says nothing of this row; `explained_by` None where both agree.
    """

    reported: Decimal | None
    difference: Decimal | None
    explained_by: str | None

    def as_json(self) -> dict[str, object]:
        """The contract's members of a line, of a file that has costs."""
        return {
            "reported": None if self.reported is None else plain(self.reported),
            "difference": None if self.difference is None else plain(self.difference),
            "explained_by": self.explained_by,
        }


class PricedRow(NamedTuple):
    """A row and its cost by the prices last seen before it (`interval`, seen as `version`).

    `situation` is what it is charged for: service tier, time of day, what the prompt passed, day.
    Where other prices may have been in force, or it may be of other situations, `other` is the bill
    that differs most, or None where none is known. `why` says what is not certain. `repeats` is the
    line that names the same request. `explanation`: where the file has costs.
    """

    row: UsageRow
    bill: Bill
    certainty: str
    version: int
    interval: Interval
    situation: Situation
    other: Bill | None
    why: str | None
    repeats: int | None = None
    explanation: Explanation | None = None

    @property
    def uncertain(self) -> bool:
        """Whether the row may have cost something else."""
        return self.certainty != OBSERVED

    @property
    def priced_as(self) -> str | None:
        """The name that the source lists its model under; None where it is the row's own."""
        return None if self.interval.model == self.row.model else self.interval.model

    @property
    def other_cost(self) -> Decimal | None:
        """What it may have cost instead, at the most different; None where that is not known."""
        return None if self.other is None else self.other.cost

    def as_json(self) -> dict[str, object]:
        """The contract's shape of an entry of `lines`."""
        explanation = {} if self.explanation is None else self.explanation.as_json()
        return {
            "line": self.row.line,
            "model": self.row.model,
            **({} if self.priced_as is None else {"priced_as": self.priced_as}),
            "at": self.row.time_text,
            "cost": plain(self.bill.cost),
            "certainty": self.certainty,
            "version": self.version,
            **explanation,
            "parts": [
                {
                    "path": part.path,
                    "quantity": plain(part.quantity),
                    "amount": plain(part.amount),
                    "cost": plain(part.cost),
                }
                for part in self.bill.parts
            ],
        }

    def repeat_as_json(self) -> dict[str, object]:
        """The contract's shape of an entry of `repeated`."""
        return {
            "line": self.row.line,
            "first_line": self.repeats,
            "request": self.row.request,
            "model": self.row.model,
            "at": self.row.time_text,
            "cost": plain(self.bill.cost),
        }

    def doubt_as_json(self) -> dict[str, object]:
        """The contract's shape of an entry of `uncertain`."""
        return {
            "line": self.row.line,
            "model": self.row.model,
            "at": self.row.time_text,
            "certainty": self.certainty,
            "cost": plain(self.bill.cost),
            "cost_other": None if self.other is None else plain(self.other.cost),
            "why": self.why,
        }


class UnpricedRow(NamedTuple):
    """A row without a cost, and why; `model` and `at` as far as they could be read.

    `reported`: what the file says that it cost, in USD. `explanation`: where the file has costs.
    """

    line: int
    model: str | None
    at: str | None
    why: str
    reported: Decimal | None = None
    explanation: Explanation | None = None

    def as_json(self) -> dict[str, object]:
        """The contract's shape of an entry of `unpriced`."""
        document: dict[str, object] = {
            "line": self.line,
            "model": self.model,
            "at": self.at,
            "why": self.why,
        }
        if self.explanation is not None:
            document["reported"] = None if self.reported is None else plain(self.reported)
        return document


RowResult: TypeAlias = PricedRow | UnpricedRow
