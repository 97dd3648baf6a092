"""A body of any dialect, read: the unified schema of it, and from there on as PipeLLM's own.

The body stays what it was served as, which its hash in the chain covers. What a dialect makes of
it is written as JSON text once, so that the strict reader, its limits and all that compares
catalogs know one schema alone.
"""

from dataclasses import dataclass
from typing import NamedTuple

from pricetrail.catalog import catalogs
from pricetrail.catalog.catalogs import Catalog, Limits
from pricetrail.catalog.dialects.readings import Entry, Reading, Remark
from pricetrail.catalog.dialects.registry import (
    AS_SERVED,
    PIPELLM,
    ReadBy,
    get_dialect,
    unknown_dialect,
)
from pricetrail.catalog.documents import Document
from pricetrail.catalog.errors import CatalogError, InvalidInputError
from pricetrail.catalog.pointers import split
from pricetrail.catalog.strict_json import dumps, loads

# What the unified schema names of a model: a native field never takes the place of one.
SCHEMA = frozenset(
    ("id", "display_name", "type_target", "created_at", "pricing", "context_length", "sunset_at")
)
# Whatever a list holds that is not of its dialect: it is refused, and no dialect checks it all.
_NONSENSE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class KeepError(InvalidInputError, ValueError):
    """A field that cannot be kept; its text is not repeated."""


class Unified(NamedTuple):
    """A list in the unified schema as JSON text, the entries it was made of, what is said of it."""

    text: str
    entries: list[Entry]
    remarks: list[Remark]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the bodies of one dialect.

    `keep`: the native fields, as JSON Pointers from a model's entry, that its document keeps at the
    same place, beside those of the schema. PipeLLM's documents keep all that was served anyway.

    Raises:
        InvalidInputError: there is no such dialect.
        KeepError: what is to be kept is no JSON Pointer, or a field of the schema.
    """

    dialect: str = PIPELLM
    keep: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.dialect != PIPELLM:
            try:
                get_dialect(self.dialect)
            except KeyError:
                raise InvalidInputError(unknown_dialect(self.dialect)) from None
        check_keep(self.keep)

    @property
    def read_by(self) -> ReadBy:
        """How it reads, as a version remembers it: the same for the same fields in any order."""
        if self.dialect == PIPELLM:
            return AS_SERVED
        return ReadBy(get_dialect(self.dialect).label, tuple(sorted(set(self.keep))))

    def read(
        self, body: bytes, before: Catalog | None = None, limits: Limits | None = None
    ) -> Catalog:
        """Read a body; arguments as of `catalogs.read`.

        Raises:
            CatalogError: not JSON, no list of this dialect, an id twice, over a limit.
        """
        if self.dialect == PIPELLM:
            return catalogs.read(body, before, limits)
        return catalogs.read(self.unified(body).text.encode(), before, limits)

    def unified(self, body: bytes | str) -> Unified:
        """What a native body becomes; of PipeLLM's the models as they are.

        Raises:
            CatalogError: not JSON, or no list of this dialect.
        """
        native = loads(body)
        reading = _as_it_is(native) if self.dialect == PIPELLM else self._reading(native)
        documents = [_kept(entry, self.keep) for entry in reading.entries]
        try:
            text = dumps({"object": "list", "data": documents, "total": len(documents)})
        except RecursionError:
            raise CatalogError("JSON nested too deeply") from None
        return Unified(text, reading.entries, reading.remarks)

    def _reading(self, native: object) -> Reading:
        try:
            return get_dialect(self.dialect).read(native)
        except _NONSENSE as error:
            why = f"{type(error).__name__}: {str(error)[:120]}"
            raise CatalogError(f"not a list as {self.dialect} writes it ({why})") from None


def find_reader(read_by: ReadBy) -> Reader | None:
    """The reader that still reads as a version says that it was read; None where none does."""
    if read_by.dialect is None:
        return Reader()
    name = read_by.dialect.partition("/")[0]
    try:
        reader = Reader(name, read_by.keep)
    except InvalidInputError:
        return None
    return reader if reader.read_by == read_by else None


def check_keep(keep: tuple[str, ...]) -> None:
    """Refuse fields that cannot be kept beside those of the schema.

    Raises:
        KeepError: one is no JSON Pointer, or a field of the schema.
    """
    for number, pointer in enumerate(keep, start=1):
        if not pointer.startswith("/") or pointer.endswith("/") or "*" in pointer:
            raise KeepError(f'field {number} is not a JSON Pointer: write "/architecture"')
        if split(pointer)[0] in SCHEMA:
            raise KeepError(f"field {number} is one of the unified schema, which is read anyway")


def _as_it_is(native: object) -> Reading:
    listed = native.get("data") if isinstance(native, dict) else None
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise CatalogError("`data` is no array of models")
    return Reading([Entry(document, document) for document in listed], [])


def _kept(entry: Entry, keep: tuple[str, ...]) -> Document:
    document = entry.document
    for pointer in keep:
        tokens = split(pointer)
        found, value = _find(entry.native, tokens)
        if found:
            document = _with(document, tokens, value)
    return document


def _find(native: object, tokens: list[str]) -> tuple[bool, object]:
    """Whether there is such a member, and what it is; places in arrays are no members."""
    for token in tokens:
        if not isinstance(native, dict) or token not in native:
            return False, None
        native = native[token]
    return True, native


def _with(document: Document, tokens: list[str], value: object) -> Document:
    """The document with a value at a place, unless something stands there."""
    first, *rest = tokens
    there = document.get(first)
    if not rest:
        return document if first in document else {**document, first: value}
    if first in document and not isinstance(there, dict):
        return document
    return {**document, first: _with(there or {}, rest, value)}
