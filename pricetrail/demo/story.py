"""What happens to the made-up catalog: one step after the other, each for one poll to find."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import count
from typing import Any

from pricetrail.demo.catalog import generation_model, per_token, token_model

Models = list[dict[str, Any]]

# The model that the demo asks about at the end: it is cut, then repriced up and down.
HERO = "cantor-4.5-plain"


@dataclass(frozen=True, slots=True)
class Step:
    """`title` says what the gateway does; `change` makes the new catalog of the old one.

    A `passing` catalog is served for this one step; the next begins from the one before it.
    """

    title: str
    change: Callable[[Models], Models]
    passing: bool = False


def steps() -> list[Step]:
    """The story, to be played in order from `catalog.models()`."""
    return [
        Step("The gateway lists its models for the first time", _same),
        Step("Nothing happens", _same),
        Step("A new model appears", _with(_NEW)),
        Step("A price is cut", _priced(HERO, {"text.prompt": "2.50"})),
        Step("The tier above 200k tokens gets dearer", _priced("lyra-3-pro", _DEARER)),
        Step("A generation model appears", _with(_FILM)),
        Step("One price goes up and another down", _priced(HERO, _MIXED)),
        Step("The gateway loses half of its list by mistake", _first_half, passing=True),
        Step("The list is back, but for one old model", _without("cantor-3-swift")),
        Step("A model becomes free", _priced("basalt-20b", _FREE)),
    ]


def play(models: Models) -> Iterator[tuple[Step, Models]]:
    """The steps, each with the catalog that the gateway serves in it."""
    for step in steps():
        served = step.change(models)
        yield step, served
        models = models if step.passing else served


def endless(models: Models) -> Iterator[tuple[str, Models]]:
    """Ever new catalogs for `--serve`: one price moves up, and later down again."""
    paid = [model for model in models if "." in _first_price(model)[1]]
    for turn in count():
        model = paid[turn // 2 % len(paid)]
        path, amount = _first_price(model)
        # Every other turn undoes the one before.
        shown = amount if turn % 2 else f"{amount}5"
        changed = deepcopy(models)
        _set(changed, model["id"], path, shown)
        yield f"{model['id']} {'back down' if turn % 2 else 'a little up'}", changed


_NEW = token_model("umber-m3-preview", "openai", "2026-11-20", "0.35", "1.40")
_FILM = generation_model(
    "wisp-film-1",
    "openai",
    "2026-11-21",
    "video.per_second=0.10",
    "video.per_second_with_audio=0.16",
)
_DEARER = {"tiers.over_200k.text.prompt": "5.00", "tiers.over_200k.text.completion": "22.50"}
_MIXED = {"text.completion": "18.00", "cache.read": "0.25", "cache.write": "3.125"}
_FREE = {"text.prompt": "0", "text.completion": "0"}


def _same(models: Models) -> Models:
    return models


def _with(model: dict[str, Any]) -> Callable[[Models], Models]:
    return lambda models: [*models, deepcopy(model)]


def _without(name: str) -> Callable[[Models], Models]:
    return lambda models: [model for model in models if model["id"] != name]


def _first_half(models: Models) -> Models:
    return models[: len(models) // 2]


def _priced(name: str, dollars: dict[str, str]) -> Callable[[Models], Models]:
    def change(models: Models) -> Models:
        changed = deepcopy(models)
        for path, amount in dollars.items():
            _set(changed, name, path, per_token(amount))
        return changed

    return change


def _set(models: Models, name: str, path: str, amount: str) -> None:
    *groups, leaf = path.split(".")
    group = next(model for model in models if model["id"] == name)["pricing"]
    for key in groups:
        group = group[key]
    group[leaf] = amount


def _first_price(model: dict[str, Any]) -> tuple[str, str]:
    """The path of a price of the model, and its amount."""
    path, value = "", model["pricing"]
    while isinstance(value, dict):
        key = next(key for key in value if key != "kind")
        path, value = f"{path}.{key}".lstrip("."), value[key]
    return path, value
