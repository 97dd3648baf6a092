"""What a price is a price of: units and names for people (PipeLLM's unified schema)."""

from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from pricetrail.catalog.amounts import EXACT
from pricetrail.catalog.conditions import (
    Condition,
    Window,
    day_name,
    split_condition,
    threshold_name,
)
from pricetrail.catalog.pointers import split

PER_TOKEN = "USD/token"  # noqa: S105 - a unit, no password
PER_IMAGE = "USD/image"
PER_SECOND = "USD/second"
RATIO = "ratio"
UNKNOWN = "USD"

_TOKEN_LEAVES = {
    ("text", "prompt"): "prompt",
    ("text", "completion"): "completion",
    ("text", "internal_reasoning"): "reasoning",
    ("cache", "read"): "cache read",
    ("cache", "write"): "cache write",
    ("cache", "write_1h"): "cache write 1h",
    ("multimodal", "input_image"): "input image tokens",
    ("multimodal", "output_image"): "output image tokens",
}
_GENERATION_LEAVES = {
    ("image", "per_image"): (PER_IMAGE, "image"),
    ("audio", "per_second"): (PER_SECOND, "audio"),
    ("video", "per_second"): (PER_SECOND, "video"),
    ("video", "per_second_with_audio"): (PER_SECOND, "video with audio"),
}
KNOWN_SERVICES = ("batch", "fast", "flex", "priority")
# One condition of each kind; the first is the one that PipeLLM's schema names.
_CONDITIONS = (
    Condition(threshold=200_000),
    Condition(window=Window(990, 30)),
    *map(Condition, KNOWN_SERVICES),
    Condition("priority", None, 200_000),
    Condition(since=20260901),
)


def known_prices() -> Iterator[str]:
    """The JSON Pointer of every price that the unified schema names, on one condition of a kind."""
    leaves = [f"{group}/{leaf}" for group, leaf in _TOKEN_LEAVES]
    leaves += [f"generation/{group}/{leaf}" for group, leaf in _GENERATION_LEAVES]
    for leaf in leaves:
        yield f"/pricing/{leaf}"
        yield from (f"/pricing/tiers/{'/'.join(each.segments)}/{leaf}" for each in _CONDITIONS)


# A catalog has few paths, and asks for each of them once a model.
@lru_cache(maxsize=4096)
def unit(pointer: str) -> str:
    """`USD/token`, `USD/image`, `USD/second`; for a path the schema does not name, just `USD`.

    What is no price, but a share of one, is a `ratio`.
    """
    tokens = split(pointer)
    if tokens[:1] == ["pricing"] and len(tokens) > 2 and tokens[-1] == "discount":
        return RATIO
    known = _known(split_condition(tokens)[1])
    return known[0] if known else UNKNOWN


@lru_cache(maxsize=4096)
def label(pointer: str) -> str:
    """The price's name for people, with its condition: `prompt above 200k`, `video with audio`.

    A path that the schema does not name keeps its own dotted name: nothing is guessed.
    """
    condition, tokens = split_condition(split(pointer))
    return _on(_name(tokens), condition)


def bare_label(pointer: str) -> str:
    """The same without the condition, where that is said beside it: `prompt`."""
    return _name(split_condition(split(pointer))[1])


def condition_of(pointer: str) -> Condition:
    """The condition on which the price at a path holds."""
    return split_condition(split(pointer))[0]


def is_named(pointer: str) -> bool:
    """Whether the schema names the price: else its label has words of the gateway's own."""
    return _known(split_condition(split(pointer))[1]) is not None


def per_million(amount: Decimal) -> Decimal:
    """USD per token to USD per million tokens, exactly."""
    return amount.scaleb(6, EXACT)


def _known(tokens: tuple[str, ...]) -> tuple[str, str] | None:
    match tokens:
        case ("pricing", "generation", group, leaf):
            return _GENERATION_LEAVES.get((group, leaf))
        case ("pricing", "native", "discount"):
            return RATIO, "discount"
        case ("pricing", group, leaf) if (group, leaf) in _TOKEN_LEAVES:
            return PER_TOKEN, _TOKEN_LEAVES[group, leaf]
        case _:
            return None


def _name(tokens: tuple[str, ...]) -> str:
    known = _known(tokens)
    return known[1] if known else ".".join(tokens[1:] if tokens[:1] == ("pricing",) else tokens)


def _on(name: str, condition: Condition) -> str:
    """`batch prompt above 200k`, `prompt from 16:30 to 00:30 UTC`, `prompt from 2026-09-01 on`."""
    above = f"above {threshold_name(condition.threshold)}" if condition.threshold else ""
    hours = f"from {condition.window}" if condition.window else ""
    since = f"from {day_name(condition.since)} on" if condition.since else ""
    return " ".join(filter(None, (condition.service, name, above, hours, since)))
