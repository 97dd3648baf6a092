"""How LiteLLM reads its map of costs: which key says a price, and which key it charges by.

From its `litellm_core_utils/llm_cost_calc/utils.py`, `get_model_info` (which drops keys that it
does not know) and `batch_cost_calculator`, version 1.110. What it does not read is not written.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from pricetrail.catalog import bills
from pricetrail.catalog.conditions import BATCH
from pricetrail.queries.formats.contexts import Context, Span
from pricetrail.queries.formats.priced import Rate

KEYS = {
    bills.PROMPT: "input_cost_per_token",
    bills.COMPLETION: "output_cost_per_token",
    bills.CACHE_READ: "cache_read_input_token_cost",
    bills.CACHE_WRITE: "cache_creation_input_token_cost",
    bills.CACHE_WRITE_1H: "cache_creation_input_token_cost_above_1hr",
    bills.REASONING: "output_cost_per_reasoning_token",
    bills.INPUT_IMAGE: "input_cost_per_image_token",
    bills.OUTPUT_IMAGE: "output_cost_per_image_token",
}
# Of these it knows another price above a threshold.
_TIERED = (
    bills.PROMPT,
    bills.COMPLETION,
    bills.CACHE_READ,
    bills.CACHE_WRITE,
    bills.CACHE_WRITE_1H,
)
# Of these another one at a time of day.
OFF_PEAK = (
    bills.PROMPT,
    bills.COMPLETION,
    bills.CACHE_READ,
    bills.CACHE_WRITE,
    bills.REASONING,
)
_NAMED = ("flex", "priority", "balanced", "ultrafast")
_SUFFIXES = {"": "", BATCH: "_batches", **{name: f"_{name}" for name in _NAMED}}
SERVICES = frozenset(_SUFFIXES)
_200K, _272K = 200_000, 272_000
_SHORT, _BOTH, _LONG = (0,), (0, _200K, _272K), (0, _272K)
# What it takes of a service tier's prices, and above which thresholds; all of them for a batch.
_TAKEN: Mapping[str, Mapping[str, Sequence[int]]] = {
    "flex": {
        bills.PROMPT: _BOTH,
        bills.COMPLETION: _BOTH,
        bills.CACHE_READ: _LONG,
        bills.CACHE_WRITE: _LONG,
        bills.REASONING: _SHORT,
    },
    "priority": {
        bills.PROMPT: _BOTH,
        bills.COMPLETION: _BOTH,
        bills.CACHE_READ: _BOTH,
        bills.CACHE_WRITE: _LONG,
        bills.REASONING: _SHORT,
        bills.OUTPUT_IMAGE: _SHORT,
    },
    "balanced": {
        bills.PROMPT: _SHORT,
        bills.COMPLETION: _SHORT,
        bills.CACHE_READ: _SHORT,
    },
    "ultrafast": {
        bills.PROMPT: _LONG,
        bills.COMPLETION: _LONG,
        bills.CACHE_READ: _LONG,
        bills.CACHE_WRITE: _LONG,
    },
}
_IN_BATCH = frozenset({bills.PROMPT, bills.COMPLETION, bills.CACHE_READ, bills.CACHE_WRITE})
_BATCH_IMAGES = frozenset({bills.INPUT_IMAGE, bills.OUTPUT_IMAGE})


def key(quantity: str, service: str, passed: int) -> str | None:
    """The key of a price for a service tier above a threshold; None where none is read."""
    if not _is_taken(quantity, service, passed):
        return None
    if not passed:
        return KEYS[quantity] + _SUFFIXES[service]
    thousands, rest = divmod(passed, 1000)
    threshold = passed if rest else f"{thousands}k"
    return f"{KEYS[quantity]}_above_{threshold}_tokens{_SUFFIXES[service]}"


def _is_taken(quantity: str, service: str, passed: int) -> bool:
    if service == BATCH:
        return quantity in _IN_BATCH or (quantity in _BATCH_IMAGES and not passed)
    if service:
        return passed in _TAKEN.get(service, {}).get(quantity, ())
    return not passed or quantity in _TIERED


class Costs(NamedTuple):
    """An entry of the map: its keys, and the block of `off_peak_pricing` with its times of day.

    With each amount stands the path of the price that it is.
    """

    keys: dict[str, Rate]
    off_peak: dict[str, Rate]
    spans: Collection[Span]
    thresholds: Sequence[int]
    # Whether a provider's models cost nothing where text does not.
    free_with_text: bool

    def charged(self, quantity: str, context: Context) -> Rate | None:
        """By which price LiteLLM charges a quantity; None where it has none, or makes one up."""
        if context.service == BATCH:
            return self._in_batch(quantity, context.passed)
        if self.is_free:
            return Rate("", Decimal(0))
        off_peak = self.off_peak if context.span in self.spans else {}
        if KEYS[quantity] in off_peak:
            return off_peak[KEYS[quantity]]
        if quantity == bills.REASONING:
            return self._reasoning(context, off_peak)
        if quantity == bills.COMPLETION:
            return off_peak.get(KEYS[quantity]) or self._completion(context)
        return self._first(self._read(quantity, context.service, context.passed))

    @property
    def is_free(self) -> bool:
        """Whether LiteLLM charges nothing, whatever else there is, as text costs nothing."""
        text = (KEYS[name] for name in (bills.PROMPT, bills.COMPLETION))
        return self.free_with_text and not any(map(self._has_cost, text))

    def _has_cost(self, name: str) -> bool:
        return name in self.keys and bool(self.keys[name].amount)

    def _read(self, quantity: str, service: str, passed: int) -> Iterator[str | None]:
        """The keys that it looks for, in this order: above a threshold, then the usual ones."""
        services = dict.fromkeys((service, ""))
        for threshold in reversed(self.thresholds):
            if threshold <= passed:
                yield from (key(quantity, one, threshold) for one in services)
        yield from (key(quantity, one, 0) for one in services)

    def _first(self, names: Iterator[str | None]) -> Rate | None:
        return next((self.keys[name] for name in names if name in self.keys), None)

    def _completion(self, context: Context) -> Rate | None:
        found = self._first(self._read(bills.COMPLETION, context.service, context.passed))
        usual = self._first(self._read(bills.COMPLETION, context.service, 0))
        image = self.keys.get(KEYS[bills.OUTPUT_IMAGE])
        taken_for_text = image is not None and (usual is None or not usual.amount)
        return image if taken_for_text and found in (usual, None) else found

    def _reasoning(self, context: Context, off_peak: Mapping[str, Rate]) -> Rate | None:
        completion = off_peak.get(KEYS[bills.COMPLETION]) or self._completion(context)
        own = key(bills.REASONING, context.service, 0)
        if own in self.keys:
            return self.keys[own]
        if context.service and key(bills.COMPLETION, context.service, 0) in self.keys:
            return completion
        return self.keys.get(KEYS[bills.REASONING]) or completion

    def _in_batch(self, quantity: str, passed: int) -> Rate | None:
        """Without a price for batches it takes half of the usual one: that is made up."""
        output = self._batch_key(bills.COMPLETION, passed)
        own = self._batch_key(quantity, passed)
        if quantity in (bills.COMPLETION, bills.REASONING):
            return output
        if quantity == bills.OUTPUT_IMAGE:
            return own or (None if KEYS[quantity] in self.keys else output)
        prompt = self._batch_key(bills.PROMPT, passed)
        if prompt is None:
            return None
        match quantity:
            case bills.CACHE_READ:
                return own or self._first(self._read(quantity, "", passed)) or prompt
            case bills.CACHE_WRITE_1H:
                return self._batch_key(bills.CACHE_WRITE, passed) or prompt
            case _:
                return own or prompt

    def _batch_key(self, quantity: str, passed: int) -> Rate | None:
        thresholds = [one for one in reversed(self.thresholds) if one <= passed]
        return self._first(key(quantity, BATCH, one) for one in (*thresholds, 0))
