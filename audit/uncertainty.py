"""What is not certain about a row's cost: other prices, or other conditions, that may have held."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from pricetrail.audit.usage.rows import UsageRow
from pricetrail.catalog.amounts import EXACT, same_price
from pricetrail.catalog.bills import REQUESTS, Bill, Tariff
from pricetrail.catalog.conditions import day_name
from pricetrail.catalog.situations import Situation
from pricetrail.catalog.times import rfc3339
from pricetrail.storage.history.prices import PriceState
from pricetrail.storage.polls.certainty import BRACKETED, GAP, OBSERVED
from pricetrail.text.sanitize import sanitize

# The prices are certain, and which of them hold for the row is not.
UNCERTAIN = "uncertain"
_ORDER = (OBSERVED, UNCERTAIN, BRACKETED, GAP)
_MANY, _SHOWN = 3, 40

# The bills of a row by one pricing: in the most usual situation that it can be of, then in others.
Bills: TypeAlias = tuple[Bill, ...]


def possible_bills(tariff: Tariff, row: UsageRow) -> Bills:
    """What a row can cost by one pricing: one bill, unless it may be of several situations."""
    situations = situations_of(tariff, row)
    first = tariff.bill(row.used, situations[0])
    if len(situations) == 1:
        return (first,)
    bills = {_charged(first): first}
    for situation in situations[1:]:
        bill = tariff.bill(row.used, situation)
        bills.setdefault(_charged(bill), bill)
    return tuple(bills.values())


def situations_of(tariff: Tariff, row: UsageRow) -> tuple[Situation, ...]:
    """The situations that a row may be of by one pricing; the first one is that of the total."""
    return tariff.situations(row.prompts, row.at, row.until, row.service)


def same_bills(one: Bills, other: Bills) -> bool:
    """Whether two pricings charge the same for a row, whatever situation it is of.

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


def open_reasons(row: UsageRow, tariff: Tariff) -> Iterator[str]:
    """Why it is open by which of a tariff's prices a row is charged."""
    if not tariff.serves(row.service, row.at):
        yield (
            f"the service tier {sanitize(row.service, _SHOWN)} has no prices here, and is charged "
            "by the usual ones"
        )
    situations = situations_of(tariff, row)

    def charged(situation: Situation) -> object:
        return _charged(tariff.bill(row.used, situation))

    _, minute, passed, since = situations[0]
    lengths = [s.passed for s in situations if charged(s) != charged(s._replace(passed=passed))]
    if lengths:
        yield (
            f"{_several(row)}, and does not tell how much of it was in prompts above "
            f"{min(lengths):,} tokens, which have other prices"
        )
    others = [s.minute for s in situations if charged(s) != charged(s._replace(minute=minute))]
    if others:
        hours = ", ".join(tariff.hours(others))
        yield f"it does not tell how much of it was from {hours}, when other prices hold"
    usual = {s._replace(passed=passed, minute=minute) for s in situations}
    days = sorted(s.since for s in usual if charged(s) != charged(s._replace(since=since)))
    if days:
        named = ", ".join(map(day_name, days))
        yield f"it does not tell how much of it was from {named} on, when other prices hold"


def _several(row: UsageRow) -> str:
    number = row.used.get(REQUESTS)
    if number is not None and number > 1:
        return f"it sums up {number:,f} requests"
    return "it may sum up several requests"


def change_reason(state: PriceState) -> str:
    """Between which times a price changed."""
    around = state.around
    if around is None or around.after is None:
        return ""
    ends = f"{rfc3339(around.before.at)} and {rfc3339(around.after.at)}"
    return f"the price changed between {ends}"
