"""What the tests of dialects share: a native list from its JSON text, read."""

import json
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from pricetrail.catalog.amounts import EXACT, parse_amount
from pricetrail.catalog.dialects.readings import Reading
from pricetrail.catalog.dialects.registry import get_dialect
from pricetrail.catalog.documents import Document, leaves
from pricetrail.catalog.pointers import join
from pricetrail.catalog.strict_json import loads


def read(dialect: str, text: str) -> Reading:
    """A native list, read as a poll would read it."""
    return get_dialect(dialect).read(loads(text))


def one(dialect: str, entry: str) -> Document:
    """The document of a list's only model, from its entry as JSON text."""
    [found] = read(dialect, f"[{entry}]").entries
    return found.document


def remarks(dialect: str, entry: str) -> list[tuple[str, str]]:
    """The kind and the field of what is said of a list's only model."""
    return [(each.kind, each.path) for each in read(dialect, f"[{entry}]").remarks]


def prices(document: Document) -> dict[str, str]:
    """The leaves of a document's pricing by dotted path, less its kind."""
    return {path: leaf for path, leaf in _leaves(document.get("pricing", {}), ()) if path != "kind"}


def _leaves(value: Any, path: tuple[str, ...]) -> list[tuple[str, Any]]:
    if not isinstance(value, dict):
        return [(".".join(path), value)]
    return [leaf for key, member in value.items() for leaf in _leaves(member, (*path, key))]


names = st.sampled_from(["price", "note", "tiers", "0", "", "a/b", "x~y", "über"])
numbers = st.one_of(
    st.sampled_from(["0", "-1", "3e-7", "2.9999999999999996", "0.1300000002", "1e-39", "1e300"]),
    st.integers(-3, 10**18).map(str),
    st.decimals(0, 1000, places=9).map(lambda number: format(number, "f")),
)


def written(members: dict[str, str]) -> str:
    """An object as JSON text, from the text of its members."""
    return "{" + ",".join(f"{json.dumps(key)}:{text}" for key, text in members.items()) + "}"


# As JSON text: what a later month may put anywhere.
values: st.SearchStrategy[str] = st.recursive(
    st.one_of(
        st.sampled_from(["null", "true", '""', '"free"', '"1e999999"', '"-1"', '"2026-06-01"']),
        numbers,
        numbers.map(json.dumps),
    ),
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda each: f"[{','.join(each)}]")
        | st.dictionaries(names, inner, max_size=2).map(written)
    ),
    max_leaves=4,
)


def lost(reading: Reading, native: Any, at: str, scales: tuple[int, ...] = (0,)) -> list[str]:
    """The numbers of a list's only model that are in no price of its document, and not remarked on.

    Args:
        native: what stands at a JSON Pointer `at` in the native entry.
        scales: the powers of ten by which an amount may be scaled.
    """
    [entry] = reading.entries
    found = leaves({"pricing": entry.document.get("pricing", {})}).values()
    kept = {leaf for leaf in found if isinstance(leaf, Decimal)}
    noted = [remark.path for remark in reading.remarks]
    return [
        pointer
        for pointer, leaf in _scalars(native, at)
        if (amount := parse_amount(leaf)) is not None
        and not any(amount.scaleb(scale, EXACT) in kept for scale in scales)
        and not any(pointer == path or pointer.startswith(path + "/") for path in noted)
    ]


def _scalars(value: Any, pointer: str) -> list[tuple[str, Any]]:
    if isinstance(value, dict | list):
        named = value.items() if isinstance(value, dict) else enumerate(value)
        return [leaf for key, member in named for leaf in _scalars(member, join(pointer, str(key)))]
    return [(pointer, value)]
