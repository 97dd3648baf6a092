"""The diff by changed models, against DeepDiff on the whole catalog."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from deepdiff import DeepDiff

from benchmarks.catalogs import body, catalog, repriced
from benchmarks.notes import note
from benchmarks.tables import Row, at_least, medians
from pricetrail.catalog.catalogs import Catalog, read
from pricetrail.catalog.diffs import changes, compare
from pricetrail.catalog.strict_json import loads


def run(size: int = 10_000, rounds: int = 3) -> Iterator[Row]:
    """The ratio at one size; both sides begin with a catalog that was read."""
    note(f"diff of {size:,} models: ours and DeepDiff")
    first = catalog(size)
    second = repriced(first, 0.01, seed=2)
    old, new = body(first), body(second)
    before, after = read(old), read(new)
    was, now = _by_id(old), _by_id(new)
    found, expected = _ours(before, after), _whole(was, now)
    if found != expected:
        raise AssertionError(f"we found {len(found)} changed models, DeepDiff {len(expected)}")
    took = medians(rounds, ours=lambda: _ours(before, after), whole=lambda: _whole(was, now))
    yield Row(
        f"diff of {size:,} models, 1 % changed",
        took["whole"] / took["ours"],
        "x as fast as DeepDiff on the whole catalog",
        at_least(50) if size >= 10_000 else None,
    )


def _ours(before: Catalog, after: Catalog) -> set[str]:
    difference = compare(before, after)
    was = {model: before.document(model) for model in difference.changed}
    now = {model: after.document(model) for model in difference.changed}
    return set(changes(was, now))


def _whole(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    tree = DeepDiff(before, after, view="tree", threshold_to_diff_deeper=0)
    return {
        str(level.path(output_format="list")[0]) for levels in tree.values() for level in levels
    }


def _by_id(text: bytes) -> dict[str, Any]:
    return {model["id"]: _priced(model) for model in loads(text)["data"]}


def _priced(value: Any) -> Any:
    """Prices as numbers, without which DeepDiff would see changes of notation."""
    if isinstance(value, dict):
        return {key: _priced(member) for key, member in value.items()}
    try:
        return Decimal(value)
    except (ArithmeticError, TypeError, ValueError):
        return value
