"""What a version's rows of prices say: only what it changed."""

from decimal import Decimal
from typing import NamedTuple

from pricetrail.catalog.changes import Absent
from pricetrail.catalog.documents import Leaf, is_price_path
from pricetrail.catalog.prices import prices_of
from pricetrail.catalog.versions import NewVersion


class PriceChange(NamedTuple):
    """A price that a version brought; both values are None where it took one away."""

    model: str
    path: str
    amount: Decimal | None
    flagged: str | None


def price_changes(new: NewVersion) -> list[PriceChange]:
    """What a version's rows of prices say: every price of a model that is new, else the changes."""
    found = [
        PriceChange(model, price.path, price.amount, price.flagged)
        for model in new.difference.added
        for price in prices_of(new.new_documents[model])
    ]
    for model, changed in new.changed.items():
        # As served: a price is as of its version, whatever comparison makes of its last digits.
        for change in changed.served:
            was, now = price(change.path, change.old), price(change.path, change.new)
            if was != now:
                found.append(PriceChange(model, change.path, *now))
    return found


def price(path: str, leaf: Leaf | Absent) -> tuple[Decimal | None, str | None]:
    """The amount that a leaf is, or the text where a price should be; (None, None) for neither."""
    if not is_price_path(path):
        return None, None
    return (
        leaf if isinstance(leaf, Decimal) else None,
        leaf if isinstance(leaf, str) else None,
    )
