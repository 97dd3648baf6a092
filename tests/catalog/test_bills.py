"""One use and one pricing document: which price, how much, and what cannot be said."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.bills import PATHS, Part, Tariff, usual_path, whole_prompt
from pricetrail.catalog.situations import Situation

TOKENS = {
    "kind": "token",
    "text": {"prompt": "0.000003", "completion": "0.000015"},
    "cache": {"read": "0.0000003", "write": "0.00000375", "write_1h": "0.000006"},
    "multimodal": {"input_image": "0.000004", "output_image": "0.00003"},
    "tiers": {"over_200k": {"text": {"prompt": "0.000006"}, "cache": {"read": "0.0000006"}}},
}
VIDEO = {"video": {"per_second": "0.1", "per_second_with_audio": "0.15"}}


def used(**quantities: str | int) -> dict[str, Decimal]:
    return {name: Decimal(quantity) for name, quantity in quantities.items()}


def cost(pricing: Any, **quantities: str | int) -> Decimal:
    bill = Tariff(pricing).bill(used(**quantities))
    assert not bill.missing
    return bill.cost


def missing(pricing: Any, **quantities: str | int) -> tuple[str, ...]:
    return Tariff(pricing).bill(used(**quantities)).missing


def paths(pricing: Any, *, long_prompt: bool, **quantities: str | int) -> list[str]:
    bill = Tariff(pricing).bill(used(**quantities), Situation(passed=200_000 if long_prompt else 0))
    return [part.path for part in bill.parts]


def test_each_quantity_is_charged_by_its_own_price() -> None:
    for name, unit in [
        ("prompt", "0.000003"),
        ("completion", "0.000015"),
        ("cache_read", "0.0000003"),
        ("cache_write", "0.00000375"),
        ("cache_write_1h", "0.000006"),
        ("input_image", "0.000004"),
        ("output_image", "0.00003"),
    ]:
        bill = Tariff(TOKENS).bill(used(**{name: 1000}))
        amount = Decimal(unit)
        assert bill.parts == (Part(PATHS[name], Decimal(1000), amount, 1000 * amount),)


def test_a_bill_adds_up_exactly() -> None:
    assert cost(TOKENS, prompt=1, completion=1, cache_read=1) == Decimal("0.0000183")


def test_reasoning_follows_completion_unless_it_has_a_price_of_its_own() -> None:
    assert paths(TOKENS, long_prompt=False, reasoning=5) == ["/pricing/text/completion"]
    own = {"text": {"completion": "0.1", "internal_reasoning": "0.2"}}
    assert cost(own, reasoning=5) == 1
    assert paths(own, long_prompt=False, reasoning=5) == ["/pricing/text/internal_reasoning"]


def test_a_long_prompt_is_charged_by_the_tier_where_that_names_the_price() -> None:
    assert paths(TOKENS, long_prompt=True, prompt=1, completion=1, cache_read=1) == [
        "/pricing/tiers/over_200k/text/prompt",
        "/pricing/text/completion",
        "/pricing/tiers/over_200k/cache/read",
    ]


@pytest.mark.parametrize(
    ("reasoning", "path"),
    [
        (None, "/pricing/tiers/over_200k/text/completion"),
        # The base says that it is the completion rate: then it goes with it into the tier.
        ("0.1", "/pricing/tiers/over_200k/text/completion"),
        # A price of its own stays, as the tier does not name it.
        ("0.3", "/pricing/text/internal_reasoning"),
    ],
)
def test_reasoning_above_the_tier_follows_the_completion_rate(
    reasoning: str | None, path: str
) -> None:
    text = {"completion": "0.1"} | ({"internal_reasoning": reasoning} if reasoning else {})
    pricing = {"text": text, "tiers": {"over_200k": {"text": {"completion": "0.2"}}}}
    assert paths(pricing, long_prompt=True, reasoning=1) == [path]


def test_the_whole_prompt_is_all_that_is_read() -> None:
    assert whole_prompt(used(prompt=200_000, completion=900_000)) == 200_000
    assert whole_prompt(used(prompt=100_000, cache_read=60_000, cache_write=40_001)) == 200_001
    assert (
        whole_prompt(used(prompt=1, cache_write_1h=6, input_image=40, input_audio_tokens=5)) == 52
    )
    assert whole_prompt(used(cache_read=7)) == 7
    assert whole_prompt({}) == 0


def test_a_quantity_without_a_price_is_named_and_never_free() -> None:
    text = {"text": {"prompt": "0.1"}}
    assert missing(text, prompt=1, completion=1, cache_read=1) == (
        "there is no price for completion, cache read",
    )
    assert missing(text, images=2) == ("there is no price for image",)
    assert missing(None, prompt=1) == ("there is no price for prompt",)


def test_a_quantity_of_zero_needs_no_price() -> None:
    assert cost({"text": {"prompt": "0.1"}}, prompt=3, cache_read=0) == Decimal("0.3")


def test_a_price_that_is_free_is_a_price() -> None:
    assert cost({"text": {"prompt": "0"}}, prompt=3) == 0


def test_a_price_that_is_no_amount_is_never_computed_with() -> None:
    assert missing({"text": {"prompt": "-1"}}, prompt=3) == (
        "the price text.prompt is '-1', which is no amount",
    )


def test_generation_is_charged_by_its_own_units() -> None:
    pricing = {"generation": {"image": {"per_image": "0.04"}, **VIDEO}}
    assert cost(pricing, images=25) == 1
    assert cost(pricing, video_seconds=8, video_seconds_with_audio=2) == Decimal("1.1")


def test_seconds_go_to_the_one_price_that_the_model_has_for_them() -> None:
    assert cost({"generation": VIDEO}, seconds="4.5") == Decimal("0.45")
    assert cost({"generation": {"audio": {"per_second": "0.01"}}}, seconds=3) == Decimal("0.03")
    both = {"generation": {"audio": {"per_second": "0.01"}, **VIDEO}}
    assert missing(both, seconds=3) == (
        "seconds could be any of generation.audio.per_second, generation.video.per_second",
    )


def test_requests_are_charged_only_where_the_catalog_has_a_price_for_them() -> None:
    priced = {"text": {"prompt": "0.1"}, "generation": {"search": {"per_request": "0.01"}}}
    assert cost(priced, requests=2, prompt=1) == Decimal("0.12")
    assert cost({"text": {"prompt": "0.1"}}, requests=2, prompt=1) == Decimal("0.1")
    assert missing({"text": {"prompt": "0.1"}}, requests=2) == ("there is no price for requests",)
    assert missing(priced, web_searches=2) == ("there is no price for web searches",)


def test_a_quantity_can_be_named_by_the_path_of_its_price() -> None:
    pricing = {"generation": {"image": {"per_step": "0.001"}}}
    bill = Tariff(pricing).bill({"/pricing/generation/image/per_step": Decimal(30)})
    assert bill.cost == Decimal("0.03")
    assert Tariff(None).bill({"/pricing/generation/image/per_step": Decimal(1)}).missing == (
        "there is no price for generation.image.per_step",
    )


def test_tariffs_are_equal_where_the_prices_are() -> None:
    one = Tariff({"kind": "token", "text": {"prompt": "0.0000030"}})
    same = Tariff({"text": {"prompt": "3e-6"}})
    assert one == same
    assert hash(one) == hash(same)
    other = Tariff({"text": {"prompt": "0.0000031"}})
    assert one != other
    assert hash(one) != hash(other)
    assert one != one.prices


@pytest.mark.parametrize(
    ("prices", "others", "same"),
    [
        ({"prompt": "0.000003", "completion": "1"}, {"prompt": "3e-6", "completion": "1"}, True),
        ({"prompt": "0.0000002"}, {"prompt": "0.00000020000000000000002"}, True),
        ({"prompt": "1", "completion": "2"}, {"prompt": "1", "completion": "3"}, False),
        ({"prompt": "1"}, {"prompt": "1", "completion": "3"}, False),
        ({"prompt": "1"}, {"completion": "1"}, False),
        ({"prompt": "free"}, {"prompt": "free"}, True),
        ({"prompt": "free"}, {"prompt": "1"}, False),
        ({"prompt": "free"}, {"prompt": "0.123456789012345"}, False),
        ({}, {}, True),
    ],
)
def test_tariffs_agree_where_polls_would_find_no_other_price(
    prices: dict[str, str], others: dict[str, str], same: bool
) -> None:
    one, other = Tariff({"text": prices}), Tariff({"text": others})
    assert (one.agrees(other), other.agrees(one)) == (same, same)


def test_the_usual_path_of_what_depends_on_the_catalog_is_not_guessed() -> None:
    assert usual_path("prompt") == "/pricing/text/prompt"
    assert usual_path("reasoning") == "/pricing/text/completion"
    assert usual_path("/pricing/x/y") == "/pricing/x/y"
    assert usual_path("seconds") is None
    assert usual_path("requests") is None
    assert usual_path("audio_tokens") is None


quantities = st.dictionaries(
    st.sampled_from(["prompt", "completion", "cache_read", "cache_write", "input_image"]),
    st.decimals(min_value=0, max_value=10**12, places=3),
)


@given(quantities, st.booleans())
def test_any_bill_is_the_exact_sum_of_its_parts(
    some: dict[str, Decimal], long_prompt: bool
) -> None:
    bill = Tariff(TOKENS).bill(some, Situation(passed=200_000 if long_prompt else 0))
    exact = sum(Fraction(part.quantity) * Fraction(part.amount) for part in bill.parts)
    assert Fraction(bill.cost) == exact
    assert {part.quantity for part in bill.parts} == {number for number in some.values() if number}


MODEL: dict[str, Any] = {
    "text": {"prompt": "1", "completion": "10"},
    "cache": {"read": "0.1"},
    "tiers": {
        "over_200k": {"text": {"prompt": "2", "completion": "20"}},
        "over_272k": {"text": {"prompt": "3"}},
        "batch": {"text": {"prompt": "0.5"}},
        "utc_1630_0030": {"text": {"prompt": "0.7", "completion": "7"}},
        "priority": {"over_200k": {"text": {"prompt": "4"}}, "text": {"prompt": "1.5"}},
    },
}


@pytest.mark.parametrize(
    ("situation", "prompt", "completion"),
    [
        (Situation(), "1", "10"),
        (Situation(passed=200_000), "2", "20"),
        # The highest threshold names no completion: the one below it does.
        (Situation(passed=272_000), "3", "20"),
        # A service tier goes before a threshold, which still holds for what the tier does not name.
        (Situation("batch", None, 200_000), "0.5", "20"),
        (Situation("priority", None, 272_000), "4", "20"),
        (Situation("priority"), "1.5", "10"),
        # So does a time of day; where both are met, the service tier wins.
        (Situation("", 16 * 60 + 30, 200_000), "0.7", "7"),
        (Situation("batch", 10), "0.5", "7"),
        (Situation("", 30), "1", "10"),
        # Nothing is known of it.
        (Situation("flex"), "1", "10"),
    ],
)
def test_of_the_prices_whose_conditions_are_met_the_highest_in_rank_holds(
    situation: Situation, prompt: str, completion: str
) -> None:
    bill = Tariff(MODEL).bill(used(prompt=1, completion=1, cache_read=1), situation)

    assert [part.amount for part in bill.parts] == [
        Decimal(prompt),
        Decimal(completion),
        Decimal("0.1"),
    ]


def test_a_price_on_a_condition_can_be_named_by_its_path() -> None:
    path = "/pricing/tiers/batch/text/prompt"
    assert Tariff(MODEL).price(path, Situation(passed=272_000)) == (path, Decimal("0.5"))
    assert Tariff(MODEL).price("/pricing/tiers/flex/text/prompt") == (
        "there is no price for tiers.flex.text.prompt"
    )


def test_what_was_found_for_one_situation_answers_for_no_other() -> None:
    tariff, some = Tariff(MODEL), used(prompt=1, completion=1, cache_read=1)
    services, minutes, lengths = ("", "batch", "priority"), (None, 10, 990), (0, 200_000, 272_000)
    for situation in 2 * [*map(Situation._make, product(services, minutes, lengths, (0,)))]:
        assert tariff.bill(some, situation) == Tariff(MODEL).bill(some, situation)


NEWS: dict[str, Any] = {
    "text": {"prompt": "1", "completion": "10"},
    "tiers": {
        "from_20260901": {
            "text": {"prompt": "2"},
            "batch": {"text": {"prompt": "0.5"}},
        }
    },
}


def test_a_tariff_can_be_asked_what_it_would_be_without_some_prices() -> None:
    batch, prompt = Situation("batch"), "/pricing/tiers/from_20260901/text/prompt"
    tariff = Tariff(NEWS).on(20260901)
    assert tariff.price("prompt", batch) == (
        "/pricing/tiers/from_20260901/batch/text/prompt",
        Decimal("0.5"),
    )

    left = tariff.without({"/pricing/tiers/from_20260901/batch/text/prompt"})

    assert left.price("prompt", batch) == (prompt, Decimal(2))
    assert left.price("completion", batch) == ("/pricing/text/completion", Decimal(10))
    assert tariff.without({"/pricing/text/completion"}).price("completion") == (
        "there is no price for completion"
    )


def test_a_service_tier_is_served_from_the_day_on_that_has_prices_for_it() -> None:
    eve, day = datetime(2026, 8, 31, 23, 59, tzinfo=UTC), datetime(2026, 9, 1, tzinfo=UTC)
    served = {
        (s, at) for s in ("", "batch", "flex") for at in (eve, day) if Tariff(NEWS).serves(s, at)
    }
    assert served == {("", eve), ("", day), ("batch", day)}


def test_a_use_may_have_been_in_all_situations_that_its_time_and_length_allow() -> None:
    tariff = Tariff({"tiers": NEWS["tiers"] | MODEL["tiers"]})
    short, some = (Decimal(0), Decimal(9)), (Decimal(0), Decimal(250_000))
    noon, hour = datetime(2026, 8, 31, 12, tzinfo=UTC), timedelta(hours=1)

    assert tariff.situations(short, noon, None, "flex") == (Situation(),)
    assert tariff.situations(some, noon, noon + hour, "batch") == (
        Situation("batch"),
        Situation("batch", passed=200_000),
    )
    assert tariff.situations(short, noon, noon + 13 * hour, "batch") == (
        Situation("batch"),
        Situation("batch", since=20260901),
        Situation("batch", 16 * 60 + 30),
        Situation("batch", 16 * 60 + 30, since=20260901),
    )
    # What many uses ask for is worked out once.
    asked = short, noon, None, "batch"
    assert tariff.situations(*asked) is tariff.situations(*asked)


def test_the_times_of_day_that_are_met_are_said_from_the_earliest_on() -> None:
    windows = ("utc_1630_0030", "utc_0100_0300", "utc_0100_0200", "utc_0030_0130", "utc_0500_0600")
    tariff = Tariff({"tiers": {name: {"text": {"prompt": "1"}} for name in (*windows, "batch")}})

    assert tariff.hours([None, 90 - 1, 17 * 60]) == (
        "00:30 to 01:30 UTC",
        "01:00 to 02:00 UTC",
        "01:00 to 03:00 UTC",
        "16:30 to 00:30 UTC",
    )
    assert tariff.hours([360]) == tariff.hours([None]) == ()


def test_a_discount_is_multiplied_into_nothing() -> None:
    assert cost(MODEL | {"native": {"discount": "0.5"}}, prompt=3) == 3


def test_requests_and_seconds_have_conditions_too() -> None:
    pricing = {
        "native": {"request": "5"},
        "generation": {"video": {"per_second": "2"}},
        "tiers": {
            "batch": {
                "native": {"request": "4"},
                "generation": {"video": {"per_second": "1"}},
            }
        },
    }
    some = used(requests=1, seconds=1)
    assert Tariff(pricing).bill(some).cost == 7
    assert Tariff(pricing).bill(some, Situation("batch")).cost == 5


SERVICES = ("", "batch", "priority")
HOURS = ((0, 600), (990, 30), (1200, 1300))
LENGTHS = (100, 200_000, 272_000)
LEAVES = {
    "prompt": ("text", "prompt"),
    "completion": ("text", "completion"),
    "cache_read": ("cache", "read"),
    "requests": ("native", "request"),
}
_places = st.tuples(
    st.sampled_from(SERVICES),
    st.none() | st.sampled_from(HOURS),
    st.sampled_from((0, *LENGTHS)),
)
_amounts = st.dictionaries(st.sampled_from(list(LEAVES)), st.integers(1, 10**6), max_size=4)


def _document(priced: dict[tuple[str, Any, int], dict[str, int]]) -> dict[str, Any]:
    """The amounts of each place, as they stand in a document."""
    pricing: dict[str, Any] = {}
    for (service, hours, length), amounts in priced.items():
        below = [service] if service else []
        below += (
            ["utc_{:02}{:02}_{:02}{:02}".format(*divmod(hours[0], 60), *divmod(hours[1], 60))]
            if hours
            else []
        )
        below += (
            [f"over_{length // 1000}k" if length >= 1000 else f"over_{length}"] if length else []
        )
        for name, amount in amounts.items():
            place = pricing
            for key in [*(["tiers"] if below else []), *below, LEAVES[name][0]]:
                place = place.setdefault(key, {})
            place[LEAVES[name][1]] = str(amount)
    return pricing


def _plainly(
    priced: dict[tuple[str, Any, int], dict[str, int]], name: str, when: tuple[str, int, int]
) -> int | None:
    """The rule, told apart from the code: of the places that are met, which amount holds."""
    service, minute, length = when
    met = []
    for place, amounts in priced.items():
        tier, hours, above = place
        inside = hours is None or (
            hours[0] <= minute < hours[1]
            if hours[0] < hours[1]
            else not hours[1] <= minute < hours[0]
        )
        if name in amounts and tier in ("", service) and inside and (not above or length > above):
            order = sum(map(bool, place)), tier != "", hours is not None, above
            lasts = (hours[1] - hours[0]) % 1440 if hours else 0
            met.append((*order, -lasts, amounts[name]))
    return max(met)[-1] if met else None


@given(
    st.dictionaries(_places, _amounts, max_size=8),
    st.dictionaries(st.sampled_from(list(LEAVES)), st.integers(1, 10**6), min_size=1),
    st.sampled_from((*SERVICES, "flex")),
    st.integers(0, 1439),
    st.sampled_from([value + more for value in LENGTHS for more in (0, 1)]),
)
def test_any_bill_is_that_of_the_plain_rule(
    priced: dict[tuple[str, Any, int], dict[str, int]],
    some: dict[str, int],
    service: str,
    minute: int,
    length: int,
) -> None:
    tariff = Tariff(_document(priced))
    at = datetime(2026, 3, 1, *divmod(minute, 60), tzinfo=UTC)
    (situation,) = tariff.situations((Decimal(length), Decimal(length)), at, None, service)
    bill = tariff.bill({name: Decimal(number) for name, number in some.items()}, situation)

    amounts = {name: _plainly(priced, name, (service, minute, length)) for name in some}
    # Requests without a price are only counted, where something else is charged.
    lacking = {name for name, amount in amounts.items() if amount is None}
    lacking -= {"requests"} if len(some) > 1 else set()
    assert bool(bill.missing) == bool(lacking)
    assert bill.cost == sum(amount * some[name] for name, amount in amounts.items() if amount)
