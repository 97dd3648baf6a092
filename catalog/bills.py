"""What usage costs by one pricing document: each quantity at its price, exactly.

Quantities are disjoint: `prompt` without what came from or went to the cache, `completion`
without reasoning. Which prices hold depends on the situation of a use: the day, the service tier,
the time of day, and the length of its whole prompt (`catalog.conditions`).
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from pricetrail.catalog.amounts import EXACT, same_price
from pricetrail.catalog.conditions import ALWAYS, Condition, day_of
from pricetrail.catalog.placed_prices import Placed, on_day, placed, split_path
from pricetrail.catalog.pointers import dotted, split
from pricetrail.catalog.prices import Price, prices_of
from pricetrail.catalog.situations import USUAL, Divisions, Situation
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
OTHER_INPUTS = (CACHE_READ, CACHE_WRITE, CACHE_WRITE_1H, INPUT_IMAGE, INPUT_AUDIO)

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
    for name in OTHER_INPUTS:
        if name in used:
            total += used[name]
    return total


class Tariff:
    """One pricing document, read once for many bills.

    `conditions`: on which some prices hold, the one that wins first.

    Args:
        every: instead of a document, the prices by their conditions.
    """

    def __init__(self, pricing: object, every: list[Placed] | None = None) -> None:
        every = placed(prices_of({"pricing": pricing})) if every is None else every
        self.prices = tuple(one.price for one in every)
        found = {one.condition for one in every if one.condition}
        days = {one.since for one in found if one.since}
        # What holds from each day on, 0 for before all of them; none where there are no days.
        self._lists = {day: Tariff(None, on_day(every, day)) for day in {0, *days}} if days else {}
        # The usual price of each path, and those on each condition, by their path without it.
        self._always: dict[str, Price] = {}
        self._tiers: dict[Condition, dict[str, Price]] = {}
        for condition, path, price in every:
            if condition is ALWAYS:
                self._always[path] = price
            else:
                self._tiers.setdefault(condition, {}).setdefault(path, price)
        self.conditions = tuple(sorted(found, key=lambda one: one.rank, reverse=True))
        self._divisions = Divisions(found) if found else _UNDIVIDED
        self._situations: dict[object, tuple[Situation, ...]] = {}
        # What was found by the name of a quantity, in each situation that was asked about.
        self._usual: dict[str, tuple[str, Decimal] | str] = {}
        self._found = {USUAL: self._usual}

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
        yield from ((price.path, price.amount) for price in self.prices)

    def on(self, day: int) -> "Tariff":
        """What holds on a day (as of a condition); itself where no price is of a day."""
        return self._lists[max(one for one in self._lists if one <= day)] if self._lists else self

    def without(self, paths: Container[str]) -> "Tariff":
        """What would hold on the one day that it is of if there were no prices at some paths."""
        kept = placed(price for price in self.prices if price.path not in paths)
        return Tariff(None, on_day(kept, _LAST_DAY))

    def serves(self, service: str, at: datetime) -> bool:
        """Whether a service tier is the standard one, or has prices of its own at a time."""
        return not service or any(service == o.service for o in self.on(day_of(at)).conditions)

    def hours(self, minutes: Iterable[int | None]) -> tuple[str, ...]:
        """The times of day that have prices of their own and hold at some minutes, in words."""
        known = {one.window for one in self.conditions if one.window is not None}
        met = {w for w in known for minute in minutes if minute is not None and w.covers(minute)}
        return tuple(map(str, sorted(met, key=lambda window: (window.start, window.end))))

    def situations(
        self, prompts: tuple[Decimal, Decimal], at: datetime, until: datetime | None, service: str
    ) -> tuple[Situation, ...]:
        """The situations that a use may have been in, the one of the most usual prices first.

        Args:
            prompts: the shortest and the longest that its whole prompt can have been, in tokens.
            at: when it was, in UTC; or, with `until`, any time from then on and before that.
            service: the service tier; one without prices of its own is charged as the standard one.
        """
        if not self.conditions:
            return _USUALLY
        divisions = self._divisions
        passed, times = divisions.passed(*prompts), divisions.times(at, until)
        service = service if service in divisions.services else ""
        asked = service, times, passed
        found = self._situations.get(asked)
        if found is None:
            every = tuple(Situation(service, m, p, day) for day, m in times for p in passed)
            found = self._situations[asked] = every
        return found

    def bill(self, used: Mapping[str, Decimal], situation: Situation = USUAL) -> Bill:
        """The cost of quantities by name, each at the price that holds in a situation.

        A quantity of zero has no part. Requests are only counted, not charged, by a model that
        has no price for them and is charged for something else.
        """
        if self._lists:
            return self.on(situation.since).bill(used, situation)
        parts: list[Part] = []
        missing: list[str] = []
        total = _ZERO
        known = self._usual if situation is USUAL else self._known(situation)
        for name, quantity in used.items():
            if not quantity:
                continue
            price = known.get(name) or self.price(name, situation)
            if isinstance(price, str):
                if name != REQUESTS or not _charged_otherwise(used):
                    missing.append(price)
                continue
            path, amount = price
            cost = _multiply(quantity, amount)
            total = _add(total, cost)
            parts.append(Part(path, quantity, amount, cost))
        return Bill(tuple(parts), total, _grouped(missing) if missing else ())

    def price(self, name: str, situation: Situation = USUAL) -> tuple[str, Decimal] | str:
        """The path and amount by which a quantity is charged, or why there is none."""
        if self._lists:
            return self.on(situation.since).price(name, situation)
        known = self._known(situation)
        if name not in known:
            known[name] = self._search(name, situation)
        return known[name]

    def _known(self, situation: Situation) -> dict[str, tuple[str, Decimal] | str]:
        """What was found in a situation that is the same by these prices."""
        if not self.conditions:
            return self._usual
        known = self._found.get(situation)
        return (
            self._found.setdefault(self._divisions.own(situation), {}) if known is None else known
        )

    def _search(self, name: str, situation: Situation) -> tuple[str, Decimal] | str:
        named, _ = split_path(name)
        met = (named,) if named else (*filter(situation.meets, self.conditions), None)
        known = [price for names in self._candidates(name) if (price := self._first(names, met))]
        if not known:
            return f"{_NO_PRICE}{_named(name)}"
        if len(known) > 1:
            paths = ", ".join(dotted(price.path) for price in known)
            return f"{_named(name)} could be any of {paths}"
        price = known[0]
        if price.amount is None:
            return f"the price {dotted(price.path)} is {price.flagged!r}, which is no amount"
        return price.path, price.amount

    def _first(self, names: list[str], met: tuple[Condition | None, ...]) -> Price | None:
        """The price on the condition that wins, of those that are met; None is always met."""
        places = [self._always if one is None else self._tiers.get(one, {}) for one in met]
        return next((place[name] for place in places for name in names if name in place), None)

    def _candidates(self, name: str) -> list[list[str]]:
        """The prices that a quantity can be charged by; each by its name, and what it follows."""
        if name == SECONDS:
            return [[path] for path in _SECONDS_PATHS]
        if name in _LAST_WORDS:
            known = {path: None for place in self._places() for path in place}
            return [[path] for path in known if split(path)[-1] in _LAST_WORDS[name]]
        _, path = split_path(PATHS.get(name, name))
        return [self._names(path) if name == REASONING else [path]]

    def _names(self, reasoning: str) -> list[str]:
        """Its own price; without one, or where that only repeats completion's, completion's."""
        completion = PATHS[COMPLETION]
        own, followed = (self._always.get(path) for path in (reasoning, completion))
        follows = own is None or (followed is not None and own.same_amount(followed))
        return [reasoning, completion] if follows else [reasoning]

    def _places(self) -> Iterator[dict[str, Price]]:
        yield self._always
        yield from self._tiers.values()


def _one_price(one: Decimal | None, other: Decimal | None) -> bool:
    return one is other if one is None or other is None else same_price(one, other)


_USUALLY = (USUAL,)
_UNDIVIDED = Divisions(())
_LAST_DAY = 99991231


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
