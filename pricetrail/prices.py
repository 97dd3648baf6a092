"""Prices as people read them: per million tokens, with the exact amount beside it."""

from collections.abc import Iterable

from pricetrail.catalog.amounts import plain
from pricetrail.catalog.changes import Change, direction
from pricetrail.catalog.events import ADDED, REMOVED, Event
from pricetrail.catalog.prices import Price
from pricetrail.catalog.units import PER_TOKEN, label
from pricetrail.text import money, phrases
from pricetrail.text.lines import joined, mark_of
from pricetrail.text.price_order import prompt_first


def rows_of(prices: Iterable[Price]) -> list[tuple[str, str, str]]:
    """(name, price for people, exact amount with its unit) of each."""
    return [
        (label(price.path), _for_people(price), _exact(price)) for price in prompt_first(prices)
    ]


def _for_people(price: Price) -> str:
    if price.amount is None:
        return f"not an amount: {price.flagged}"
    return money.price(price.amount, price.unit)


def _exact(price: Price) -> str:
    return "–" if price.amount is None else f"{plain(price.amount)} {price.unit}"


def change_words(change: Change) -> str:
    """`▼ prompt $3.00 → $2.50 /1M (−16.7%)`, as messages put it."""
    return f"{mark_of(direction([change]))} {joined(phrases.change_words(change))}"


def event_words(event: Event) -> list[str]:
    """What happened, without the model's name: a line for each change, or one of what it was."""
    if event.changes:
        return [change_words(change) for change in prompt_first(event.changes)]
    said = phrases.line_of(event)
    if event.type not in (ADDED, REMOVED):
        return [joined(said.spans)]
    # It begins with the model, which has a column of its own; then a new one's prices follow.
    prices = joined(said.spans[2:])
    return [f"{said.kind}: {prices}" if prices else said.kind]


def headline(prices: Iterable[Price], path: str) -> str | None:
    """The price at a path in dollars a million tokens; None where it has none."""
    for price in prices:
        if price.path == path and price.amount is not None and price.unit == PER_TOKEN:
            return money.bare_price(price.amount, PER_TOKEN)
    return None
