"""Prices in the groups that people think in: text, cache, tiers."""

from collections.abc import Sequence

from pricetrail.catalog.pointers import split
from pricetrail.queries.steps import PriceGroup, PriceTrail


def grouped(prices: Sequence[PriceTrail]) -> tuple[PriceGroup, ...]:
    """The prices in the groups that people think in: text, cache, …, then tiers, then native."""
    groups: dict[tuple[str, str], list[PriceTrail]] = {}
    for one in prices:
        groups.setdefault((group_name(one.path), one.unit), []).append(one)
    ordered = sorted(groups.items(), key=lambda item: (_rank(item[0][0]), *item[0]))
    return tuple(
        PriceGroup(name, unit, tuple(sorted(some, key=_order))) for (name, unit), some in ordered
    )


def group_name(path: str) -> str:
    """`text`, `cache`, `generation`, `native`; `tiers.over_200k`, `tiers.priority.over_200k`."""
    match split(path)[1:]:
        case ["tiers", *tiers, _, _] if tiers:
            return ".".join(["tiers", *tiers])
        case [group, _, *_]:
            return group
    return "other"


def _rank(group: str) -> int:
    first = group.partition(".")[0]
    return _GROUPS.index(first) if first in _GROUPS else len(_GROUPS)


def _order(trail: PriceTrail) -> tuple[int, str]:
    leaf = tuple(split(trail.path)[-2:])
    return (_LEAVES.index(leaf) if leaf in _LEAVES else len(_LEAVES)), trail.path


_GROUPS = ("text", "cache", "multimodal", "generation", "tiers", "native")
_LEAVES = (
    ("text", "prompt"),
    ("text", "completion"),
    ("text", "internal_reasoning"),
    ("cache", "read"),
    ("cache", "write"),
    ("cache", "write_1h"),
    ("multimodal", "input_image"),
    ("multimodal", "output_image"),
)
