"""What changed between two catalogs: by hash first, leaf by leaf only where models differ."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pricetrail.catalog.amounts import same_price
from pricetrail.catalog.catalogs import Catalog
from pricetrail.catalog.changes import ABSENT, Absent, Change
from pricetrail.catalog.documents import Document, Leaf, leaves, word_lists
from pricetrail.catalog.ignored import NOTHING, Ignored

_NOTHING = Catalog("")


@dataclass(frozen=True, slots=True)
class Difference:
    """The ids that came, went and changed between two catalogs, each sorted."""

    added: list[str]
    removed: list[str]
    changed: list[str]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def compare(before: Catalog | None, after: Catalog) -> Difference:
    """Compare id and hash alone; no document is looked at."""
    old = before or _NOTHING
    if old.ids == after.ids:
        pairs = zip(after.ids, old.leaves, after.leaves, strict=True)
        return Difference([], [], sorted(model for model, was, now in pairs if was != now))
    was, now = (
        dict(zip(old.ids, old.leaves, strict=True)),
        dict(zip(after.ids, after.leaves, strict=True)),
    )
    return Difference(
        added=sorted(now.keys() - was.keys()),
        removed=sorted(was.keys() - now.keys()),
        changed=sorted(model for model in now.keys() & was.keys() if was[model] != now[model]),
    )


class Changed(NamedTuple):
    """What differs in one model, sorted by path.

    `served` is every leaf that differs as served. `compared` is what comparison makes of it
    (contract, "What is compared"): without float noise, ignored fields and the order of words in
    a list.
    """

    served: list[Change]
    compared: list[Change]


def changes(
    before: Mapping[str, Document], after: Mapping[str, Document], ignored: Ignored = NOTHING
) -> dict[str, Changed]:
    """The changed leaves of models that are in both, by model.

    One DeepDiff over the differing leaves of all models: its cost is per call and per node, so
    what is equal anyway is taken out first, and there is one level.
    """
    old, new = _differing(before, after)
    # Only now: it takes longer to load than most questions take, and many polls find no change.
    from deepdiff import DeepDiff  # noqa: PLC0415 - see above

    tree = DeepDiff(
        _flat(old),
        _flat(new),
        view="tree",
        threshold_to_diff_deeper=0,
        # By default it would pass over keys that begin with two underscores.
        ignore_private_variables=False,
    )
    served: dict[str, list[Change]] = {model: [] for model in old}
    for levels in tree.values():
        for level in levels:
            [(model, path)] = level.path(output_format="list")
            change = Change(path, old[model].get(path, ABSENT), new[model].get(path, ABSENT))
            served[model].append(change)
    return {
        model: _changed(items, before[model], after[model], ignored)
        for model, items in served.items()
    }


def between(before: Document, after: Document) -> list[Change]:
    """The compared changes of one model where nothing is ignored: as `changes`, without DeepDiff.

    For reading again what was worked out once: no model is compared for the first time here.
    """
    [old], [new] = (part.values() for part in _differing({"": before}, {"": after}))
    served = [
        Change(path, old.get(path, ABSENT), new.get(path, ABSENT)) for path in old.keys() | new
    ]
    return _changed(served, before, after, NOTHING).compared


def same_catalog(before: Catalog, after: Catalog, ignored: Ignored) -> bool:
    """Whether two catalogs differ in nothing that is compared."""
    difference = compare(before, after)
    if difference.added or difference.removed:
        return False
    was = {model: before.document(model) for model in difference.changed}
    now = {model: after.document(model) for model in difference.changed}
    return not any(changed.compared for changed in changes(was, now, ignored).values())


def _changed(served: list[Change], before: Document, after: Document, ignored: Ignored) -> Changed:
    in_order = sorted(served, key=_path)
    compared = [
        change for change in in_order if not (_is_noise(change) or _is_ignored(change, ignored))
    ]
    if any(change.path[-1:].isdigit() for change in compared):
        compared = sorted(_with_words_as_sets(compared, before, after), key=_path)
    return Changed(in_order, compared)


def _path(change: Change) -> str:
    return change.path


def _is_ignored(change: Change, ignored: Ignored) -> bool:
    sides = [leaf for leaf in (change.old, change.new) if leaf is not ABSENT]
    return all(ignored.covers(change.path, leaf) for leaf in sides)


def _is_noise(change: Change) -> bool:
    return change.amounts is not None and same_price(*change.amounts)


def _with_words_as_sets(
    changed: list[Change], before: Document, after: Document
) -> Iterator[Change]:
    """The changes, with lists of words that both sides have compared whatever their order."""
    was, now = word_lists(before), word_lists(after)
    parents = {change.path: change.path.rpartition("/")[0] for change in changed}
    lists = {parent for parent in parents.values() if parent in was and parent in now}
    yield from (change for change in changed if parents[change.path] not in lists)
    for parent in lists:
        gone, come = _left_over(was[parent], now[parent]), _left_over(now[parent], was[parent])
        for index in gone.keys() | come.keys():
            yield Change(f"{parent}/{index}", gone.get(index, ABSENT), come.get(index, ABSENT))


def _left_over(words: list[str], others: list[str]) -> dict[int, str]:
    """The words, by index, that the other list has not as often."""
    spare = Counter(others)
    left = {}
    for index, word in enumerate(words):
        if spare[word]:
            spare[word] -= 1
        else:
            left[index] = word
    return left


def _flat(models: Mapping[str, dict[str, Leaf]]) -> dict[tuple[str, str], Leaf]:
    return {(model, path): leaf for model, some in models.items() for path, leaf in some.items()}


def _differing(
    before: Mapping[str, Document], after: Mapping[str, Document]
) -> tuple[dict[str, dict[str, Leaf]], dict[str, dict[str, Leaf]]]:
    old: dict[str, dict[str, Leaf]] = {}
    new: dict[str, dict[str, Leaf]] = {}
    for model, document in before.items():
        was, now = leaves(document), leaves(after[model])
        old[model] = {
            path: leaf for path, leaf in was.items() if not _same(leaf, now.get(path, ABSENT))
        }
        new[model] = {
            path: leaf for path, leaf in now.items() if not _same(leaf, was.get(path, ABSENT))
        }
    return old, new


def _same(old: Leaf | Absent, new: Leaf | Absent) -> bool:
    # In Python `True == 1`; in a catalog they are two values.
    return type(old) is type(new) and old == new
