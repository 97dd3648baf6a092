"""From one accepted catalog to the next: everything that a new version means, worked out purely."""

import re
from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog import events as kinds
from pricetrail.catalog import merkle
from pricetrail.catalog.catalogs import Catalog
from pricetrail.catalog.diffs import Changed, Difference, changes, compare
from pricetrail.catalog.documents import KIND, PRICING, Document, canonical, leaves
from pricetrail.catalog.event_details import (
    Details,
    Heading,
    ModelAdded,
    ModelChanged,
    ModelRemoved,
    SchemaChanged,
)
from pricetrail.catalog.events import Event
from pricetrail.catalog.ignored import NOTHING, Ignored
from pricetrail.catalog.pointers import join, split
from pricetrail.catalog.strict_json import dumps
from pricetrail.catalog.times import rfc3339

_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Version:
    """A version's place in its source's history; `not_before` is None for a baseline."""

    source: str
    number: int
    hash: bytes
    previous_hash: bytes
    not_before: datetime | None
    not_after: datetime


@dataclass(frozen=True)
class NewVersion:
    """One new version: what it holds, what it changed, and the events that say so."""

    version: Version
    catalog: Catalog
    root: bytes
    body_hash: bytes
    difference: Difference
    new_documents: dict[str, Document]
    changed: dict[str, Changed]
    schema: frozenset[str]
    ignored: Ignored
    baseline: bool
    events: list[Event]

    @property
    def differs(self) -> bool:
        """Whether the catalog differs from the one before in anything that is compared."""
        some = any(changed.compared for changed in self.changed.values())
        return bool(self.difference.added or self.difference.removed or some)

    @property
    def noisy(self) -> frozenset[str]:
        """The models of whose changes comparison leaves some, or all, out."""
        return frozenset(
            model
            for model, changed in self.changed.items()
            if len(changed.compared) < len(changed.served)
        )

    @property
    def counts(self) -> dict[str, int]:
        """How many models were added, removed, repriced, updated; zeros for a baseline."""
        found = dict.fromkeys((kinds.ADDED, kinds.REMOVED, kinds.REPRICED, kinds.UPDATED), 0)
        for event in self.events:
            if event.type in found:
                found[event.type] += 1
        return {kind.removeprefix("model."): number for kind, number in found.items()}


@dataclass(frozen=True, slots=True)
class VersionDraft:
    """Where a new version would stand; `baseline` says that it makes no events."""

    source: str
    number: int
    previous_hash: bytes
    not_before: datetime | None
    not_after: datetime
    baseline: bool


def build_version(
    draft: VersionDraft,
    before: Catalog | None,
    after: Catalog,
    body_hash: bytes,
    known_schema: Set[str],
    ignored: Ignored = NOTHING,
) -> NewVersion:
    """Work out the version that `after` makes.

    Args:
        before: the last accepted contents, None before the first.
        body_hash: the SHA-256 of the body as served.
        seen: the pricing paths and kinds this source has ever shown, as `schema_of` names them.
        ignored: the fields that make no event.
    """
    difference = compare(before, after)
    root = after.root(before)
    metadata = chain_metadata(draft, len(after))
    version = Version(
        draft.source,
        draft.number,
        merkle.chain(draft.previous_hash, metadata, root, body_hash),
        draft.previous_hash,
        draft.not_before,
        draft.not_after,
    )
    opened = {model: after.document(model) for model in (*difference.added, *difference.changed)}
    closed = {model: before.document(model) for model in difference.changed} if before else {}
    changed = changes(closed, {model: opened[model] for model in difference.changed}, ignored)
    schema = schema_of(opened.values())
    events = []
    if not draft.baseline:
        gone = {model: before.document(model) for model in difference.removed} if before else {}
        maker = _EventMaker(version)
        events = maker.model_events(opened, gone, difference, changed)
        events += maker.schema_events(schema - known_schema, opened)
    return NewVersion(
        version,
        after,
        root,
        body_hash,
        difference,
        opened,
        changed,
        schema,
        ignored,
        draft.baseline,
        events,
    )


def chain_metadata(place: VersionDraft | Version, models: int) -> str:
    """The canonical JSON of a version that goes into the chain."""
    not_before = rfc3339(place.not_before) if place.not_before else None
    return dumps(
        {
            "models": models,
            "not_after": rfc3339(place.not_after),
            "not_before": not_before,
            "source": place.source,
            "version": place.number,
        }
    )


def schema_of(documents: Iterable[Document]) -> frozenset[str]:
    """The pricing paths and kinds in use: `/pricing/text/prompt`, `kind:token`.

    Places in an array are one path (`/pricing/bands/*/rate`): a longer list is no new schema.
    """
    found = set()
    for document in documents:
        pricing = document.get("pricing")
        for path, leaf in leaves({"pricing": pricing}).items() if pricing is not None else ():
            if path == KIND:
                found.add(f"kind:{leaf}")
            elif path != PRICING:
                found.add(_without_indices(path))
    return frozenset(found)


def _without_indices(path: str) -> str:
    if _DIGIT.search(path) is None:
        return path
    pointer = ""
    for token in split(path):
        pointer = join(pointer, "*" if token.isdecimal() else token)
    return pointer


@dataclass(frozen=True, slots=True)
class _EventMaker:
    version: Version

    def model_events(
        self,
        opened: dict[str, Document],
        gone: dict[str, Document],
        difference: Difference,
        changed: dict[str, Changed],
    ) -> list[Event]:
        found: list[tuple[str, str, Details]] = []
        found += [(kinds.ADDED, model, ModelAdded(opened[model])) for model in difference.added]
        found += [(kinds.REMOVED, model, ModelRemoved(gone[model])) for model in difference.removed]
        for kind in (kinds.REPRICED, kinds.UPDATED):
            for model, items in sorted(changed.items()):
                mine = [one for one in items.compared if one.repriced == (kind == kinds.REPRICED)]
                if mine:
                    details = ModelChanged(Heading.of(opened[model]), tuple(mine))
                    found.append((kind, model, details))
        return [
            self._event(sequence, kind, model, details)
            for sequence, (kind, model, details) in enumerate(found)
        ]

    def schema_events(self, fresh: Set[str], opened: dict[str, Document]) -> list[Event]:
        if not fresh:
            return []
        models = [model for model in sorted(opened) if schema_of([opened[model]]) & fresh]
        details = SchemaChanged(
            paths=tuple(sorted(item for item in fresh if not item.startswith("kind:"))),
            kinds=tuple(sorted(item[5:] for item in fresh if item.startswith("kind:"))),
            models=tuple(models[:10]),
        )
        # Behind every model event, whatever their number.
        return [self._event(1_000_000, kinds.SCHEMA_CHANGED, None, details)]

    def _event(self, sequence: int, kind: str, model: str | None, details: Details) -> Event:
        version = self.version
        name = kinds.event_id(
            version.source, str(version.number), kind, model or "", _content(details)
        )
        return Event(
            id=name,
            source=version.source,
            version=version.number,
            sequence=sequence,
            type=kind,
            model=model,
            at=version.not_after,
            details=details,
            head=version.hash,
            not_before=version.not_before,
        )


def _content(details: Details) -> str:
    """What an event's id stands for."""
    if isinstance(details, ModelRemoved):
        # The notation of a model may have changed since the version that its document is kept of.
        return canonical(details.document)
    return dumps(details.as_json())
