"""Model documents: their leaves as exact values, their canonical text and hash.

A model's `pricing` is a tree of unknown depth whose decimals are prices whatever they are
called; everything else is kept and compared as it stands.
"""

import hashlib
from collections.abc import Callable
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from pricetrail.catalog.amounts import normalised, number_amount, parse_amount, plain, without_noise
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.pointers import join

Document = dict[str, Any]
Leaf = str | Decimal | bool | dict[str, Any] | list[Any] | None

PRICING = "/pricing"
KIND = "/pricing/kind"
MAX_DEPTH = 64
MAX_ID_BYTES = 512
# Of a field's path as a JSON Pointer, and of a pricing's kind: more than any index takes would be
# one catalog on SQLite and none on Postgres.
MAX_NAME_BYTES = 1024


def leaves(document: Document) -> dict[str, Leaf]:
    """Every leaf by its JSON Pointer; numbers and prices as normalised `Decimal`.

    A price that is a JSON number of 16 or more digits is a float's noise: read to 12 digits.
    An empty object or array is a leaf of its own, so that its coming and going is seen.
    """
    by_pointer: dict[str, Leaf] = {}
    for key, member in document.items():
        _collect(member, join("", key), by_pointer, priced=key == "pricing")
    return by_pointer


def _collect(value: object, pointer: str, by_pointer: dict[str, Leaf], *, priced: bool) -> None:
    if isinstance(value, dict) and value:
        for key, member in value.items():
            _collect(member, join(pointer, key), by_pointer, priced=priced)
    elif isinstance(value, list) and value:
        for index, member in enumerate(value):
            _collect(member, f"{pointer}/{index}", by_pointer, priced=priced)
    else:
        by_pointer[pointer] = _read_leaf(value, priced=priced and pointer != KIND)


def word_lists(document: Document) -> dict[str, list[str]]:
    """The lists of plain strings by JSON Pointer: what is in them counts, and not its order.

    A list of prices is none, whatever its amounts are written as.
    """
    by_pointer: dict[str, list[str]] = {}
    for key, member in document.items():
        _collect_words(member, join("", key), by_pointer, priced=key == "pricing")
    return by_pointer


def _collect_words(
    value: object, pointer: str, by_pointer: dict[str, list[str]], *, priced: bool
) -> None:
    if isinstance(value, dict):
        for key, member in value.items():
            _collect_words(member, join(pointer, key), by_pointer, priced=priced)
    elif isinstance(value, list) and all(isinstance(member, str) for member in value):
        if value and not (priced and any(parse_amount(member) is not None for member in value)):
            by_pointer[pointer] = value
    elif isinstance(value, list):
        for index, member in enumerate(value):
            _collect_words(member, f"{pointer}/{index}", by_pointer, priced=priced)


def compared_text(document: Document, covers: Callable[[str, Leaf], bool]) -> str:
    """A text that is the same for documents of which comparison says that they are.

    Args:
        covers: whether a leaf, at its pointer, is left out of comparisons.
    """
    lists = word_lists(document)
    places = {
        f"{pointer}/{index}": (pointer, word)
        for pointer, words in lists.items()
        for index, word in enumerate(sorted(words))
    }
    lines = []
    for pointer, leaf in sorted(leaves(document).items()):
        if covers(pointer, leaf):
            continue
        shown = places[pointer][1] if pointer in places else leaf
        if isinstance(shown, Decimal) and is_price_path(pointer):
            shown = plain(without_noise(shown))
        lines.append(f"{pointer}\0{type(leaf).__name__}\0{shown}")
    return "\0\n".join(lines)


def _read_leaf(value: object, *, priced: bool) -> Leaf:
    leaf = _leaf(value, priced=priced)
    if priced and isinstance(leaf, Decimal) and not isinstance(value, str):
        return number_amount(leaf)
    return leaf


def read_leaf(pointer: str, value: object) -> Leaf:
    """A leaf at its place as `leaves` gives it, from its JSON."""
    return _leaf(value, priced=is_price_path(pointer))


def _leaf(value: object, *, priced: bool) -> Leaf:
    amount = parse_amount(value) if priced else None
    if amount is not None:
        return amount
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = normalised(Decimal(value))
        # Where a price should be, a number that is none (-1) is kept as text, like "-1".
        return format(number, "f") if priced else number
    return value  # type: ignore[return-value]  # JSON's own kinds are all that is left


def is_price_path(pointer: str) -> bool:
    """Whether a leaf there is a price when it is a decimal."""
    return pointer.startswith(PRICING + "/") and pointer != KIND


def check_names(document: Document, most: int) -> None:
    """Refuse a document whose fields cannot be kept by their names.

    Raises:
        CatalogError: a field's path, or the pricing's kind, is longer than `most` bytes.
    """
    for path, leaf in leaves(document).items():
        if len(path.encode()) > most:
            raise CatalogError(f"a field whose path is over {most} bytes: {path[:60]!r}…")
        if path == KIND and isinstance(leaf, str) and len(leaf.encode()) > most:
            raise CatalogError(f"a pricing kind over {most} bytes: {leaf[:60]!r}…")


def canonical(document: Document) -> str:
    """The one text of a model, whatever the order of its keys and the notation of its prices.

    Compact JSON, keys in code point order, prices as strings in plain notation, other numbers
    in plain notation without trailing zeros.

    Raises:
        CatalogError: nested deeper than 64 levels.
    """
    members = [
        f"{encode_basestring(key)}:{_written(document[key], f'/{key}', 1, priced=key == 'pricing')}"
        for key in sorted(document)
    ]
    return "{" + ",".join(members) + "}"


def _written(value: object, pointer: str, depth: int, *, priced: bool) -> str:
    if depth > MAX_DEPTH:
        raise CatalogError(f"a model nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        members = [
            f"{encode_basestring(key)}:"
            + _written(value[key], f"{pointer}/{key}", depth + 1, priced=priced)
            for key in sorted(value)
        ]
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        # No place in an array is the pricing's kind: its pointer does not matter.
        members = [_written(member, pointer + "/", depth + 1, priced=priced) for member in value]
        return "[" + ",".join(members) + "]"
    priced = priced and pointer != KIND
    return _write_leaf(_leaf(value, priced=priced), priced)


def _write_leaf(leaf: Leaf, priced: bool) -> str:
    if isinstance(leaf, Decimal):
        # A price is the same price as a string and as a number; other kinds stay distinct.
        return f'"{plain(leaf)}"' if priced else plain(leaf)
    if isinstance(leaf, str):
        return encode_basestring(leaf)
    return {None: "null", True: "true", False: "false"}[leaf]  # type: ignore[index]  # one of these three


def model_hash(document: Document) -> bytes:
    """SHA-256 of the canonical text: equal exactly where the model is the same."""
    return hashlib.sha256(canonical(document).encode()).digest()


def model_id(document: object) -> str:
    """The id of a model as served.

    Raises:
        CatalogError: not an object, or its id is missing, empty, or over 512 bytes.
    """
    if not isinstance(document, dict):
        raise CatalogError(f"an entry of `data` is not an object but {type(document).__name__}")
    name = document.get("id")
    if not isinstance(name, str) or not name:
        raise CatalogError("a model without an id")
    if len(name.encode()) > MAX_ID_BYTES:
        raise CatalogError(f"a model id over {MAX_ID_BYTES} bytes: {name[:60]!r}…")
    return name
