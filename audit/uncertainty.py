"""What is not certain about a row's cost: other prices, or other tiers, that may have held."""

from collections.abc import Iterable
from typing import TypeAlias

from pricetrail.audit.usage.rows import UsageRow
from pricetrail.catalog.amounts import EXACT, same_price
from pricetrail.catalog.bills import REQUESTS, Bill, Tariff
from pricetrail.catalog.times import rfc3339
from pricetrail.storage.history.prices import PriceState
from pricetrail.storage.polls.certainty import BRACKETED, GAP, OBSERVED

# The prices are certain, and which of them hold for the row is not.
UNCERTAIN = "uncertain"
_ORDER = (OBSERVED, UNCERTAIN, BRACKETED, GAP)
_MANY = 3

# The bills of a row by one pricing: by the lowest tier that it can fall under, then by others.
Bills: TypeAlias = tuple[Bill, ...]


def possible_bills(tariff: Tariff, row: UsageRow) -> Bills:
    """What a row can cost by one pricing: one bill, unless it may fall under several tiers."""
    tiers = tariff.tiers(*row.prompts)
    first = tariff.bill(row.used, tiers[0])
    if len(tiers) == 1:
        return (first,)
    bills = {_charged(first): first}
    for tier in tiers[1:]:
        bill = tariff.bill(row.used, tier)
        bills.setdefault(_charged(bill), bill)
    return tuple(bills.values())


def same_bills(one: Bills, other: Bills) -> bool:
    """Whether two pricings charge the same for a row, whatever tier it falls under.

    The noise of a binary float is no other price.
    """
    return len(one) == len(other) and all(map(_same_bill, one, other))


def _same_bill(one: Bill, other: Bill) -> bool:
    return (one.missing, len(one.parts)) == (other.missing, len(other.parts)) and all(
        part.quantity == twin.quantity and same_price(part.amount, twin.amount)
        for part, twin in zip(one.parts, other.parts, strict=True)
    )


def _charged(bill: Bill) -> object:
    return bill.missing, tuple((part.quantity, part.amount) for part in bill.parts)


class Uncertainty:
    """What speaks against a row's cost by `first`, gathered over the time that it may be of."""

    def __init__(self, first: Bills) -> None:
        self.first = first
        self.certainty = OBSERVED
        self._others: list[Bill] = list(first[1:])
        self._whys: dict[str, None] = {}

    def add(self, certainty: str, why: str, others: Iterable[Bill] = ()) -> None:
        """Add one more reason; the worst one names the certainty."""
        self.certainty = max(self.certainty, certainty, key=_ORDER.index)
        self._whys[why] = None
        self._others += others

    def compare(self, other: Bills) -> None:
        """Take in prices that held during a part of the time."""
        if same_bills(self.first, other):
            return
        missing = [text for bill in other for text in bill.missing]
        if missing:
            self.add(BRACKETED, f"{'; '.join(dict.fromkeys(missing))} for a part of that time")
        else:
            self._others += other

    @property
    def other(self) -> Bill | None:
        """The bill that differs most from the first one, of those that may be right."""
        known = [bill for bill in self._others if not bill.missing]
        cost = self.first[0].cost
        return max(known, key=lambda b: abs(EXACT.subtract(b.cost, cost)), default=None)

    @property
    def why(self) -> str | None:
        """All of them, or the first few, in one text."""
        whys = list(self._whys)
        more = [f"and {len(whys) - _MANY} more"] if len(whys) > _MANY else []
        return "; ".join(whys[:_MANY] + more) or None


def tier_reason(row: UsageRow, tariff: Tariff) -> str:
    """Why it is open which tier a row falls under."""
    shortest, longest = row.prompts
    tier = next(tier for tier in tariff.thresholds if shortest <= tier < longest)
    number = row.used.get(REQUESTS)
    several = "it may sum up several requests"
    if number is not None and number > 1:
        several = f"it sums up {number:,f} requests"
    return (
        f"{several}, and does not tell how much of it was in prompts above {tier:,} tokens, "
        "which have other prices"
    )


def change_reason(state: PriceState) -> str:
    """Between which times a price changed."""
    around = state.around
    if around is None or around.after is None:
        return ""
    ends = f"{rfc3339(around.before.at)} and {rfc3339(around.after.at)}"
    return f"the price changed between {ends}"
