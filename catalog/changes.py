"""One leaf of a model that changed: a typed value from the comparison to the message."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from pricetrail.catalog import units
from pricetrail.catalog.amounts import percent, plain
from pricetrail.catalog.documents import KIND, Leaf, is_price_path, read_leaf


class Absent(Enum):
    """Stands for a leaf that is not there, which is not the same as a `null`."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Change:
    """One leaf that changed; a value is `ABSENT` where the leaf appeared or vanished."""

    path: str
    old: Leaf | Absent
    new: Leaf | Absent

    @classmethod
    def from_json(cls, entry: Mapping[str, object]) -> "Change":
        """The change that an entry of `changes` tells of; its unit and percentage are implied."""
        path, absent = str(entry["path"]), entry.get("absent")
        old, new = (_side(path, side, entry[side], absent) for side in ("old", "new"))
        return cls(path, old, new)

    @property
    def priced(self) -> bool:
        """Whether an amount came, went or moved."""
        either = isinstance(self.old, Decimal) or isinstance(self.new, Decimal)
        return either and is_price_path(self.path)

    @property
    def repriced(self) -> bool:
        """Whether it is a change of price: of an amount, or of the kind of pricing."""
        return self.path == KIND or self.priced

    @property
    def amounts(self) -> tuple[Decimal, Decimal] | None:
        """The price before and after; `None` where one of them is no amount."""
        if isinstance(self.old, Decimal) and isinstance(self.new, Decimal) and self.priced:
            return self.old, self.new
        return None

    @property
    def unit(self) -> str | None:
        """What its price is a price of, such as `USD/token`; `None` where there is no amount."""
        return units.unit(self.path) if self.priced else None

    @property
    def percent(self) -> Decimal | None:
        """The signed change in percent to two digits; `None` where there is no ratio."""
        return None if self.amounts is None else percent(*self.amounts)

    @property
    def absent(self) -> tuple[str, ...]:
        """The sides, `old` or `new`, on which there is no such leaf."""
        return tuple(side for side, leaf in self._sides() if leaf is ABSENT)

    @property
    def flagged(self) -> tuple[str, ...]:
        """The sides that hold something else where a price should be."""
        if not self.priced:
            return ()
        return tuple(
            side
            for side, leaf in self._sides()
            if leaf is not ABSENT and leaf is not None and not isinstance(leaf, Decimal)
        )

    def as_json(self) -> dict[str, object]:
        """The entry of a message's `changes`."""
        ratio = self.percent
        entry: dict[str, object] = {
            "path": self.path,
            "unit": self.unit,
            "old": self._written(self.old),
            "new": self._written(self.new),
            "percent": None if ratio is None else format(ratio, "f"),
        }
        if self.old is None or self.new is None:
            # JSON has one null for "absent" and for `null`; say which side was which.
            entry["absent"] = list(self.absent)
        if self.flagged:
            # Shown as it came, not to be computed with.
            entry["flagged"] = list(self.flagged)
        return entry

    def _sides(self) -> tuple[tuple[str, Leaf | Absent], ...]:
        return ("old", self.old), ("new", self.new)

    def _written(self, leaf: Leaf | Absent) -> object:
        if leaf is ABSENT:
            return None
        if isinstance(leaf, Decimal) and is_price_path(self.path):
            return plain(leaf)
        return leaf


def _side(path: str, side: str, value: object, absent: object) -> Leaf | Absent:
    if value is None:
        # Without `absent` no side is a null.
        return None if isinstance(absent, list) and side not in absent else ABSENT
    return read_leaf(path, value)


def direction(changes: Iterable[Change]) -> str:
    """`increase`, `decrease`, `mixed`, or `none` where nothing is comparable.

    A share of a price, such as a discount, is none: a larger one makes nothing dearer.
    """
    priced = (change.amounts for change in changes if change.unit != units.RATIO)
    rises = {new > old for old, new in filter(None, priced)}
    if len(rises) == 2:
        return "mixed"
    return {True: "increase", False: "decrease"}[rises.pop()] if rises else "none"
