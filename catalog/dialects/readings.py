"""What a dialect makes of a native list, and the one way in which it does.

Amounts come from the JSON text (numbers as exact decimals, see `catalog.strict_json`) and are
scaled by powers of ten alone; strings are never altered (contract, section 7).
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple

from pricetrail.catalog.amounts import EXACT, number_amount, parse_amount, plain
from pricetrail.catalog.conditions import ALWAYS, Condition
from pricetrail.catalog.documents import Document
from pricetrail.catalog.pointers import join

# What is said of a leaf: it is no amount and kept as text; a float's noise was cut off; it means
# "not priced so" and is absent; nobody knows what it is, and it stays in the body alone; it is a
# price that depends on what no condition says, and is kept apart.
FLAGGED, SNAPPED, ABSENT, NOT_UNDERSTOOD = "flagged", "snapped", "absent", "not understood"
APART = "kept apart"
GENERATION, NATIVE = "generation", "native"
# A member within a member within … below this is left in the body: documents have a depth too.
_DEEPEST = 24


class Remark(NamedTuple):
    """One thing about a model's native entry: `path` is a JSON Pointer in it."""

    kind: str
    model: str
    path: str
    text: str


class Entry(NamedTuple):
    """A model in the unified schema, and the native entry that it was read from."""

    document: Document
    native: Mapping[str, object]


class Reading(NamedTuple):
    """A native list, read: its models in their order, and what is to be said about them."""

    entries: list[Entry]
    remarks: list[Remark]

    def add(
        self, reader: "ModelReader", native: Mapping[str, object], members: Mapping[str, object]
    ) -> None:
        """Add what was read of a model: its document, with those members that it has."""
        self.entries.append(Entry(reader.document(**members), native))
        self.remarks.extend(reader.remarks)


class Dialect(NamedTuple):
    """One gateway's way of writing; `version` grows whenever it reads anything differently.

    `read` takes the whole body, parsed by `catalog.strict_json.loads`, and raises `CatalogError`
    where that is no list of this dialect.
    """

    name: str
    version: int
    read: Callable[[object], Reading]

    @property
    def label(self) -> str:
        """`openrouter/1`, as the chain's metadata names it."""
        return f"{self.name}/{self.version}"


class Field(NamedTuple):
    """Where a native price goes, and what its number means; arguments as of `ModelReader.price`."""

    place: str
    scale: int = 0
    zero: bool = True


AS_NATIVE = Field(NATIVE)


