"""Prices as people read them: per million tokens, with the exact amount beside it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

from pricetrail.catalog.amounts import plain
from pricetrail.catalog.conditions import day_of
from pricetrail.catalog.prices import Price
from pricetrail.catalog.units import PER_TOKEN, bare_label, condition_of, label
from pricetrail.render import Column, Heading, table
from pricetrail.text import money
from pricetrail.text.price_order import prompt_first


def rows_of(prices: Iterable[Price]) -> list[tuple[str, str, str]]:
    """(name, price for people, exact amount with its unit) of each."""
    return [
        (label(price.path), _for_people(price), _exact(price)) for price in prompt_first(prices)
    ]


def show(prices: Iterable[Price]) -> None:
    """Show prices as a table, those on a condition below its name."""
    table(("price", "", Column("exact", drop=1)), list(_rows(prices)))


def _rows(prices: Iterable[Price]) -> Iterator[tuple[str, str, str] | Heading]:
    for condition, some in groupby(prompt_first(prices), key=lambda one: condition_of(one.path)):
        if condition:
            yield Heading(f"{condition.heading}:")
        indent = "  " if condition else ""
        for price in some:
            yield f"{indent}{bare_label(price.path)}", _for_people(price), _exact(price)


def headline(prices: Iterable[Price], path: str, at: datetime | None = None) -> str | None:
    """The price at a path in dollars a million tokens; None where it has none.

    Args:
        at: when it holds, where another one does from a day on; None for before all days.
    """
    from pricetrail.catalog.placed_prices import on_day, placed  # noqa: PLC0415 - not for a price

    for condition, usual, price in on_day(placed(prices), day_of(at) if at else 0):
        if condition or usual != path:
            continue
        if price.amount is not None and price.unit == PER_TOKEN:
            return money.bare_price(price.amount, PER_TOKEN)
    return None


def _for_people(price: Price) -> str:
    if price.amount is None:
        return f"not an amount: {price.flagged}"
    return money.price(price.amount, price.unit)


def _exact(price: Price) -> str:
    return "–" if price.amount is None else f"{plain(price.amount)} {price.unit}"
