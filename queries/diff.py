"""What lies between two versions of a catalog?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pricetrail.catalog.changes import Change, direction
from pricetrail.catalog.diffs import changes
from pricetrail.catalog.ignored import Ignored
from pricetrail.catalog.strict_json import loads
from pricetrail.queries.revisions import version_of
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history.ignored import ignored_at
from pricetrail.storage.history.versions import ModelState, catalog_at


@dataclass(frozen=True, slots=True)
class ModelChanges:
    """What changed of one model, by path."""

    model: str
    changes: tuple[Change, ...]

    @property
    def direction(self) -> str:
        """`increase`, `decrease`, `mixed`, or `none` where nothing is comparable."""
        return direction(self.changes)


@dataclass(frozen=True, slots=True)
class DiffAnswer:
    """Between versions `a` and `b`: models that came and went, and what changed of the others.

    A model of which prices and something else changed is in `repriced` and in `updated`. Everything
    is in order of the models' ids.
    """

    source: str
    a: int
    b: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    repriced: tuple[ModelChanges, ...]
    updated: tuple[ModelChanges, ...]

    def as_json(self) -> dict[str, object]:
        """The document of `diff` (contract, section 5)."""
        return {
            "from": {"version": self.a},
            "to": {"version": self.b},
            "added": list(self.added),
            "removed": list(self.removed),
            "repriced": [
                {"model": item.model, "direction": item.direction, "changes": _entries(item)}
                for item in self.repriced
            ],
            "updated": [{"model": item.model, "changes": _entries(item)} for item in self.updated],
        }


def _entries(item: ModelChanges) -> list[dict[str, object]]:
    return [change.as_json() for change in item.changes]


def ask(transaction: Transaction, source: str | None, a: str, b: str) -> DiffAnswer:
    """The difference of two catalogs, as comparison has it (contract, "What is compared").

    Args:
        source: needed only where there are several.
        a: a revision: a version, a time, `latest`, `latest~3`, `baseline`.
        b: another, before or after it.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        InvalidInputError: no such form of a revision.
        NotFoundError: no such source, or no such version.
    """
    state = sources.choose(transaction, source)
    first, second = (version_of(transaction, state, revision) for revision in (a, b))
    before, after = (
        {model.model: model for model in catalog_at(transaction, state.id, version)}
        for version in (first, second)
    )
    changed = _changed(before, after, ignored_at(transaction, state.id, max(first, second)))
    return DiffAnswer(
        source=state.name,
        a=first,
        b=second,
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        repriced=_only(changed, repriced=True),
        updated=_only(changed, repriced=False),
    )


def _changed(
    before: Mapping[str, ModelState], after: Mapping[str, ModelState], ignored: Ignored
) -> dict[str, Sequence[Change]]:
    both = sorted(
        model
        for model in before.keys() & after.keys()
        if before[model].document != after[model].document
    )
    was = {model: loads(before[model].document) for model in both}
    now = {model: loads(after[model].document) for model in both}
    return {model: item.compared for model, item in changes(was, now, ignored).items()}


def _only(changed: Mapping[str, Sequence[Change]], *, repriced: bool) -> tuple[ModelChanges, ...]:
    """The changes of prices, or all others, of the models that have any."""
    chosen = (
        ModelChanges(model, tuple(item for item in items if item.repriced == repriced))
        for model, items in sorted(changed.items())
    )
    return tuple(item for item in chosen if item.changes)
