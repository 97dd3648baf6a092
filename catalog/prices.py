"""A model's prices as values: where each stands, what it is a price of, and how much."""

from dataclasses import dataclass
from decimal import Decimal

from pricetrail.catalog import units
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.documents import Document, is_price_path, leaves


@dataclass(frozen=True, slots=True)
class Price:
    """One price leaf: `amount` is exact, in the unit, such as `USD/token`.

    What stands where a price should and is none (`-1`, `1,5`, `free`) has no amount, and its text
    in `flagged`: shown as it came, never computed with.
    """

    path: str
    unit: str
    amount: Decimal | None
    flagged: str | None = None

    def same_amount(self, other: "Price") -> bool:
        """Whether both say the same, be it an amount or none."""
        return (self.amount, self.flagged) == (other.amount, other.flagged)

    def as_json(self) -> dict[str, object]:
        """The entry of `prices` (contract, section 5)."""
        amount = None if self.amount is None else plain(self.amount)
        entry: dict[str, object] = {"path": self.path, "unit": self.unit, "amount": amount}
        return entry if self.flagged is None else {**entry, "flagged": self.flagged}


def prices_of(document: Document, field: str | None = None) -> tuple[Price, ...]:
    """The prices of a document, by path; with `field`, that leaf or the leaves below it.

    `null` and empty groups are no price.
    """
    # No other member of a document has prices in it.
    priced = {"pricing": document["pricing"]} if "pricing" in document else {}
    return tuple(
        Price(path, units.unit(path), leaf)
        if isinstance(leaf, Decimal)
        else Price(path, units.unit(path), None, flagged=leaf)
        for path, leaf in sorted(leaves(priced).items())
        if isinstance(leaf, Decimal | str) and is_price_path(path) and within(path, field)
    )


def within(path: str, field: str | None) -> bool:
    """Whether a path is a field or lies below it; every path lies within None."""
    return field is None or path == field or path.startswith(field + "/")
