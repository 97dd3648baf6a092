"""A model's prices of tokens as LiteLLM's costs: those that it charges where they hold.

All are written first; then each is looked for in every context (`contexts`), beside the price that
LiteLLM charges there (`litellm_keys`). What it would charge wrongly is taken out until nothing is.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from pricetrail.catalog.bills import COMPLETION, OUTPUT_IMAGE, PATHS, REASONING
from pricetrail.catalog.conditions import BATCH
from pricetrail.queries.formats.contexts import Context, Span, conditioned
from pricetrail.queries.formats.litellm_keys import KEYS, OFF_PEAK, SERVICES, Costs, key
from pricetrail.queries.formats.priced import NO_PLACE, PricedModel, Rate, rate_of

_TAKEN_FOR_TEXT = "LiteLLM would charge it for text, which is free"
_TAKEN_FOR_FREE = "LiteLLM charges nothing where text is free"
_MISREAD = "LiteLLM would not charge it wherever it holds"
_NO_SERVICE = "LiteLLM has no prices for that service tier"
_ONE_OFF_PEAK = "LiteLLM has one other price a day, and for no other condition besides"
_QUANTITIES = {PATHS[quantity]: quantity for quantity in KEYS}


class CostsOf:
    """What LiteLLM is told of a model's tokens.

    `carried`: the paths of the prices that it then charges; `whys`: why others are not among them.
    """

    def __init__(self, model: PricedModel, *, free_with_text: bool) -> None:
        self._model, self._tariff = model, model.tariff
        self._services = ("", *(one for one in model.contexts.services if one in SERVICES))
        self._places = tuple(_places(self._services, model.contexts.spans[0], model.thresholds))
        self._removed: set[str] = set()
        self.whys: dict[str, str] = {}
        self.carried: set[str] = set()
        self._remove_image_price_beside_free_text()
        self._costs = self._written(free_with_text)
        while wrong := self._wrong():
            self._removed |= wrong
            self._costs = self._written(free_with_text)
        missing = {price.path for price in model.prices} - self.carried
        self.whys = {path: self._why(path) for path in missing} | self.whys

    @property
    def document(self) -> dict[str, object]:
        """The members of the model's entry."""
        found: dict[str, object] = {name: rate.amount for name, rate in self._costs.keys.items()}
        block = {name: rate.amount for name, rate in self._costs.off_peak.items()}
        if block:
            hours = ["-".join(span.clock) for span in self._costs.spans]
            found["off_peak_pricing"] = {"hours_utc": hours, **block}
        return found

    def _remove_image_price_beside_free_text(self) -> None:
        completion, image = self._model.rate(COMPLETION), self._model.own_rate(OUTPUT_IMAGE)
        if image is not None and completion is not None and not completion.amount:
            self._removed.add(image.path)
            self.whys[image.path] = _TAKEN_FOR_TEXT

    def _written(self, free_with_text: bool) -> Costs:
        """Every price at its own place, then what LiteLLM would not charge without being told."""
        thresholds = self._model.thresholds
        if self._removed:
            self._tariff = self._model.tariff_without(self._removed)
        costs = Costs({}, {}, set(), thresholds, free_with_text)
        for quantity, name, context in self._places:
            rate = self._rate(quantity, context)
            if rate is not None and _is_at(rate, context) and not self._follows(quantity, rate):
                costs.keys[name] = rate
        for quantity, name, context in self._places:
            rate = self._rate(quantity, context)
            if rate is None or name in costs.keys:
                continue
            charged = costs.charged(quantity, context)
            if charged is None or charged.amount != rate.amount:
                costs.keys[name] = rate
        spans, block = self._off_peak(costs)
        return costs._replace(off_peak=block, spans=spans)

    def _rate(self, quantity: str, context: Context) -> Rate | None:
        return rate_of(self._tariff, quantity, context)

    def _follows(self, quantity: str, rate: Rate) -> bool:
        """Whether it is the price of reasoning that need not be said, or would hold too long."""
        if quantity != REASONING:
            return False
        if conditioned(rate.path)[1] != PATHS[REASONING]:
            return True
        completion = self._model.rate(COMPLETION)
        return (
            bool(self._model.contexts.thresholds)
            and completion is not None
            and completion.amount == rate.amount
        )

    def _off_peak(self, costs: Costs) -> tuple[list[Span], dict[str, Rate]]:
        """The one other price a day that LiteLLM knows: the first one, and when it holds."""
        found: list[tuple[Span, dict[str, Rate]]] = []
        for span in self._model.contexts.spans:
            block = self._block(costs, span)
            if block:
                found.append((span, block))
        if not found:
            return [], {}
        _, first = found[0]
        return [span for span, block in found if _amounts(block) == _amounts(first)], first

    def _block(self, costs: Costs, span: Span) -> dict[str, Rate]:
        context = Context("", span)
        block: dict[str, Rate] = {}
        for quantity in OFF_PEAK:
            rate = self._rate(quantity, context)
            if rate is None:
                continue
            charged = costs._replace(off_peak=block, spans=[span]).charged(quantity, context)
            # A price of its own goes before one above a threshold, even where it is the usual one.
            is_own = quantity != REASONING and conditioned(rate.path)[0].window is not None
            if is_own or charged is None or charged.amount != rate.amount:
                block[KEYS[quantity]] = rate
        return block

    def _wrong(self) -> set[str]:
        """The prices that must go for LiteLLM to charge no price where it does not hold."""
        wrong: set[str] = set()
        self.carried = set()
        for context in self._model.contexts.all(self._services):
            for quantity in KEYS:
                rate = self._model.rate_in(quantity, context)
                if rate is None or rate.path in self._removed:
                    continue
                charged = self._costs.charged(quantity, context)
                if charged is not None and charged.amount == rate.amount:
                    self.carried.add(rate.path)
                else:
                    wrong |= _at_fault(rate, charged, context)
        self.carried -= wrong
        return wrong

    def _why(self, path: str) -> str:
        condition, usual = conditioned(path)
        quantity = _QUANTITIES.get(usual)
        if condition.service not in SERVICES:
            return _NO_SERVICE
        if quantity is None or key(quantity, condition.service, condition.threshold) is None:
            return NO_PLACE
        if condition.window is not None and quantity not in OFF_PEAK:
            return NO_PLACE
        if condition.service != BATCH and self._costs.is_free:
            return _TAKEN_FOR_FREE
        return _ONE_OFF_PEAK if condition.window is not None else _MISREAD


