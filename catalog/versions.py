"""From one accepted catalog to the next: everything that a new version means, worked out purely."""

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog import events as kinds
from pricetrail.catalog import merkle, sunsets
from pricetrail.catalog.catalogs import Catalog
from pricetrail.catalog.changes import Change
from pricetrail.catalog.comparisons import Comparison, compare_catalogs
from pricetrail.catalog.dialects.registry import AS_SERVED, ReadBy
from pricetrail.catalog.diffs import Changed, Difference
from pricetrail.catalog.documents import Document, canonical
from pricetrail.catalog.event_details import (
    Details,
    Heading,
    ModelAdded,
    ModelChanged,
    ModelRemoved,
    ModelSunset,
    SchemaChanged,
)
from pricetrail.catalog.events import Event
from pricetrail.catalog.ignored import NOTHING, Ignored
from pricetrail.catalog.pricing_schema import schema_of
from pricetrail.catalog.strict_json import dumps
from pricetrail.catalog.times import rfc3339


@dataclass(frozen=True, slots=True)
class Version:
    """A version's place in its source's history; `not_before` is None for the first.

    `dialect`: by which dialect and version of it the body was read, None for PipeLLM's.
    """

    source: str
    number: int
    hash: bytes
    previous_hash: bytes
    not_before: datetime | None
    not_after: datetime
    chain_name: str | None = None
    dialect: str | None = None

    @property
    def hashed_name(self) -> str:
        """The name that the chain and the ids of events are made with (see `VersionDraft`)."""
        return self.chain_name or self.source


@dataclass(frozen=True)
class NewVersion:
    """One new version: what it holds, what it changed, and the events that say so."""

    version: Version
    comparison: Comparison
    root: bytes
    body_hash: bytes
    schema: frozenset[str]
    baseline: bool
    events: list[Event]
    read_by: ReadBy = AS_SERVED

    @property
    def catalog(self) -> Catalog:
        """The catalog that it is the version of."""
        return self.comparison.after

    @property
    def difference(self) -> Difference:
        """Which models came, went and changed."""
        return self.comparison.difference

    @property
    def new_documents(self) -> dict[str, Document]:
        """The documents of models that came or changed."""
        return self.comparison.new_documents

    @property
    def changed(self) -> dict[str, Changed]:
        """What changed, by model."""
        return self.comparison.changed

    @property
    def ignored(self) -> Ignored:
        """The fields that comparison left out."""
        return self.comparison.ignored

    @property
    def differs(self) -> bool:
        """Whether the catalog differs from the one before in anything that is compared."""
        return self.comparison.differs

    @property
    def noisy(self) -> frozenset[str]:
        """The models of whose changes comparison leaves some, or all, out."""
        return self.comparison.noisy

    @property
    def counts(self) -> dict[str, int]:
        """How many models were added, removed, repriced, updated; zeros for a baseline.

        One with another date of retirement counts as updated, once, whatever else changed of it.
        """
        models = {
            (kinds.UPDATED if event.type == kinds.SUNSET else event.type, event.model)
            for event in self.events
        }
        types = Counter(kind for kind, _ in models)
        return {kind.removeprefix("model."): types[kind] for kind in kinds.COUNTED_TYPES}


@dataclass(frozen=True, slots=True)
class VersionDraft:
    """Where a new version would stand; `baseline` says that it makes no events.

    `chain_name` is what the source was called when its chain began, where it was renamed since:
    hashes and the ids of events go on with it, so that the chain still proves what came before.
    `sunsets`: whether a date of retirement is told by an event of its own, as it has been since
    there are such events; before, it was a field like any other.
    `read_by`: how the body was read; the chain names the dialect.
    """

    source: str
    number: int
    previous_hash: bytes
    not_before: datetime | None
    not_after: datetime
    baseline: bool
    chain_name: str | None = None
    sunsets: bool = True
    read_by: ReadBy = AS_SERVED

    @property
    def dialect(self) -> str | None:
        """The dialect and its version, as the chain names them; None for PipeLLM's."""
        return self.read_by.dialect

    @property
    def hashed_name(self) -> str:
        """The name that the chain and the ids of events are made with."""
        return self.chain_name or self.source


