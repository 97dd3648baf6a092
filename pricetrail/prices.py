"""Prices as people read them: per million tokens, with the exact amount beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pricetrail.catalog.amounts import parse_amount
from pricetrail.catalog.changes import Change
from pricetrail.catalog.units import PER_TOKEN, label
from pricetrail.text import phrases
from pricetrail.text.money import bare_price, price


def rows_of(prices: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """(name, price for people, exact amount with its unit) of the entries of `prices`."""
    return [(label(entry["path"]), _for_people(entry), _exact(entry)) for entry in prices]


def _for_people(entry: Mapping[str, Any]) -> str:
    amount = parse_amount(entry["amount"])
    if amount is None:
        return f"not an amount: {entry.get('flagged', '')}"
    return price(amount, entry["unit"])


def _exact(entry: Mapping[str, Any]) -> str:
    return "–" if entry["amount"] is None else f"{entry['amount']} {entry['unit']}"


def change_words(change: Change) -> str:
    """`prompt $3.00 → $2.50 /1M (−16.7%)`, as messages put it."""
    return "".join(span.text for span in phrases.change_words(change))


def headline(prices: Sequence[Mapping[str, Any]], path: str) -> str | None:
    """The price at a path in dollars a million tokens; None where it has none."""
    for entry in prices:
        amount = parse_amount(entry["amount"])
        if entry["path"] == path and amount is not None and entry["unit"] == PER_TOKEN:
            return bare_price(amount, PER_TOKEN)
    return None
