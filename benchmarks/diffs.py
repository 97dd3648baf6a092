"""The diff by changed models, against DeepDiff on the whole catalog."""

import time
from decimal import Decimal
from typing import Any

from deepdiff import DeepDiff

from benchmarks.catalogs import body, catalog, repriced
from benchmarks.tables import Row
from catalog.contents import read
from catalog.diffs import changes, compare
from catalog.strict_json import loads


def run(size: int = 10_000) -> list[Row]:
    """The ratio at one size; both sides begin with what a poll has at hand: two bodies' text."""
    first = catalog(size)
    second = repriced(first, 0.01, seed=2)
    ours, found = _ours(body(first), body(second))
    theirs, whole = _whole(body(first), body(second))
    if found != whole:
        raise AssertionError(f"we found {found} changed models, DeepDiff {whole}")
    return [
        Row(
            f"diff of {size:,} models, 1 % changed",
            theirs / ours,
            "x faster than DeepDiff on the whole catalog",
            "≥ 50",
        )
    ]


def _ours(old: bytes, new: bytes) -> tuple[float, int]:
    before, after = read(old), read(new)
    start = time.perf_counter()
    difference = compare(before, after)
    was = {model: before.document(model) for model in difference.changed}
    now = {model: after.document(model) for model in difference.changed}
    found = changes(was, now)
    return time.perf_counter() - start, len(found)


def _whole(old: bytes, new: bytes) -> tuple[float, int]:
    before, after = _by_id(old), _by_id(new)
    start = time.perf_counter()
    tree = DeepDiff(before, after, view="tree", threshold_to_diff_deeper=0)
    models = {level.path(output_format="list")[0] for levels in tree.values() for level in levels}
    return time.perf_counter() - start, len(models)


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
