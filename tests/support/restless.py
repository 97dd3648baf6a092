"""Random histories of a few restless models, for what is put together from rows of prices."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from pricetrail.storage.database import Database
from tests.support.histories import Catalog, at, build, catalog, model

START = at("2026-03-01T00:00:00Z")
NAMES = ("a", "b/x", "c", "d", "é")
AMOUNTS = (
    *("0.000003", "0.0000025", "0.0000020", "0.000002", "0", "0.05"),
    # The same price with a binary float's noise, and what is no price.
    *("0.00000020000000000000002", "0.0000002", "free", "-1", None),
)
PATHS = (
    ("text", "prompt"),
    ("text", "completion"),
    ("cache", "read"),
    ("tiers", "over_200k", "text", "prompt"),
    ("native", "request"),
    ("generation", "image", "per_image"),
)


POLLS = 60
# When the last one of these is made.
LAST = START + timedelta(minutes=30 * (POLLS - 1))


def restless(database: Database, seed: int, polls: int = POLLS) -> datetime:
    """Record polls half an hour apart, some of which fail; when the last one was made."""
    chance = random.Random(seed)
    models: dict[str, dict[str, Any]] = {}
    history: list[tuple[datetime, Catalog | None]] = []
    for number in range(polls):
        when = START + timedelta(minutes=30 * number)
        if chance.random() < 0.1 and number:
            history.append((when, None))
            continue
        for name in NAMES:
            change(models, name, chance)
        history.append((when, catalog(*models.values())))
    build(database, "s", history)
    return START + timedelta(minutes=30 * (polls - 1))


@cache
def recording(seed: int) -> Callable[[Database], datetime]:
    """What writes the history of a seed: the same one each time, so that it is recorded once."""
    return partial(restless, seed=seed)


def change(models: dict[str, dict[str, Any]], name: str, chance: random.Random) -> None:
    """Change one of the models, or let it be."""
    dice = chance.random()
    if name not in models:
        if dice < 0.3:
            models[name] = model(name, {"kind": "token"})
            for path in chance.sample(PATHS, 3):
                _put(models[name], path, chance.choice(AMOUNTS))
    elif dice < 0.05:
        del models[name]
    elif dice < 0.35:
        _put(models[name], chance.choice(PATHS), chance.choice(AMOUNTS))
    elif dice < 0.4:
        models[name] = {**models[name], "display_name": chance.choice(["One", "Two"])}


def _put(document: dict[str, Any], path: tuple[str, ...], value: str | None) -> None:
    place = document["pricing"]
    for key in path[:-1]:
        place = place.setdefault(key, {})
    if value is None:
        place.pop(path[-1], None)
    else:
        place[path[-1]] = value
