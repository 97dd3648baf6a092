"""The made-up catalog is a plausible one, and the story moves it as it says."""

from collections import Counter
from itertools import islice
from typing import Any

import pytest

from pricetrail.catalog.documents import prices
from pricetrail.catalog.units import UNKNOWN, unit
from pricetrail.demo import catalog, story


def test_the_catalog_has_some_sixty_models_of_both_kinds_and_three_families() -> None:
    models = catalog.models()
    assert 55 <= len(models) <= 65
    assert len({model["id"] for model in models}) == len(models)
    assert {model["type_target"] for model in models} == {"openai", "anthropic", "gemini"}
    kinds = Counter(model["pricing"]["kind"] for model in models)
    assert kinds["token"] > kinds["generation"] >= 6


def test_every_price_is_exact_and_its_unit_known() -> None:
    leaves = [leaf for model in catalog.models() for leaf in prices(model)]
    assert all(amount is not None and amount > 0 for _, amount, _ in leaves)
    assert UNKNOWN not in {unit(path) for path, _, _ in leaves}
    groups = {path.split("/")[2] for path, _, _ in leaves}
    assert groups == {"text", "cache", "multimodal", "tiers", "generation"}


@pytest.mark.parametrize(
    ("dollars", "exact"),
    [("3.00", "0.000003"), ("0.025", "0.000000025"), ("120.00", "0.00012"), ("0", "0")],
)
def test_dollars_a_million_become_the_exact_price_of_one(dollars: str, exact: str) -> None:
    assert catalog.per_token(dollars) == exact


def test_the_story_tells_every_kind_of_change() -> None:
    served = [models for _, models in story.play(catalog.models())]
    kinds: list[str] = []
    before = served[0]
    for (told, _), models in zip(story.play(catalog.models()), served, strict=True):
        kinds += _kinds(before, models)
        before = before if told.passing else models
    assert Counter(kinds) == {
        "added token": 1,
        "added generation": 1,
        "removed": 33,
        "decrease": 2,
        "increase": 1,
        "mixed": 1,
    }


def _kinds(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[str]:
    old = {model["id"]: model for model in before}
    new = {model["id"]: model for model in after}
    added = [f"added {new[name]['pricing']['kind']}" for name in new.keys() - old.keys()]
    removed = ["removed" for _ in old.keys() - new.keys()]
    moved = [_direction(old[name], new[name]) for name in old.keys() & new.keys()]
    return added + removed + [direction for direction in moved if direction]


def _direction(old: dict[str, Any], new: dict[str, Any]) -> str:
    """Empty where nothing moved."""
    was = {path: amount for path, amount, _ in prices(old)}
    ways = {
        "increase" if amount > (was[path] or 0) else "decrease"
        for path, amount, _ in prices(new)
        if amount is not None and amount != was[path]
    }
    return "mixed" if len(ways) == 2 else "".join(ways)


def test_the_steps_leave_the_catalog_before_them_as_it_was() -> None:
    models = catalog.models()
    list(story.play(models))
    assert models == catalog.models()


def test_an_endless_story_moves_one_price_at_a_time_and_back() -> None:
    models = before = catalog.models()
    for turn, (_, after) in enumerate(islice(story.endless(models), 40)):
        assert _kinds(before, after) == ["decrease" if turn % 2 else "increase"]
        before = after
    assert before == models
