"""What usage costs by one pricing document: each quantity at its price, exactly.

Quantities are disjoint: `prompt` without what came from or went to the cache, `completion`
without reasoning.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from catalog.amounts import EXACT
from catalog.documents import prices
from catalog.pointers import dotted, split
from catalog.units import label

PROMPT, COMPLETION, REASONING = "prompt", "completion", "reasoning"
CACHE_READ, CACHE_WRITE, CACHE_WRITE_1H = "cache_read", "cache_write", "cache_write_1h"
INPUT_IMAGE, OUTPUT_IMAGE = "input_image", "output_image"
IMAGES, SECONDS, REQUESTS = "images", "seconds", "requests"
AUDIO_SECONDS, VIDEO_SECONDS = "audio_seconds", "video_seconds"
VIDEO_SECONDS_WITH_AUDIO = "video_seconds_with_audio"

# The price of each quantity. A quantity of any other name is the path of its own price.
PATHS = {
    PROMPT: "/pricing/text/prompt",
    COMPLETION: "/pricing/text/completion",
    REASONING: "/pricing/text/internal_reasoning",
    CACHE_READ: "/pricing/cache/read",
    CACHE_WRITE: "/pricing/cache/write",
    CACHE_WRITE_1H: "/pricing/cache/write_1h",
    INPUT_IMAGE: "/pricing/multimodal/input_image",
    OUTPUT_IMAGE: "/pricing/multimodal/output_image",
    IMAGES: "/pricing/generation/image/per_image",
    AUDIO_SECONDS: "/pricing/generation/audio/per_second",
    VIDEO_SECONDS: "/pricing/generation/video/per_second",
    VIDEO_SECONDS_WITH_AUDIO: "/pricing/generation/video/per_second_with_audio",
}
# What the model reads: together they decide whether the prompt is a long one.
_OTHER_INPUTS = (CACHE_READ, CACHE_WRITE, CACHE_WRITE_1H, INPUT_IMAGE)
INPUTS = (PROMPT, *_OTHER_INPUTS)

_TIER = "/pricing/tiers/over_200k"
_LONG_PROMPT = 200_000
_ZERO = Decimal(0)
_SECONDS_PATHS = (PATHS[AUDIO_SECONDS], PATHS[VIDEO_SECONDS])
_PER_REQUEST = ("request", "per_request")
_NO_PRICE = "there is no price for "


_multiply, _add = EXACT.multiply, EXACT.add


class Part(NamedTuple):
    """One quantity at its price: `quantity` in the price's unit; `amount` and `cost` in USD."""

    path: str
    quantity: Decimal
    amount: Decimal
    cost: Decimal


class Bill(NamedTuple):
    """What one use costs. With `missing` it cannot be priced: `parts` are those that could be."""

    parts: tuple[Part, ...]
    cost: Decimal
    missing: tuple[str, ...] = ()


def over_200k(used: Mapping[str, Decimal]) -> bool:
    """Whether the whole prompt, cached or not, exceeds 200,000 tokens."""
    total = used.get(PROMPT, _ZERO)
    for name in _OTHER_INPUTS:
        if name in used:
            total += used[name]
    return total > _LONG_PROMPT


class Tariff:
    """One pricing document, read once for many bills."""

    def __init__(self, pricing: Any) -> None:
        self._prices = {path: (amount, text) for path, amount, text in prices({"pricing": pricing})}
        # What was found by the name of a quantity: for long prompts, and for others.
        self._long: dict[str, tuple[str, Decimal] | str] = {}
        self._short: dict[str, tuple[str, Decimal] | str] = {}
        self._identity = tuple((path, found[1]) for path, found in self._prices.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tariff) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def bill(self, used: Mapping[str, Decimal], *, long_prompt: bool) -> Bill:
        """The cost of quantities by name; `long_prompt`: by the tier's prices where it has them.

        A quantity of zero has no part. Requests are only counted, not charged, by a model that
        has no price for them and is charged for something else.
        """
        parts: list[Part] = []
        missing: list[str] = []
        total = _ZERO
        found = self._long if long_prompt else self._short
        for name, quantity in used.items():
            if not quantity:
                continue
            price = found.get(name) or self.price(name, long_prompt)
            if isinstance(price, str):
                if name != REQUESTS or not _charged_otherwise(used):
                    missing.append(price)
                continue
            path, amount = price
            cost = _multiply(quantity, amount)
            total = _add(total, cost)
            parts.append(Part(path, quantity, amount, cost))
        return Bill(tuple(parts), total, _grouped(missing) if missing else ())

    def price(self, name: str, long_prompt: bool) -> tuple[str, Decimal] | str:
        """The path and amount by which a quantity is charged, or why there is none."""
        found = self._long if long_prompt else self._short
        if name not in found:
            found[name] = self._search(name, long_prompt)
        return found[name]

    def _search(self, name: str, long_prompt: bool) -> tuple[str, Decimal] | str:
        candidates = self._candidates(name, long_prompt)
        known = [path for path in candidates if path in self._prices]
        if not known:
            return f"{_NO_PRICE}{_named(name)}"
        if name in (SECONDS, REQUESTS) and len(known) > 1:
            return f"{_named(name)} could be any of {', '.join(map(dotted, known))}"
        amount, text = self._prices[known[0]]
        if amount is None:
            return f"the price {dotted(known[0])} is {text!r}, which is no amount"
        return known[0], amount

    def _candidates(self, name: str, long_prompt: bool) -> list[str]:
        if name == SECONDS:
            return list(_SECONDS_PATHS)
        if name == REQUESTS:
            return [p for p in self._prices if split(p)[-1] in _PER_REQUEST]
        path = PATHS.get(name, name)
        if name == REASONING:
            return self._reasoning(path, long_prompt)
        return [_in_tier(path), path] if long_prompt else [path]

    def _reasoning(self, path: str, long_prompt: bool) -> list[str]:
        """Its own price; without one, or where that only repeats completion's, completion's."""
        completion = PATHS[COMPLETION]
        if not long_prompt:
            return [path, completion]
        own = self._prices.get(path)
        if own is None or own == self._prices.get(completion):
            return [_in_tier(path), _in_tier(completion), path, completion]
        return [_in_tier(path), path]


def _grouped(missing: list[str]) -> tuple[str, ...]:
    """What has no price, in one sentence; then what else is wrong."""
    bare = [text.removeprefix(_NO_PRICE) for text in missing if text.startswith(_NO_PRICE)]
    others = tuple(text for text in missing if not text.startswith(_NO_PRICE))
    return (_NO_PRICE + ", ".join(bare), *others) if bare else others


def usual_path(name: str) -> str | None:
    """The price path of a quantity where no catalog says better; None where that depends on it."""
    if name == REASONING:
        return PATHS[COMPLETION]
    return name if name.startswith("/") else PATHS.get(name)


def _in_tier(path: str) -> str:
    return _TIER + path.removeprefix("/pricing")


def _charged_otherwise(used: Mapping[str, Decimal]) -> bool:
    return any(quantity for name, quantity in used.items() if name != REQUESTS)


def _named(name: str) -> str:
    path = PATHS.get(name)
    if path is not None:
        return label(path)
    return dotted(name) if name.startswith("/") else name.replace("_", " ")
