"""What changed between two catalogs: by hash first, leaf by leaf only where models differ."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from deepdiff import DeepDiff

from pricetrail.catalog import units
from pricetrail.catalog.amounts import parse_amount, percent, plain, same_price
from pricetrail.catalog.catalogs import Catalog
from pricetrail.catalog.documents import KIND, Document, Leaf, is_price_path, leaves, word_lists
from pricetrail.catalog.ignored import NOTHING, Ignored


class Absent(Enum):
    """Stands for a leaf that is not there, which is not the same as a `null`."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT
_NOTHING = Catalog("")


@dataclass(frozen=True, slots=True)
class Change:
    """One leaf that changed; a value is `ABSENT` where the leaf appeared or vanished."""

    path: str
    old: Leaf | Absent
    new: Leaf | Absent

    @property
    def repriced(self) -> bool:
        """Whether it is a change of price: of an amount, or of the kind of pricing."""
        if self.path == KIND:
            return True
        return is_price_path(self.path) and (
            isinstance(self.old, Decimal) or isinstance(self.new, Decimal)
        )

    def shown(self) -> dict[str, Any]:
        """The entry of a message's `changes`."""
        priced = is_price_path(self.path) and self.repriced
        entry: dict[str, Any] = {
            "path": self.path,
            "old": _shown(self.old, priced),
            "new": _shown(self.new, priced),
        }
        if self.old is None or self.new is None:
            # JSON has one null for "absent" and for `null`; say which side was which.
            entry["absent"] = [side for side in ("old", "new") if getattr(self, side) is ABSENT]
        return completed(entry)


def completed(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry of `changes` with what its path and amounts imply: unit, percent, flags."""
    amounts = {side: parse_amount(entry[side]) for side in ("old", "new")}
    priced = is_price_path(entry["path"]) and any(amount is not None for amount in amounts.values())
    ratio = percent(amounts["old"], amounts["new"]) if priced else None
    rest = {key: value for key, value in entry.items() if key not in ("path", "old", "new")}
    flagged = [
        side for side in amounts if priced and amounts[side] is None and entry[side] is not None
    ]
    return {
        "path": entry["path"],
        "unit": units.unit(entry["path"]) if priced else None,
        "old": entry["old"],
        "new": entry["new"],
        "percent": None if ratio is None else format(ratio, "f"),
        **rest,
        # Text where a price should be: shown as it came, not to be computed with.
        **({"flagged": flagged} if flagged else {}),
    }


def _shown(value: Leaf | Absent, priced: bool) -> Any:
    if value is ABSENT:
        return None
    if isinstance(value, Decimal):
        return plain(value) if priced else value
    return value


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

    `served` is every leaf that differs as served. `told` is what comparison makes of it (contract,
    "What is compared"): without float noise, ignored fields and the order of words in a list.
    """

    served: list[Change]
    told: list[Change]


def changes(
    before: Mapping[str, Document], after: Mapping[str, Document], ignored: Ignored = NOTHING
) -> dict[str, Changed]:
    """The changed leaves of models that are in both, by model.

    One DeepDiff over the differing leaves of all models: its cost is per call and per node, so
    what is equal anyway is taken out first, and there is one level.
    """
    old, new = _differing(before, after)
    tree = DeepDiff(
        _flat(old),
        _flat(new),
        view="tree",
        threshold_to_diff_deeper=0,
        # By default it would pass over keys that begin with two underscores.
        ignore_private_variables=False,
    )
    found: dict[str, list[Change]] = {model: [] for model in old}
    for levels in tree.values():
        for level in levels:
            [(model, path)] = level.path(output_format="list")
            change = Change(path, old[model].get(path, ABSENT), new[model].get(path, ABSENT))
            found[model].append(change)
    return {
        model: _changed(items, before[model], after[model], ignored)
        for model, items in found.items()
    }


def between(before: Document, after: Document) -> list[Change]:
    """What is told of one model where nothing is ignored: as `changes`, without DeepDiff.

    For reading again what was found once: no model is compared for the first time here.
    """
    [old], [new] = (part.values() for part in _differing({"": before}, {"": after}))
    served = [
        Change(path, old.get(path, ABSENT), new.get(path, ABSENT)) for path in old.keys() | new
    ]
    return _changed(served, before, after, NOTHING).told


def same_catalog(one: Catalog, other: Catalog, ignored: Ignored) -> bool:
    """Whether two catalogs differ in nothing that is compared."""
    found = compare(one, other)
    if found.added or found.removed:
        return False
    was = {model: one.document(model) for model in found.changed}
    now = {model: other.document(model) for model in found.changed}
    return not any(changed.told for changed in changes(was, now, ignored).values())


def _changed(served: list[Change], before: Document, after: Document, ignored: Ignored) -> Changed:
    in_order = sorted(served, key=_path)
    told = [one for one in in_order if not (_is_noise(one) or _is_ignored(one, ignored))]
    if any(change.path[-1:].isdigit() for change in told):
        told = sorted(_with_words_as_sets(told, before, after), key=_path)
    return Changed(in_order, told)


def _path(change: Change) -> str:
    return change.path


def _is_ignored(change: Change, ignored: Ignored) -> bool:
    sides = [leaf for leaf in (change.old, change.new) if leaf is not ABSENT]
    return all(ignored.covers(change.path, leaf) for leaf in sides)


def _is_noise(change: Change) -> bool:
    old, new = change.old, change.new
    if not (isinstance(old, Decimal) and isinstance(new, Decimal)):
        return False
    return is_price_path(change.path) and same_price(old, new)


def _with_words_as_sets(told: list[Change], before: Document, after: Document) -> Iterator[Change]:
    """The changes, with lists of words that both sides have compared whatever their order."""
    was, now = word_lists(before), word_lists(after)
    parents = {change.path: change.path.rpartition("/")[0] for change in told}
    lists = {parent for parent in parents.values() if parent in was and parent in now}
    yield from (change for change in told if parents[change.path] not in lists)
    for parent in lists:
        gone, come = _left_over(was[parent], now[parent]), _left_over(now[parent], was[parent])
        for place in gone.keys() | come.keys():
            yield Change(f"{parent}/{place}", gone.get(place, ABSENT), come.get(place, ABSENT))


def _left_over(words: list[str], others: list[str]) -> dict[int, str]:
    """The words, by place, that the other list has not as often."""
    spare = Counter(others)
    found = {}
    for place, word in enumerate(words):
        if spare[word]:
            spare[word] -= 1
        else:
            found[place] = word
    return found


def _flat(models: Mapping[str, dict[str, Leaf]]) -> dict[tuple[str, str], Leaf]:
    return {(model, path): leaf for model, found in models.items() for path, leaf in found.items()}


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


def _same(one: Leaf | Absent, other: Leaf | Absent) -> bool:
    # In Python `True == 1`; in a catalog they are two values.
    return type(one) is type(other) and one == other


def direction(entries: Iterable[dict[str, Any]]) -> str:
    """`increase`, `decrease`, `mixed`, or `none` where nothing is comparable."""
    signs = set()
    for entry in entries:
        old, new = parse_amount(entry["old"]), parse_amount(entry["new"])
        if entry["unit"] is not None and old is not None and new is not None:
            signs.add(new > old)
    if len(signs) == 2:
        return "mixed"
    return {True: "increase", False: "decrease"}[signs.pop()] if signs else "none"
