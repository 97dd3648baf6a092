"""What a request of a model costs: every price looked at, and the one taken that holds.

Written apart from what it checks, and slow: for each quantity all prices are gone through.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pricetrail.catalog import bills
from pricetrail.catalog.conditions import Condition, split_condition
from pricetrail.catalog.pointers import split
from pricetrail.catalog.prices import Price, prices_of

_DAY = (2026, 3, 1)
NOON = datetime(*_DAY, 12, 0, 59, tzinfo=UTC)
_LAST_WORDS = {bills.REQUESTS: "request", bills.WEB_SEARCHES: "web_search"}


@dataclass(frozen=True)
class Request:
    """One request: its service tier, when it was, and how many tokens its whole prompt has."""

    service: str
    at: datetime
    prompt: int


class PriceList:
    """A model's prices, and what a request costs by them."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._prices = [(*split_condition(split(p.path)), p) for p in prices_of(dict(document))]
        self.conditions = {condition for condition, _, _ in self._prices}

    def find(self, quantity: str, request: Request) -> Price | None:
        """The price by which a quantity is charged."""
        names = [_place(quantity)]
        if quantity == bills.REASONING and self._follows():
            names.append(_place(bills.COMPLETION))
        today = int(f"{request.at:%Y%m%d}")
        come = [one for one in self._prices if one[0].since <= today]
        last = {tokens: max(c.since for c, t, _ in come if t == tokens) for _, tokens, _ in come}
        met = [
            (condition.undated.rank, -names.index(place), price)
            for condition, tokens, price in come
            if (place := _named(quantity, tokens)) in names
            and condition.since == last[tokens]
            and _holds(condition, request)
        ]
        found = max(met, key=lambda one: one[:2])[2] if met else None
        return None if found is None or found.amount is None else found

    def requests(self) -> Iterator[Request]:
        """Requests below, at and above what the prices may depend on."""
        services = {"", *(one.service for one in self.conditions)}
        lengths = {999, 200_000, 200_001, 1_000_000, *(one.threshold for one in self.conditions)}
        for service in sorted(services):
            for at in sorted(self._times()):
                for prompt in sorted(lengths - {0}):
                    yield Request(service, at, prompt)

    def _times(self) -> set[datetime]:
        minutes = {720}
        for window in (one.window for one in self.conditions if one.window is not None):
            minutes |= {
                window.start,
                (window.start - 1) % 1440,
                window.end,
                (window.end - 1) % 1440,
            }
        return {datetime(*_DAY, *divmod(minute, 60), 59, tzinfo=UTC) for minute in minutes}

    def _usual(self, day: int) -> dict[tuple[str, ...], Price]:
        """The prices of a day without another condition, by their places."""
        come = [one for one in self._prices if one[0].since <= day]
        last = {tokens: max(c.since for c, t, _ in come if t == tokens) for _, tokens, _ in come}
        return {t: p for c, t, p in come if not c.undated and c.since == last[t]}

    def _follows(self) -> bool:
        usual = self._usual(20260301)
        own = usual.get(_place(bills.REASONING))
        completion = usual.get(_place(bills.COMPLETION))
        return own is None or (completion is not None and own.same_amount(completion))


def _place(quantity: str) -> tuple[str, ...]:
    path = bills.PATHS.get(quantity)
    return (quantity,) if path is None else tuple(split(path))


def _named(quantity: str, tokens: tuple[str, ...]) -> tuple[str, ...]:
    """The place of a price; of those that have no one place, the quantity's name."""
    return (quantity,) if tokens[-1] == _LAST_WORDS.get(quantity) else tokens


def _holds(condition: Condition, request: Request) -> bool:
    return (
        condition.service in ("", request.service)
        and (condition.window is None or condition.window.holds(request.at))
        and (not condition.threshold or request.prompt > condition.threshold)
    )


def cost_of(used: Mapping[str, int], prices: Mapping[str, Price]) -> Decimal:
    """The sum of all quantities at their prices."""
    total = Decimal(0)
    for quantity, number in used.items():
        amount = prices[quantity].amount
        assert amount is not None
        total += amount * number
    return total
