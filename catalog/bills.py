"""What usage costs by one pricing document: each quantity at its price, exactly.

Quantities are disjoint: `prompt` without what came from or went to the cache, `completion`
without reasoning. Prices for long prompts (`tiers.over_200k`, `tiers.over_131072`) hold for a
request whose whole prompt is above their threshold; the highest one that is passed wins.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from pricetrail.catalog.amounts import EXACT, same_price
from pricetrail.catalog.pointers import dotted, split
from pricetrail.catalog.prices import prices_of
from pricetrail.catalog.units import label

PROMPT, COMPLETION, REASONING = "prompt", "completion", "reasoning"
CACHE_READ, CACHE_WRITE, CACHE_WRITE_1H = "cache_read", "cache_write", "cache_write_1h"
INPUT_IMAGE, OUTPUT_IMAGE = "input_image", "output_image"
INPUT_AUDIO, OUTPUT_AUDIO = "input_audio_tokens", "output_audio_tokens"
IMAGES, SECONDS, REQUESTS = "images", "seconds", "requests"
WEB_SEARCHES = "web_searches"
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
# What the model reads beside the prompt tokens: together the whole prompt, which decides the tier.
_OTHER_INPUTS = (CACHE_READ, CACHE_WRITE, CACHE_WRITE_1H, INPUT_IMAGE, INPUT_AUDIO)

_TIER = re.compile(r"/pricing/tiers/(over_([0-9]{1,12})(k|m)?)/", re.ASCII)
_SCALE = {None: 1, "k": 1000, "m": 1_000_000}
_ZERO = Decimal(0)
_SECONDS_PATHS = (PATHS[AUDIO_SECONDS], PATHS[VIDEO_SECONDS])
# Quantities whose price has no one place: it is known by its last word.
_LAST_WORDS = {
    REQUESTS: ("request", "per_request"),
    WEB_SEARCHES: ("web_search", "per_web_search", "per_search"),
}
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


def whole_prompt(used: Mapping[str, Decimal]) -> Decimal:
    """All that was read, cached or not, in tokens."""
    total = used.get(PROMPT, _ZERO)
    for name in _OTHER_INPUTS:
        if name in used:
            total += used[name]
    return total


class Tariff:
    """One pricing document, read once for many bills.

    `thresholds`: the prompt lengths, in tokens, above which other prices hold; ascending. What
    a prompt has *passed* is the highest of them that it is above, or 0.
    """

    def __init__(self, pricing: Any) -> None:
        self._prices = {price.path: price for price in prices_of({"pricing": pricing})}
        self._tiers = {
            int(match[2]) * _SCALE[match[3]]: f"/pricing/tiers/{match[1]}"
            for match in map(_TIER.match, self._prices)
            if match is not None
        }
        self.thresholds = tuple(sorted(self._tiers))
        # What was found by the name of a quantity, for each threshold that can be passed.
        self._found: dict[int, dict[str, tuple[str, Decimal] | str]] = {
            passed: {} for passed in (0, *self.thresholds)
        }
        # All of them, by path.
        self.prices = tuple(self._prices.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tariff) and self.prices == other.prices

    def __hash__(self) -> int:
        return hash(self.prices)

    def agrees(self, other: "Tariff") -> bool:
        """Whether both have the same prices, as polls are compared: noise of floats is none."""
        mine, others = (dict(tariff.amounts()) for tariff in (self, other))
        return mine.keys() == others.keys() and all(
            _one_price(amount, others[path]) for path, amount in mine.items()
        )

    def amounts(self) -> Iterator[tuple[str, Decimal | None]]:
        """Every price by its path; None for what is no amount."""
        yield from ((price.path, price.amount) for price in self._prices.values())

    def tiers(self, shortest: Decimal, longest: Decimal) -> tuple[int, ...]:
        """What a prompt between two lengths may have passed, lowest first; never empty."""
        thresholds = self.thresholds
        if not thresholds or longest <= thresholds[0]:
            return _BELOW
        first, last = bisect_left(thresholds, shortest), bisect_left(thresholds, longest)
        return (*(thresholds[first - 1 : first] if first else _BELOW), *thresholds[first:last])

    def bill(self, used: Mapping[str, Decimal], passed: int = 0) -> Bill:
        """The cost of quantities by name; a tier that is passed goes before the usual prices.

        A quantity of zero has no part. Requests are only counted, not charged, by a model that
        has no price for them and is charged for something else.

        Args:
            passed: a length that the prompt is above, such as one of `tiers`.
        """
        parts: list[Part] = []
        missing: list[str] = []
        total = _ZERO
        passed = passed and self._own(passed)
        known = self._found[passed]
        for name, quantity in used.items():
            if not quantity:
                continue
            price = known.get(name) or self.price(name, passed)
            if isinstance(price, str):
                if name != REQUESTS or not _charged_otherwise(used):
                    missing.append(price)
                continue
            path, amount = price
            cost = _multiply(quantity, amount)
            total = _add(total, cost)
            parts.append(Part(path, quantity, amount, cost))
        return Bill(tuple(parts), total, _grouped(missing) if missing else ())

    def price(self, name: str, passed: int = 0) -> tuple[str, Decimal] | str:
        """The path and amount by which a quantity is charged, or why there is none."""
        own = passed and self._own(passed)
        known = self._found[own]
        if name not in known:
            known[name] = self._search(name, own)
        return known[name]

    def _own(self, passed: int) -> int:
        """The highest threshold of this tariff that is passed along with another's."""
        index = bisect_right(self.thresholds, passed)
        return self.thresholds[index - 1] if index else 0

    def _search(self, name: str, passed: int) -> tuple[str, Decimal] | str:
        candidates = self._candidates(name, passed)
        known = [path for path in candidates if path in self._prices]
        if not known:
            return f"{_NO_PRICE}{_named(name)}"
        if name in _AMBIGUOUS and len(known) > 1:
            return f"{_named(name)} could be any of {', '.join(map(dotted, known))}"
        price = self._prices[known[0]]
        if price.amount is None:
            return f"the price {dotted(price.path)} is {price.flagged!r}, which is no amount"
        return price.path, price.amount

    def _candidates(self, name: str, passed: int) -> list[str]:
        if name == SECONDS:
            return list(_SECONDS_PATHS)
        if name in _LAST_WORDS:
            return [p for p in self._prices if split(p)[-1] in _LAST_WORDS[name]]
        path = PATHS.get(name, name)
        names = self._names(path) if name == REASONING else [path]
        if not passed:
            return names
        tiers = [self._tiers[step] for step in reversed(self.thresholds) if step <= passed]
        return [tier + one.removeprefix("/pricing") for tier in tiers for one in names] + names

    def _names(self, reasoning: str) -> list[str]:
        """Its own price; without one, or where that only repeats completion's, completion's."""
        completion = PATHS[COMPLETION]
        own, followed = self._prices.get(reasoning), self._prices.get(completion)
        follows = own is None or (followed is not None and own.same_amount(followed))
        return [reasoning, completion] if follows else [reasoning]


def _one_price(one: Decimal | None, other: Decimal | None) -> bool:
    return one is other if one is None or other is None else same_price(one, other)


_BELOW = (0,)
_AMBIGUOUS = (SECONDS, *_LAST_WORDS)


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


def _charged_otherwise(used: Mapping[str, Decimal]) -> bool:
    return any(quantity for name, quantity in used.items() if name != REQUESTS)


def _named(name: str) -> str:
    path = PATHS.get(name)
    if path is not None:
        return label(path)
    return dotted(name) if name.startswith("/") else name.replace("_", " ")
