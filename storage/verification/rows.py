"""The rows about one version, held against the version worked out anew."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from pricetrail.catalog import merkle, units
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.documents import model_hash
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import loads
from pricetrail.catalog.versions import NewVersion
from pricetrail.storage.codecs import documents
from pricetrail.storage.errors import StorageError
from pricetrail.storage.history.price_rows import price_changes
from pricetrail.storage.history.snapshots import stored_body
from pricetrail.storage.types import AnyRow, EventType
from pricetrail.storage.verification import raw_rows


@dataclass(frozen=True, slots=True)
class Break:
    """Where a history stops being what was recorded; `version` is None where no one can say."""

    version: int | None
    what: str
    why: str


class BreakFoundError(Exception):
    """Carries a break out of the checks; it never leaves `verify`."""

    def __init__(self, found: Break) -> None:
        super().__init__(found.why)
        self.found = found


def broken(version: int | None, what: str, why: str) -> BreakFoundError:
    """The error that says it."""
    return BreakFoundError(Break(version, what, why))


class Rows:
    """All rows of a source beside its snapshots, in order of version."""

    def __init__(self, connection: Connection, source_id: int) -> None:
        self._streams = {
            "models": raw_rows.model_versions(connection, source_id),
            "prices": raw_rows.prices(connection, source_id),
            "events": raw_rows.events(connection, source_id),
            "schema": raw_rows.schema(connection, source_id),
        }
        self._closings: defaultdict[int, list[str]] = defaultdict(list)
        # The documents in force, by model, while there are no bodies to take them from.
        self._documents: dict[str, tuple[str, bytes | None]] | None = {}
        self._last_event = 0

    def of(self, version: int) -> "VersionRows":
        """The rows of the next version."""
        found = {name: rows.take(version) for name, rows in self._streams.items()}
        for name, rows in self._streams.items():
            if rows.stray(version):
                raise broken(version, name, "a row belongs to no version")
        opened = self._opened(version, found["models"])
        closed = self._closings.pop(version, [])
        if self._documents is not None:
            for model in closed:
                self._documents.pop(model, None)
            self._documents |= {name: (document, None) for name, document in opened.items()}
        self._check_order(version, found["events"])
        return VersionRows(
            version, opened, closed, found["prices"], found["events"], found["schema"]
        )

    def _opened(self, version: int, rows: list[AnyRow]) -> dict[str, str]:
        found = {}
        for row in rows:
            if not isinstance(row.name, str):
                raise broken(version, "models", "a document belongs to no model")
            found[row.name] = _document(version, row)
            if row.valid_to is None:
                continue
            if not isinstance(row.valid_to, int) or row.valid_to <= version:
                raise broken(version, "models", f"{row.name} ends at {row.valid_to!r}, before it")
            self._closings[row.valid_to].append(row.name)
        return found

    def _check_order(self, version: int, rows: list[AnyRow]) -> None:
        for row in rows:
            if row.number <= self._last_event:
                raise broken(version, "events", "they do not stand in the order of the log")
            self._last_event = row.number

    def in_force(
        self, version: int, leaf: Callable[[str, str], bytes]
    ) -> Iterator[tuple[str, str, bytes]]:
        """Every model in force with its document and leaf, by id, while there are no bodies."""
        documents = self._documents or {}
        for model in sorted(documents):
            document, known = documents[model]
            if known is None:
                try:
                    known = leaf(model, document)
                except (CatalogError, UnicodeEncodeError) as error:
                    raise broken(version, "models", f"{model}: {error}") from None
                documents[model] = (document, known)
            yield model, document, known

    def forget_documents(self) -> None:
        """From here on there are bodies."""
        self._documents = None

    def close(self) -> None:
        """Stop reading."""
        for rows in self._streams.values():
            rows.close()

    def end(self, version: int) -> None:
        """Check that no row is left over behind the last version."""
        for name, rows in self._streams.items():
            if rows.left is not None:
                raise broken(version + 1, name, "a row belongs to a version that is not there")
        if self._closings:
            raise broken(min(self._closings), "models", "a model ends in a version not there")


@dataclass(frozen=True, slots=True)
class VersionRows:
    """The rows of one version beside its snapshot row."""

    version: int
    opened: dict[str, str]
    closed: list[str]
    prices: list[AnyRow]
    events: list[AnyRow]
    schema: list[AnyRow]

    def check(
        self, new: NewVersion, snapshot: AnyRow, *, as_served: bool, known_schema: Set[str]
    ) -> None:
        """Compare with the version worked out anew.

        Args:
            as_served: the body is there, and PipeLLM's, so the documents must be its text, letter
                for letter.
            known_schema: the schema of the versions before.

        Raises:
            BreakFoundError: the first difference.
        """
        self._check_counts(new, snapshot)
        self._check_models(new, as_served)
        self._check_prices(new)
        self._check_events(new)
        if sorted(str(row.item) for row in self.schema) != sorted(new.schema - known_schema):
            raise broken(self.version, "schema", "other paths and kinds were first seen in it")

    def _check_counts(self, new: NewVersion, snapshot: AnyRow) -> None:
        for name, number in {"models": len(new.catalog), **new.counts}.items():
            if getattr(snapshot, name) != number:
                said = getattr(snapshot, name)
                raise broken(self.version, "counts", f"{name}: {number}, and the row says {said!r}")

    def _check_models(self, new: NewVersion, as_served: bool) -> None:
        ended = sorted([*new.difference.removed, *new.difference.changed])
        for said, found, word in (
            (sorted(self.opened), sorted(new.new_documents), "begins"),
            (sorted(self.closed), ended, "ends"),
        ):
            if said != found:
                odd = min(set(said) ^ set(found), default=found[0] if found else "?")
                raise broken(self.version, "models", f"{odd}: not the interval that {word} here")
        for model, document in self.opened.items():
            if as_served and document != new.catalog.text_of(model):
                raise broken(self.version, "models", f"{model}: its document is not as served")
            if not as_served and not _is_alike(document, new, model):
                raise broken(self.version, "models", f"{model}: not the document that the body is")

    def _check_prices(self, new: NewVersion) -> None:
        expected = {
            (one.model, one.path): (units.unit(one.path), _amount(one.amount), one.flagged)
            for one in price_changes(new)
        }
        found = {
            (row.name, row.path): (row.unit, _amount(row.amount), row.flagged)
            for row in self.prices
        }
        if found == expected and len(self.prices) == len(expected):
            return
        keys = [key for key in expected if found.get(key) != expected[key]]
        keys += [key for key in found if key not in expected]
        model, path = keys[0] if keys else ("?", "?")
        raise broken(self.version, "prices", f"{model} {path}: not the price in its document")

    def _check_events(self, new: NewVersion) -> None:
        noisy = new.noisy
        expected: list[tuple[Any, ...]] = [
            (event.id, event.sequence, _letter(event.type), event.model, stored_body(event, noisy))
            for event in new.events
        ]
        found = [(_id(row.id), row.sequence, row.type, row.name, row.body) for row in self.events]
        if found == expected and all(
            (row.model_id is None) == (row.name is None) for row in self.events
        ):
            return
        pairs = zip(found, expected, strict=False)
        place = next((n for n, (one, other) in enumerate(pairs) if one != other), None)
        place = min(len(found), len(expected)) if place is None else place
        event = new.events[place] if place < len(expected) else None
        said = f"{event.type} of {event.model}" if event else "one too many"
        raise broken(self.version, "events", f"{said}: not what changed from the version before")


def _is_alike(document: str, new: NewVersion, model: str) -> bool:
    """Whether a document is the one that a version holds, however it is written."""
    try:
        leaf = merkle.leaf(model, model_hash(loads(document)))
    except (CatalogError, UnicodeEncodeError):
        return False
    return leaf == new.catalog.leaves[new.catalog.position[model]]


def _document(version: int, row: AnyRow) -> str:
    packed, keyframe = row.document, row.keyframe
    if not isinstance(packed, bytes) or (row.base is None) != (keyframe is None):
        raise broken(version, "models", f"{row.name}: its document is none")
    if row.base is not None and (row.keyframe_base is not None or row.base >= version):
        raise broken(version, "models", f"{row.name}: its document rests on one that it may not")
    try:
        return documents.decode(packed, keyframe)
    except (StorageError, TypeError) as error:
        raise broken(version, "models", f"{row.name}: {error}") from None


def _letter(event_type: str) -> str:
    return EventType.letters.get(event_type, event_type)


def _amount(stored: object) -> object:
    return plain(stored) if isinstance(stored, Decimal) else stored


def _id(stored: object) -> str:
    return "evt_" + stored.hex() if isinstance(stored, bytes) else repr(stored)