def build_version(
    draft: VersionDraft,
    before: Catalog | None,
    after: Catalog,
    body_hash: bytes,
    known_schema: Set[str],
    ignored: Ignored = NOTHING,
) -> NewVersion:
    """Compare two catalogs and work out the version that `after` makes.

    Args:
        before: the last accepted catalog, None before the first.
        body_hash: the SHA-256 of the body as served.
        known_schema: the pricing paths and kinds this source has ever shown, as `schema_of` names
            them.
        ignored: the fields that make no event.
    """
    return version_from(draft, compare_catalogs(before, after, ignored), body_hash, known_schema)


def version_from(
    draft: VersionDraft, comparison: Comparison, body_hash: bytes, known_schema: Set[str]
) -> NewVersion:
    """Work out the version that a comparison's `after` makes; arguments as of `build_version`."""
    after = comparison.after
    root = after.root(comparison.before)
    version = Version(
        draft.source,
        draft.number,
        merkle.chain(draft.previous_hash, chain_metadata(draft, len(after)), root, body_hash),
        draft.previous_hash,
        draft.not_before,
        draft.not_after,
        draft.chain_name,
        draft.dialect,
    )
    schema = schema_of(comparison.new_documents.values())
    events = []
    if not draft.baseline:
        maker = _EventMaker(version, comparison, sunsets=draft.sunsets)
        events = [*maker.model_events(), *maker.schema_events(schema - known_schema)]
    return NewVersion(
        version, comparison, root, body_hash, schema, draft.baseline, events, draft.read_by
    )


def chain_metadata(draft: VersionDraft | Version, models: int) -> str:
    """The canonical JSON of a version that goes into the chain.

    Other dialects than PipeLLM's are named in it (contract, section 10).
    """
    not_before = rfc3339(draft.not_before) if draft.not_before else None
    return dumps(
        {
            **({"dialect": draft.dialect} if draft.dialect is not None else {}),
            "models": models,
            "not_after": rfc3339(draft.not_after),
            "not_before": not_before,
            "source": draft.hashed_name,
            "version": draft.number,
        }
    )


@dataclass(frozen=True, slots=True)
class _EventMaker:
    version: Version
    comparison: Comparison
    sunsets: bool

    def model_events(self) -> list[Event]:
        difference, documents = self.comparison.difference, self.comparison.new_documents
        some: list[tuple[str, str, Details]] = [
            (kinds.ADDED, model, ModelAdded(documents[model])) for model in difference.added
        ]
        some += [
            (kinds.REMOVED, model, ModelRemoved(self.comparison.old_documents[model]))
            for model in difference.removed
        ]
        for kind in (kinds.REPRICED, kinds.UPDATED, kinds.SUNSET):
            for model, changed in sorted(self.comparison.changed.items()):
                leaves_of_kind = tuple(
                    change for change in changed.compared if self._kind(change) == kind
                )
                if leaves_of_kind:
                    heading = Heading.of(documents[model])
                    some.append((kind, model, self._changed(kind, heading, leaves_of_kind)))
        return [
            self._event(sequence, kind, model, details)
            for sequence, (kind, model, details) in enumerate(some)
        ]

    def _kind(self, change: Change) -> str:
        """The type of event that tells of a change."""
        if change.repriced:
            return kinds.REPRICED
        return kinds.SUNSET if self.sunsets and sunsets.moved(change) else kinds.UPDATED

    def _changed(self, kind: str, heading: Heading, changes: tuple[Change, ...]) -> Details:
        if kind == kinds.SUNSET:
            return sunsets.announced(heading, changes, self.version.not_after)
        return ModelChanged(heading, changes)

    def schema_events(self, fresh: Set[str]) -> list[Event]:
        if not fresh:
            return []
        documents = sorted(self.comparison.new_documents.items())
        models = [model for model, document in documents if schema_of([document]) & fresh]
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
            version.hashed_name, str(version.number), kind, model or "", _content(details)
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
    if isinstance(details, ModelSunset):
        # Without how many days are left: that depends on when it was seen.
        return dumps(ModelChanged(details.model, details.changes).as_json())
    return dumps(details.as_json())
