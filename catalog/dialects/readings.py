"""What a dialect makes of a native list, and the one way in which it does.

Amounts come from the JSON text (numbers as exact decimals, see `catalog.strict_json`) and are
scaled by powers of ten alone; strings are never altered (contract, section 7).
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from pricetrail.catalog.amounts import EXACT, number_amount, parse_amount, plain
from pricetrail.catalog.conditions import ALWAYS, Condition
from pricetrail.catalog.documents import Document

# What is said of a leaf: it is no amount and kept as text; a float's noise was cut off; it means
# "not priced so" and is absent; nobody knows what it is, and it stays in the body alone.
FLAGGED, SNAPPED, ABSENT, NOT_UNDERSTOOD = "flagged", "snapped", "absent", "not understood"
_GENERATION, _NATIVE = "generation", "native"


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


class ModelReader:
    """Builds the unified document of one native entry, and notes what it could not take."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.pricing: Document = {}
        self.remarks: list[Remark] = []
        # Which field said what stands at a place.
        self._said_by: dict[tuple[str, ...], str] = {}

    def price(
        self,
        place: str | Sequence[str],
        field: str,
        value: object,
        *,
        scale: int = 0,
        condition: Condition = ALWAYS,
        zero: bool = True,
    ) -> None:
        """Take a price over; null is none. Of two for one place the later is taken, and it is said.

        Args:
            place: below `pricing`, or below the condition: `text/prompt`, `native/web_search`;
                as a sequence of names where one of them may have a slash in it.
            field: its JSON Pointer in the native entry, for remarks.
            value: as it was parsed.
            scale: the power of ten from its unit to that of the place: -6 from USD per million.
            zero: whether 0 is a price (free); else it means "not priced so".
        """
        if value is None:
            return
        if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
            self.remark(NOT_UNDERSTOOD, field, "neither a number nor a text")
            return
        amount = parse_amount(value)
        if amount is None:
            self.remark(FLAGGED, field, f"{str(value)[:80]!r} is no amount: kept as text")
            self._put(place, condition, field, str(value))
        elif not amount and not zero:
            self.remark(ABSENT, field, "0 means that there is no such price")
        else:
            self._put(place, condition, field, self._text(field, value, amount, scale))

    def remark(self, kind: str, field: str, text: str) -> None:
        """Note something about a field."""
        self.remarks.append(Remark(kind, self.model, field, text))

    def document(self, **members: object) -> Document:
        """The model: its id, those members that are not None, its pricing if there is any."""
        named = {key: member for key, member in members.items() if member is not None}
        document = {"id": self.model, **named}
        if self.pricing:
            only = self.pricing.keys() <= {_GENERATION, _NATIVE} and _GENERATION in self.pricing
            document["pricing"] = {"kind": _GENERATION if only else "token", **self.pricing}
        return document

    def _text(self, field: str, value: object, amount: Decimal, scale: int) -> str:
        if isinstance(value, str):
            return value if scale == 0 else plain(amount.scaleb(scale, EXACT))
        exact = number_amount(amount)
        if exact != amount:
            self.remark(SNAPPED, field, f"{value} is a float's noise: read as {plain(exact)}")
        return plain(exact.scaleb(scale, EXACT))

    def _put(self, place: str | Sequence[str], condition: Condition, field: str, text: str) -> None:
        names = place.split("/") if isinstance(place, str) else place
        segments = (*(("tiers", *condition.segments) if condition else ()), *names)
        into: Any = self.pricing
        for group in segments[:-1]:
            into = into.setdefault(group, {})
            if not isinstance(into, dict):
                break
        if not isinstance(into, dict) or isinstance(into.get(segments[-1]), dict):
            self.remark(NOT_UNDERSTOOD, field, "another price stands where this one belongs")
            return
        was = into.get(segments[-1])
        if was is not None and (parse_amount(was) or was) != (parse_amount(text) or text):
            self.remark(FLAGGED, self._said_by[segments], f"{was} here, {text} in {field}: taken")
        into[segments[-1]] = text
        self._said_by[segments] = field
