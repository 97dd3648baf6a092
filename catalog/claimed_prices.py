"""Prices that somebody claims, against the documents that are to prove them."""

from decimal import Decimal

from pricetrail.catalog.amounts import parse_amount, same_price
from pricetrail.catalog.bundle_reading import Side
from pricetrail.catalog.documents import Document, canonical, is_price_path, leaves
from pricetrail.catalog.prices import Price, prices_of


def priced_as(document: Document, side: Side) -> bool:
    """Whether what is said of a version's prices is what the model's document says."""
    pricing = document.get("pricing")
    if canonical({"pricing": pricing}) != canonical({"pricing": side.pricing}):
        return False
    expected = [price.as_json() for price in prices_of(document)]
    given = side.prices
    if not isinstance(given, list) or len(given) != len(expected):
        return False
    return all(map(_same_entry, expected, given))


def _same_entry(expected: dict[str, object], given: object) -> bool:
    """Whether an entry of `prices` is the one that the document gives, its amount as a number."""
    if not isinstance(given, dict) or given.keys() != expected.keys():
        return False
    amount = parse_amount(expected["amount"])
    if amount is None:
        return expected == given
    same = amount == parse_amount(given["amount"])
    return same and {**expected, "amount": ""} == {**given, "amount": ""}


def claimed_prices(side: Side) -> tuple[Price, ...]:
    """The prices that a side of a claim lists, once they are checked against the document."""
    return tuple(
        Price(entry["path"], entry["unit"], parse_amount(entry["amount"]), entry.get("flagged"))
        for entry in side.prices
    )


def agree(one: Document, other: Document) -> bool:
    """Whether two documents have the same pricing, as polls are compared.

    Noise of binary floats is no difference, nor is the order of words in a list.
    """
    old, new = (leaves({"pricing": _in_order(each.get("pricing"))}) for each in (one, other))
    return old.keys() == new.keys() and all(_same_leaf(path, old[path], new[path]) for path in old)


def _same_leaf(path: str, old: object, new: object) -> bool:
    if is_price_path(path) and isinstance(old, Decimal) and isinstance(new, Decimal):
        return same_price(old, new)
    return type(old) is type(new) and bool(old == new)


def _in_order(value: object) -> object:
    if isinstance(value, dict):
        return {key: _in_order(member) for key, member in value.items()}
    if not isinstance(value, list):
        return value
    words = all(isinstance(member, str) and parse_amount(member) is None for member in value)
    return sorted(value) if words else [_in_order(member) for member in value]
