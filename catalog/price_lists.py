"""A model's prices as answers list them."""

from typing import Any

from pricetrail.catalog import units
from pricetrail.catalog.documents import Document, prices


def shown_prices(document: Document, field: str | None = None) -> list[dict[str, Any]]:
    """The entries of `prices`, by path; with `field`, that leaf or the leaves below it.

    What stands where a price should and is none has the amount null and its text in `flagged`.
    """
    return [
        {
            "path": path,
            "unit": units.unit(path),
            "amount": text if amount is not None else None,
            **({"flagged": text} if amount is None else {}),
        }
        for path, amount, text in prices(document)
        if within(path, field)
    ]


def within(path: str, field: str | None) -> bool:
    """Whether a path is a field or lies below it; every path lies within None."""
    return field is None or path == field or path.startswith(field + "/")
