"""What two catalogs differ in, by the contract's words and in plain loops."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.faults.simulation.gateway import Catalog, Document

Value = Decimal | str | bool | None
Flat = dict[str, Value]

_AMOUNT = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
_KIND = "/pricing/kind"


@dataclass(frozen=True)
class Change:
    """What became of one model: the types of its events, and what it was and is (None: gone)."""

    model: str
    types: tuple[str, ...]
    before: Flat | None
    after: Flat | None

    @property
    def prices(self) -> list[tuple[Decimal, Decimal]]:
        """The prices that moved from an amount to another."""
        before, after = self.before or {}, self.after or {}
        both = [(before[path], after[path]) for path in before.keys() & after.keys()]
        return [
            (old, new)
            for old, new in both
            if isinstance(old, Decimal) and isinstance(new, Decimal) and old != new
        ]

    @property
    def rises(self) -> bool:
        """Whether a price went up."""
        return any(new > old for old, new in self.prices)


@dataclass
class Differences:
    """All changes between two catalogs, and what was never seen before of prices and kinds."""

    changes: list[Change] = field(default_factory=list)
    fresh: set[str] = field(default_factory=set)

    def number(self, kind: str) -> int:
        """How many models have an event of a type."""
        return sum(kind in change.types for change in self.changes)

    @property
    def events(self) -> list[tuple[str, str | None]]:
        """The types and models of the events that a version makes of them."""
        found: list[tuple[str, str | None]] = [
            (kind, change.model) for change in self.changes for kind in change.types
        ]
        return found + ([("catalog.schema_changed", None)] if self.fresh else [])


def differences(before: Catalog, after: Catalog, known: set[str]) -> Differences:
    """Compare two catalogs; `known` are the paths and kinds that were seen before."""
    found = Differences()
    for name in sorted(before.keys() | after.keys()):
        old = flat(before[name]) if name in before else None
        new = flat(after[name]) if name in after else None
        types = _types(old, new)
        if types:
            found.changes.append(Change(name, types, old, new))
            found.fresh |= schema(new or {}) - known
    return found


def flat(value: Any, path: str = "") -> Flat:
    """A document's leaves by their paths; amounts of prices as numbers."""
    if isinstance(value, dict):
        leaves: Flat = {}
        for name, part in value.items():
            leaves |= flat(part, f"{path}/{name}")
        return leaves
    is_amount = path.startswith("/pricing/") and path != _KIND and isinstance(value, str)
    return {path: Decimal(value) if is_amount and _AMOUNT.fullmatch(value) else value}


def schema(document: Flat) -> set[str]:
    """Its pricing paths, and its kind."""
    paths = {path for path in document if path.startswith("/pricing/") and path != _KIND}
    return paths | ({f"kind:{document[_KIND]}"} if _KIND in document else set())


def flat_catalog(catalog: Catalog) -> dict[str, Flat]:
    """Every document of a catalog, flat."""
    return {name: flat(document) for name, document in catalog.items()}


def document_at(document: Document) -> Flat:
    """A document as somebody was told of it, flat."""
    return flat(document)


def _types(old: Flat | None, new: Flat | None) -> tuple[str, ...]:
    if old is None:
        return ("model.added",)
    if new is None:
        return ("model.removed",)
    moved = [path for path in old.keys() | new.keys() if _leaf(old, path) != _leaf(new, path)]
    repriced = [path for path in moved if _is_of_price(old, path) or _is_of_price(new, path)]
    return ("model.repriced",) * bool(repriced) + ("model.updated",) * (len(moved) > len(repriced))


def _is_of_price(document: Flat, path: str) -> bool:
    """Whether there is an amount, or what prices are of: a text in its place is none."""
    return path == _KIND or isinstance(document.get(path), Decimal)


def _leaf(document: Flat, path: str) -> tuple[Value, ...]:
    return (document[path],) if path in document else ()
