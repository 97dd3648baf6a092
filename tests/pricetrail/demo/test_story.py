"""The made-up catalog is a plausible one, and the story moves it as it says."""

from collections import Counter
from itertools import islice
from typing import Any

from pricetrail.catalog.prices import prices_of
from pricetrail.demo import catalog, story


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
    was = {price.path: price.amount for price in prices_of(old)}
    ways = {
        "increase" if price.amount > (was[price.path] or 0) else "decrease"
        for price in prices_of(new)
        if price.amount is not None and price.amount != was[price.path]
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
