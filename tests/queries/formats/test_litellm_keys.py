"""Which keys LiteLLM reads, and by which it charges; that it does is `tests/oracles`' matter."""

from decimal import Decimal

import pytest

from pricetrail.catalog import bills
from pricetrail.queries.formats.contexts import ANY_TIME, Context, Span
from pricetrail.queries.formats.litellm_keys import KEYS, Costs, key
from pricetrail.queries.formats.priced import Rate

LONG = 272_000


@pytest.mark.parametrize(
    ("quantity", "service", "passed", "found"),
    [
        (bills.PROMPT, "", 0, "input_cost_per_token"),
        (bills.PROMPT, "", 131_072, "input_cost_per_token_above_131072_tokens"),
        (bills.PROMPT, "batch", 128_000, "input_cost_per_token_above_128k_tokens_batches"),
        (bills.PROMPT, "flex", LONG, "input_cost_per_token_above_272k_tokens_flex"),
        # `get_model_info` drops these.
        (bills.PROMPT, "flex", 128_000, None),
        (bills.CACHE_READ, "flex", 200_000, None),
        (bills.CACHE_WRITE_1H, "priority", 0, None),
        (bills.CACHE_WRITE_1H, "batch", 0, None),
        (bills.REASONING, "", 200_000, None),
        (bills.REASONING, "priority", 0, "output_cost_per_reasoning_token_priority"),
        (bills.OUTPUT_IMAGE, "batch", 0, "output_cost_per_image_token_batches"),
        (bills.OUTPUT_IMAGE, "batch", 200_000, None),
        (bills.PROMPT, "fast", 0, None),
        (bills.CACHE_READ, "balanced", 0, "cache_read_input_token_cost_balanced"),
        (bills.CACHE_WRITE, "balanced", 0, None),
        (bills.COMPLETION, "ultrafast", LONG, "output_cost_per_token_above_272k_tokens_ultrafast"),
        (bills.REASONING, "ultrafast", 0, None),
    ],
)
def test_a_price_has_a_key_where_it_is_read(
    quantity: str, service: str, passed: int, found: str | None
) -> None:
    assert key(quantity, service, passed) == found


def costs(*names: str, off_peak: tuple[str, ...] = (), free: bool = False) -> Costs:
    """Costs of which each has its own amount, by which it is known again."""
    keys = {name: Rate(name, Decimal(number)) for number, name in enumerate(names, 1)}
    block = {name: Rate(f"off {name}", Decimal(99)) for name in off_peak}
    return Costs(keys, block, [Span(0, 60)], (200_000, LONG), free)


def charged(known: Costs, quantity: str, *context: object) -> str | None:
    rate = known.charged(quantity, Context(*context))  # type: ignore[arg-type]  # as it is written in the tests
    return None if rate is None else rate.path


INPUT, OUTPUT = KEYS[bills.PROMPT], KEYS[bills.COMPLETION]


def test_a_service_tier_without_a_price_above_a_threshold_has_the_usual_one_there() -> None:
    known = costs(INPUT, f"{INPUT}_flex", f"{INPUT}_above_200k_tokens")
    assert charged(known, bills.PROMPT, "flex", ANY_TIME, 0) == f"{INPUT}_flex"
    above = charged(known, bills.PROMPT, "flex", ANY_TIME, 200_000)
    assert above == f"{INPUT}_above_200k_tokens"


def test_off_peak_goes_before_everything_but_a_batch() -> None:
    known = costs(INPUT, f"{INPUT}_batches", f"{INPUT}_flex", off_peak=(INPUT,))
    hour = Span(0, 60)
    assert charged(known, bills.PROMPT, "flex", hour, LONG) == f"off {INPUT}"
    assert charged(known, bills.PROMPT, "flex", Span(60, 0), 0) == f"{INPUT}_flex"
    assert charged(known, bills.PROMPT, "batch", hour, 0) == f"{INPUT}_batches"


def test_a_batch_without_a_price_for_prompts_is_half_of_what_it_usually_costs() -> None:
    read = KEYS[bills.CACHE_READ]
    known = costs(INPUT, OUTPUT, read, f"{read}_batches", f"{OUTPUT}_batches")
    for quantity in (bills.PROMPT, bills.CACHE_READ, bills.CACHE_WRITE, bills.INPUT_IMAGE):
        assert charged(known, quantity, "batch") is None
    assert charged(known, bills.REASONING, "batch") == f"{OUTPUT}_batches"
    told = costs(INPUT, read, f"{INPUT}_batches")
    assert charged(told, bills.CACHE_READ, "batch") == read
    assert charged(told, bills.CACHE_WRITE_1H, "batch") == f"{INPUT}_batches"


def test_reasoning_has_its_own_price_unless_its_service_tier_has_one_for_text() -> None:
    own = KEYS[bills.REASONING]
    known = costs(OUTPUT, own, f"{OUTPUT}_flex")
    assert charged(known, bills.REASONING) == own
    assert charged(known, bills.REASONING, "flex") == f"{OUTPUT}_flex"
    assert charged(known, bills.REASONING, "priority") == own


def test_where_text_is_free_all_is_or_an_image_costs_what_text_does() -> None:
    image = KEYS[bills.OUTPUT_IMAGE]
    free = Costs({INPUT: Rate("in", Decimal(0))}, {}, [], (), free_with_text=True)
    assert free.charged(bills.CACHE_READ, Context()) == Rate("", Decimal(0))
    assert charged(costs(INPUT, image, free=True), bills.COMPLETION) == image