class ModelReader:
    """Builds the unified document of one native entry, and notes what it could not take."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.pricing: Document = {}
        self.remarks: list[Remark] = []

    def price(
        self,
        place: str,
        field: str,
        value: object,
        *,
        scale: int = 0,
        condition: Condition = ALWAYS,
        zero: bool = True,
    ) -> None:
        """Take a price over; null is none.

        Args:
            place: below `pricing`, or below the condition: `text/prompt`, `native/web_search`.
            field: its JSON Pointer in the native entry, for remarks.
            value: as it was parsed.
            scale: the power of ten from its unit to that of the place: -6 from USD per million.
            zero: whether 0 is a price (free); else it means "not priced so".
        """
        path = (*_below(condition), *place.split("/"))
        self._price(path, field, value, scale, zero=zero)

    def tree(
        self,
        path: tuple[str, ...],
        field: str,
        value: object,
        *,
        scale: int = 0,
        condition: Condition = ALWAYS,
        zero: bool = True,
    ) -> None:
        """Take over whatever stands there: each leaf of objects and arrays at its own place.

        Arguments as of `price`, but for the path, whose segments are names as they are.
        """
        if len(path) > _DEEPEST:
            self.remark(NOT_UNDERSTOOD, field, "nested too deeply")
        elif isinstance(value, Mapping | list) and not value:
            self.remark(ABSENT, field, "there is nothing in it")
        elif isinstance(value, Mapping | list):
            named = value.items() if isinstance(value, Mapping) else enumerate(value)
            for key, member in named:
                inner = (*path, str(key))
                self.tree(
                    inner,
                    join(field, str(key)),
                    member,
                    scale=scale,
                    condition=condition,
                    zero=zero,
                )
        else:
            self._price((*_below(condition), *path), field, value, scale, zero=zero)

    def prices(
        self,
        fields: Mapping[str, Field],
        pointer: str,
        native: object,
        *,
        condition: Condition = ALWAYS,
        others: Field = AS_NATIVE,
    ) -> None:
        """Take over an object of prices: what is known to its place, all others as native.

        Args:
            fields: the known ones, by their native names.
            pointer: the object's JSON Pointer in the native entry.
            native: the object; anything else is kept as native too, null is none.
            others: how to read what is not known.
        """
        if not isinstance(native, Mapping):
            name = pointer.rpartition("/")[2]
            self.tree((NATIVE, name), pointer, native, scale=others.scale, zero=others.zero)
            return
        for name, value in native.items():
            # Where an object stands instead of an amount, nobody knows what it says.
            known = None if isinstance(value, Mapping | list) else fields.get(name)
            taken = known or others
            path = tuple(taken.place.split("/")) if known else (NATIVE, name)
            self.tree(
                path,
                join(pointer, name),
                value,
                scale=taken.scale,
                condition=condition,
                zero=taken.zero,
            )

    def remark(self, kind: str, field: str, text: str) -> None:
        """Note something about a field."""
        self.remarks.append(Remark(kind, self.model, field, text))

    def document(self, **members: object) -> Document:
        """The model: its id, those members that are not None, its pricing if there is any."""
        named = {key: member for key, member in members.items() if member is not None}
        document = {"id": self.model, **named}
        if self.pricing:
            only = self.pricing.keys() <= {GENERATION, NATIVE} and GENERATION in self.pricing
            document["pricing"] = {"kind": GENERATION if only else "token", **self.pricing}
        return document

    def _price(
        self, path: tuple[str, ...], field: str, value: object, scale: int, *, zero: bool
    ) -> None:
        if value is None:
            return
        if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
            self.remark(NOT_UNDERSTOOD, field, "neither a number nor a text")
            return
        amount = parse_amount(value)
        if amount is None:
            self._flag(path, field, value)
        elif not amount and not zero:
            self.remark(ABSENT, field, "0 means that there is no such price")
        else:
            exact = amount if isinstance(value, str) else number_amount(amount)
            scaled = plain(exact.scaleb(scale, EXACT))
            text = value if isinstance(value, str) and scale == 0 else scaled
            if parse_amount(text) is None:
                self._flag(path, field, value)
                return
            if exact != amount:
                self.remark(SNAPPED, field, f"{value} is a float's noise: read as {plain(exact)}")
            self._put(path, field, text)

    def _flag(self, path: tuple[str, ...], field: str, value: object) -> None:
        self.remark(FLAGGED, field, f"{str(value)[:80]!r} is no amount: kept as text")
        self._put(path, field, str(value))

    def _put(self, path: tuple[str, ...], field: str, text: str) -> None:
        *groups, leaf = path
        into = self.pricing
        for group in groups:
            into = into.setdefault(group, {})
            if not isinstance(into, dict):
                self.remark(NOT_UNDERSTOOD, field, "its place is taken by another price")
                return
        if leaf not in into:
            into[leaf] = text
        elif not _are_one(into[leaf], text):
            self.remark(NOT_UNDERSTOOD, field, "its place is taken by another price")


def _are_one(price: object, text: str) -> bool:
    """Whether a text says the price that already stands there."""
    amount = parse_amount(text)
    return price == text or (amount is not None and parse_amount(price) == amount)


def _below(condition: Condition) -> tuple[str, ...]:
    return ("tiers", *condition.segments) if condition else ()