def _places(
    services: Iterable[str], span: Span, thresholds: Sequence[int]
) -> Iterator[tuple[str, str, Context]]:
    """Each key that LiteLLM reads: of which quantity it is the price, and when."""
    for quantity, service, passed in product(KEYS, services, (0, *thresholds)):
        name = key(quantity, service, passed)
        if name is not None:
            yield quantity, name, Context(service, span, passed)


def _is_at(rate: Rate, context: Context) -> bool:
    """Whether a price is by its own condition that of a service tier above a threshold."""
    condition, _ = conditioned(rate.path)
    has_service = (condition.service, condition.threshold) == (context.service, context.passed)
    return has_service and condition.window is None


def _amounts(block: dict[str, Rate]) -> dict[str, object]:
    return {name: rate.amount for name, rate in block.items()}


def _at_fault(rate: Rate, charged: Rate | None, context: Context) -> set[str]:
    """Which price is charged where another holds: that one, or the other if nothing else helps.

    For what a service tier does not name LiteLLM has its own ways there, which no key can change:
    in a batch a cache that lasts an hour costs what another does.
    """
    condition, _ = conditioned(rate.path)
    if context.service and not condition.service:
        return set()
    if not condition and charged is not None and charged.path and conditioned(charged.path)[0]:
        return {charged.path}
    return {rate.path}
