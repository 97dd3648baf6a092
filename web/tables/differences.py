"""What lies between two versions, worked out once, and told as people read it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple, TypeAlias

from markupsafe import Markup

from pricetrail.catalog.changes import Change
from pricetrail.queries import diff, snapshot
from pricetrail.queries.diff import DiffAnswer, ModelChanges
from pricetrail.queries.snapshot import SnapshotAnswer
from pricetrail.storage.database import Transaction
from pricetrail.storage.remembered import Remembered
from pricetrail.text.price_order import prompt_first
from pricetrail.web.paths import escaped
from pricetrail.web.wording import change, model_id

# So many models with the same to tell are one line.
_MANY = 4
# So many leaves of a model are told; its own page tells the rest.
_MOST_CHANGES = 8
# So many models of all the comparisons that are kept.
_MOST = 6000

_Key: TypeAlias = tuple[tuple[str, ...], tuple[Change, ...]]


class Named(NamedTuple):
    """A model as a link: its id as it stands in an address, and as it is shown."""

    path: str
    name: Markup


@dataclass(frozen=True)
class ChangedLine:
    """One model and what changed of it, or several of which the same did."""

    models: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def key(self) -> _Key:
        """What names it."""
        return self.models, self.changes

    @cached_property
    def names(self) -> list[Named]:
        """The models as links."""
        return _named(self.models)

    @cached_property
    def told(self) -> Markup:
        """What changed, as people read it."""
        told = [change(item) for item in prompt_first(self.changes)[:_MOST_CHANGES]]
        if len(self.changes) > _MOST_CHANGES:
            more = Markup('<span class="quiet">and {} more</span>')
            told.append(more.format(len(self.changes) - _MOST_CHANGES))
        return Markup(" ").join(told)


@dataclass(frozen=True)
class Difference:
    """Two versions and what lies between them; the lines are the largest changes first."""

    a: SnapshotAnswer
    b: SnapshotAnswer
    answer: DiffAnswer
    repriced: tuple[ChangedLine, ...]
    updated: tuple[ChangedLine, ...]

    @cached_property
    def added(self) -> list[Named]:
        """The models that came, as links."""
        return _named(self.answer.added)

    @cached_property
    def removed(self) -> list[Named]:
        """The models that went, as links."""
        return _named(self.answer.removed)

    @cached_property
    def directions(self) -> list[tuple[str, int]]:
        """How many were repriced in which direction: all of them, each once."""
        counts = Counter(item.direction for item in self.answer.repriced)
        return [(name, counts[name]) for name in _DIRECTIONS if counts[name]]

    @cached_property
    def both(self) -> int:
        """How many were repriced and updated."""
        return len(_names(self.answer.repriced) & _names(self.answer.updated))

    @cached_property
    def unchanged(self) -> int:
        """How many are in both catalogs and the same."""
        changed = _names(self.answer.repriced) | _names(self.answer.updated)
        return self.a.models - len(self.answer.removed) - len(changed)


_DIRECTIONS = ("increase", "decrease", "mixed", "none")


def difference(transaction: Transaction, source: str | None, a: str, b: str) -> Difference:
    """The difference of two versions; `a` and `b` are revisions.

    Raises:
        SourceNeededError, InvalidInputError, NotFoundError: as `queries.diff.ask`.
    """
    first, second = (snapshot.ask(transaction, source, revision) for revision in (a, b))
    return _KNOWN.get(
        (first.source, first.hash, second.hash), lambda: _compared(transaction, first, second)
    )


def _compared(
    transaction: Transaction, first: SnapshotAnswer, second: SnapshotAnswer
) -> Difference:
    known = _before(transaction, first, second)
    answer = diff.ask(
        transaction,
        first.source,
        str(first.version),
        str(second.version),
        None if known is None else known.answer,
    )
    told = {} if known is None else {line.key: line for line in (*known.repriced, *known.updated)}
    repriced, updated = (_lines(items, told) for items in (answer.repriced, answer.updated))
    found = Difference(first, second, answer, tuple(repriced), tuple(updated))
    _LAST.put((first.source, first.hash), found)
    return found


def _before(
    transaction: Transaction, first: SnapshotAnswer, second: SnapshotAnswer
) -> Difference | None:
    """What was last told from the same version on, where that was up to one before."""
    found = _LAST.find((first.source, first.hash))
    if found is None or not first.version <= found.b.version < second.version:
        return None
    # It may have been told of another history, which this one has left.
    then = snapshot.ask(transaction, first.source, str(found.b.version))
    return found if then.hash == found.b.hash else None


def _lines(
    items: Iterable[ModelChanges], told: Mapping[_Key, ChangedLine]
) -> Iterator[ChangedLine]:
    """The items as lines; those that were told before are told again."""
    alike: dict[tuple[Change, ...], list[str]] = {}
    for item in sorted(items, key=_largest_first):
        alike.setdefault(item.changes, []).append(item.model)
    for changes, models in alike.items():
        some = [tuple(models)] if len(models) >= _MANY else [(model,) for model in models]
        for each in some:
            line = ChangedLine(each, changes)
            yield told.get(line.key, line)


def _largest_first(item: ModelChanges) -> tuple[Decimal, str]:
    # From nothing, or from zero, there is no ratio: no percentage is larger than that.
    ratios = (change.percent for change in item.changes)
    sizes = [Decimal("Infinity") if ratio is None else abs(ratio) for ratio in ratios]
    return -max(sizes, default=Decimal(0)), item.model


def _named(models: Iterable[str]) -> list[Named]:
    return [Named(escaped(f"/model/{model}"), model_id(model)) for model in models]


def _names(items: Sequence[ModelChanges]) -> set[str]:
    return {item.model for item in items}


def _size(difference: Difference) -> int:
    answer = difference.answer
    parts = (answer.added, answer.removed, answer.repriced, answer.updated)
    return 1 + sum(len(part) for part in parts)


# The chain's head names one history: what follows from it is the same wherever it is asked.
_KNOWN: Remembered[tuple[str, bytes, bytes], Difference] = Remembered(_MOST, size=_size)
# Of each version that was compared from, what was told last.
_LAST: Remembered[tuple[str, bytes], Difference] = Remembered(_MOST, size=_size)
