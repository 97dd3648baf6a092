"""A price file that was written is read back by its dialect: the same price in every situation."""

from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog import bills
from pricetrail.catalog.bills import Tariff
from pricetrail.catalog.dialects.registry import get_dialect
from pricetrail.catalog.strict_json import dumps, loads
from pricetrail.queries.formats import litellm_keys
from pricetrail.queries.formats.contexts import Context
from pricetrail.queries.formats.priced import PricedModel, Rate, rate_of
from pricetrail.queries.formats.registry import FORMATS, WRITERS
from tests.queries.formats.priced_models import listed, priced

_QUANTITIES = (
    *(bills.PROMPT, bills.COMPLETION, bills.REASONING, bills.CACHE_READ, bills.CACHE_WRITE),
    *(bills.CACHE_WRITE_1H, bills.INPUT_IMAGE, bills.OUTPUT_IMAGE, bills.IMAGES),
    *(bills.VIDEO_SECONDS, bills.REQUESTS, bills.WEB_SEARCHES),
)
_TOKENS = {
    "text": ("prompt", "completion", "internal_reasoning"),
    "cache": ("read", "write", "write_1h"),
    "multimodal": ("input_image", "output_image"),
}
_LIMITS = ("over_32k", "over_200k", "over_272k", "over_131072")
_SERVICES = ("batch", "flex", "priority", "fast")
_HOURS = ("utc_1630_0030", "utc_0100_0400")
_DAYS = (20260115, 20260901)


@pytest.mark.parametrize("form", FORMATS)
@given(seed=st.integers(0, 2**32))
def test_every_price_that_a_file_carries_comes_back(form: str, seed: int) -> None:
    random = Random(seed)
    model = priced("a/b", pricing(random), random.choice((0, 20260114, *_DAYS)))
    written = WRITERS[form](listed(model))
    native = loads(dumps(written.document))
    # A map without a model is none to LiteLLM's dialect: it cannot be told from an answer.
    entries = get_dialect(form).read(native).entries if native else []

    left_out = {one.path for one in written.left_out}
    back = Tariff(entries[0].document.get("pricing") if entries else {})
    has_days = any(one.since for one in back.conditions)
    for day in model.days if has_days else [model]:
        check(form, day, back.on(day.day), left_out)


def check(form: str, model: PricedModel, back: Tariff, left_out: set[str | None]) -> None:
    for context in model.contexts.all(("", *model.contexts.services)):
        for quantity in _QUANTITIES:
            if form == "litellm" and not has_key(model, quantity, context):
                continue
            expected, found = (rate_of(each, quantity, context) for each in (model.tariff, back))
            if expected is None or expected.path not in left_out:
                assert amount(found) == amount(expected), (quantity, context)


def has_key(model: PricedModel, quantity: str, context: Context) -> bool:
    """Whether LiteLLM has a key for a price: else it charges by a rule, which no dialect guesses.

    A batch's reasoning is charged like its completion, a service tier above a threshold by the
    usual price there if it has none of its own; no service tier has a time of day.
    """
    if not context.service or quantity not in litellm_keys.KEYS:
        return True
    known = litellm_keys.key(quantity, context.service, 0)
    usual = not context.passed and context.span == model.contexts.spans[0]
    return known is not None and usual


def amount(rate: Rate | None) -> Decimal | None:
    return None if rate is None else rate.amount


def pricing(random: Random) -> dict[str, Any]:
    """A pricing as a gateway may have it: each condition with some of the prices.

    Reasoning has a price of its own everywhere, or nowhere: what only follows completion is said
    in other words by each format.
    """
    reasons = random.random() < 0.5
    usual = groups(random, 0.8, reasons=reasons)
    usual["text"] = {"prompt": drawn(random), "completion": drawn(random)}
    if reasons:
        usual["text"]["internal_reasoning"] = drawn(random, above=40)
    if random.random() < 0.3:
        usual["native"] = {"request": "0.01", "web_search": "0.014"}
    tiers: dict[str, Any] = {}
    for names, chance in ((_LIMITS, 0.3), (_SERVICES, 0.3), (_HOURS, 0.25)):
        for name in names:
            if random.random() < chance:
                tiers[name] = groups(random, 0.4, reasons=reasons)
                if name in _SERVICES and random.random() < 0.4:
                    tiers[name][random.choice(_LIMITS)] = groups(random, 0.4, reasons=reasons)
    for day in _DAYS:
        if random.random() < 0.3:
            tiers[f"from_{day}"] = of_day(random, reasons=reasons)
    return {"kind": "token", **usual, **({"tiers": tiers} if tiers else {})}


def of_day(random: Random, *, reasons: bool) -> dict[str, Any]:
    found = groups(random, 0.4, reasons=reasons)
    found["text"] = {"prompt": drawn(random), "completion": drawn(random)}
    if reasons:
        found["text"]["internal_reasoning"] = drawn(random, above=40)
    for name in (random.choice(_LIMITS), random.choice(_SERVICES)):
        if random.random() < 0.3:
            found[name] = groups(random, 0.4, reasons=reasons)
    return found


def groups(random: Random, chance: float, *, reasons: bool) -> dict[str, Any]:
    found = {
        group: {
            leaf: drawn(random)
            for leaf in leaves
            if random.random() < chance and (reasons or leaf != "internal_reasoning")
        }
        for group, leaves in _TOKENS.items()
    }
    return {group: leaves for group, leaves in found.items() if leaves}


def drawn(random: Random, *, above: int = 0) -> str:
    return format(Decimal(above + random.randint(1, 40)).scaleb(-7), "f")
