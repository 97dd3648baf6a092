"""What lies between two versions of a catalog?"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from pricetrail.catalog.changes import Change, direction
from pricetrail.catalog.diffs import changes
from pricetrail.catalog.ignored import Ignored
from pricetrail.catalog.strict_json import loads
from pricetrail.queries.revisions import version_of
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history.changed_models import changed_models, documents_at
from pricetrail.storage.history.ignored import ignored_at

T = TypeVar("T")


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


def ask(
    transaction: Transaction,
    source: str | None,
    a: str | datetime,
    b: str | datetime,
    known: DiffAnswer | None = None,
) -> DiffAnswer:
    """The difference of two catalogs, as comparison has it (contract, "What is compared").

    Args:
        source: needed only where there are several.
        a: a revision: a version, a time, `latest`, `latest~3`, `baseline`.
        b: another, before or after it.
        known: what lies between the same `a` and a version up to `b`, neither of them before it:
            of the models that did not change since it is told again.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        InvalidInputError: no such form of a revision.
        NotFoundError: no such source, or no such version.
    """
    state = sources.choose(transaction, source)
    first, second = (version_of(transaction, state, revision) for revision in (a, b))
    low, high = sorted((first, second))
    ignored = ignored_at(transaction, state.id, high)
    if known is not None and ignored != ignored_at(transaction, state.id, known.b):
        known = None
    found = changed_models(transaction, state.id, low if known is None else known.b, high)
    if known is None:
        before = {model.name: model.before for model in found if model.before is not None}
    else:
        before = documents_at(transaction, state.id, low, [model.id for model in found])
    after = {model.name: model.after for model in found if model.after is not None}
    if first > second:
        before, after = after, before
    changed = _changed(before, after, ignored)
    answer = DiffAnswer(
        source=state.name,
        a=first,
        b=second,
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        repriced=_only(changed, repriced=True),
        updated=_only(changed, repriced=False),
    )
    return answer if known is None else _joined(known, {model.name for model in found}, answer)


def _joined(known: DiffAnswer, changed: Set[str], late: DiffAnswer) -> DiffAnswer:
    """What is known, but for the models that changed since, and what is now to tell of those."""
    return replace(
        late,
        added=_with(known.added, changed, late.added, str),
        removed=_with(known.removed, changed, late.removed, str),
        repriced=_with(known.repriced, changed, late.repriced, _model),
        updated=_with(known.updated, changed, late.updated, _model),
    )


def _with(
    known: Iterable[T], changed: Set[str], late: Iterable[T], name: Callable[[T], str]
) -> tuple[T, ...]:
    kept = (item for item in known if name(item) not in changed)
    return tuple(sorted([*kept, *late], key=name))


def _model(item: ModelChanges) -> str:
    return item.model


def _changed(
    before: Mapping[str, str], after: Mapping[str, str], ignored: Ignored
) -> dict[str, Sequence[Change]]:
    both = sorted(model for model in before.keys() & after.keys() if before[model] != after[model])
    was = {model: loads(before[model]) for model in both}
    now = {model: loads(after[model]) for model in both}
    return {model: item.compared for model, item in changes(was, now, ignored).items()}


def _only(changed: Mapping[str, Sequence[Change]], *, repriced: bool) -> tuple[ModelChanges, ...]:
    """The changes of prices, or all others, of the models that have any."""
    chosen = (
        ModelChanges(model, tuple(item for item in items if item.repriced == repriced))
        for model, items in sorted(changed.items())
    )
    return tuple(item for item in chosen if item.changes)
