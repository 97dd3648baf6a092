"""Changes of prices in words, as messages have them."""

from pricetrail.catalog.changes import Change, direction
from pricetrail.text import phrases
from pricetrail.text.lines import joined, mark_of


def change_words(change: Change) -> str:
    """`▼ prompt $3.00 → $2.50 /1M (−16.7%)`, as messages put it."""
    return f"{mark_of(direction([change]))} {joined(phrases.change_words(change))}"
