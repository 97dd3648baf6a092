"""What changed between two catalogs: by hash first, leaf by leaf only where models differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from deepdiff import DeepDiff

from catalog import units
from catalog.amounts import parse_amount, percent, plain
from catalog.contents import Contents
from catalog.documents import KIND, Document, Leaf, is_price_path, leaves


class Absent(Enum):
    """Stands for a leaf that is not there, which is not the same as a `null`."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT
_NOTHING = Contents("")


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


def compare(before: Contents | None, after: Contents) -> Difference:
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


def changes(
    before: Mapping[str, Document], after: Mapping[str, Document]
) -> dict[str, list[Change]]:
    """The changed leaves of models that are in both, by model, sorted by path.

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
    return {model: sorted(items, key=lambda item: item.path) for model, items in found.items()}


def between(before: Document, after: Document) -> list[Change]:
    """The changed leaves of one model, sorted by path: what `changes` finds, without DeepDiff.

    For reading again what was found once: no model is compared for the first time here.
    """
    [old], [new] = (part.values() for part in _differing({"": before}, {"": after}))
    return [
        Change(path, old.get(path, ABSENT), new.get(path, ABSENT))
        for path in sorted(old.keys() | new.keys())
    ]


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
