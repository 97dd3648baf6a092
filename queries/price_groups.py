"""Prices in the groups that people think in: text, cache, those on a condition."""

from collections.abc import Sequence

from pricetrail.catalog.conditions import split_condition
from pricetrail.catalog.pointers import split
from pricetrail.catalog.units import condition_of
from pricetrail.queries.steps import PriceGroup, PriceTrail
from pricetrail.text.price_order import condition_place


def grouped(prices: Sequence[PriceTrail]) -> tuple[PriceGroup, ...]:
    """The prices in the groups that people think in: text, cache, … native, then by condition."""
    groups: dict[tuple[str, str], list[PriceTrail]] = {}
    for one in prices:
        groups.setdefault((group_name(one.path), one.unit), []).append(one)
    found = (
        PriceGroup(name, unit, condition_of(some[0].path), tuple(sorted(some, key=_order)))
        for (name, unit), some in groups.items()
    )
    return tuple(sorted(found, key=_place))


def group_name(path: str) -> str:
    """`text`, `cache`, `generation`, `native`; `tiers.over_200k`, `tiers.priority.over_200k`."""
    condition, tokens = split_condition(split(path))
    if condition:
        return ".".join(["tiers", *condition.segments])
    match tokens[1:]:
        case (group, _, *_):
            return group
    return "other"


def _place(group: PriceGroup) -> tuple[object, int, str, str]:
    known = _GROUPS.index(group.name) if group.name in _GROUPS else len(_GROUPS)
    return condition_place(group.condition), known, group.name, group.unit


def _order(trail: PriceTrail) -> tuple[int, str]:
    leaf = split_condition(split(trail.path))[1][1:]
    return (_LEAVES.index(leaf) if leaf in _LEAVES else len(_LEAVES)), trail.path


_GROUPS = ("text", "cache", "multimodal", "generation", "native")
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
