"""genai-prices' file: a million tokens, tiers, times of day, and prices that begin on a date."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.dialects import genai_prices
from pricetrail.catalog.dialects.readings import (
    ABSENT,
    APART,
    FLAGGED,
    NOT_UNDERSTOOD,
    Entry,
    Remark,
)
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import loads
from tests.support.price_leaves import changed, kinds, lost

PRICES = """{"input_mtok": {"base": 3, "tiers": [{"start": 200000, "price": 6}]},
    "cache_write_mtok": 3.75, "cache_write_1h_mtok": 6, "cache_read_mtok": 0.3,
    "output_mtok": 15, "output_reasoning_mtok": 16, "input_image_mtok": 4,
    "output_image_mtok": 30, "input_audio_mtok": 7, "requests_kcount": 14,
    "web_searches_kcount": 10, "audio_hours": 0.36}"""


def read(prices: str) -> Any:
    body = (
        '[{"id": "lab", "name": "Lab", "api_pattern": "x", "models": [{"id": "m", "name": "M",'
        f' "context_window": 200000, "match": {{"equals": "m"}}, "prices": {prices}}}]}}]'
    )
    return genai_prices.read(loads(body))


def priced(prices: str) -> Any:
    return read(prices).entries[0].document.get("pricing")


def test_a_model_is_read() -> None:
    reading = read(PRICES)

    assert reading.remarks == []
    assert reading.entries[0].document == {
        "id": "lab/m",
        "display_name": "M",
        "context_length": 200000,
        "pricing": {
            "kind": "token",
            "text": {
                "prompt": "0.000003",
                "completion": "0.000015",
                "internal_reasoning": "0.000016",
            },
            "cache": {"write": "0.00000375", "write_1h": "0.000006", "read": "0.0000003"},
            "multimodal": {"input_image": "0.000004", "output_image": "0.00003"},
            # A token, a request, a search; an hour stays one, as it is no power of ten of seconds.
            "native": {
                "input_audio": "0.000007",
                "request": "0.014",
                "web_search": "0.01",
                "audio_hours": "0.36",
            },
            "tiers": {"over_200k": {"text": {"prompt": "0.000006"}}},
        },
    }


@pytest.mark.parametrize(
    ("constraint", "tier"),
    [
        ({"start_time": "00:30:00Z", "end_time": "16:30:00Z"}, "utc_0030_1630"),
        ({"start_time": "16:30:00+00:00", "end_time": "00:30Z"}, "utc_1630_0030"),
        ({"start_time": "08:30:00+08:00", "end_time": "00:30:00+08:00"}, "utc_0030_1630"),
        ({"start_time": "22:00:00-0230", "end_time": "23:59:00Z"}, "utc_0030_2359"),
    ],
)
def test_a_time_of_day_is_a_tier(constraint: dict[str, str], tier: str) -> None:
    listed = [
        {"prices": {"input_mtok": 1}},
        {"constraint": constraint, "prices": {"input_mtok": 2}},
    ]
    pricing = priced(json.dumps(listed))

    assert pricing["text"] == {"prompt": "0.000001"}
    assert pricing["tiers"] == {tier: {"text": {"prompt": "0.000002"}}}


def test_of_prices_by_date_the_first_is_the_usual_one() -> None:
    reading = read(
        '[{"prices": {"input_mtok": {"base": 5, "tiers": [{"start": 200000, "price": 10}]},'
        ' "output_mtok": 25, "cache_read_mtok": 0.5}},'
        ' {"constraint": {"start_date": "2026-03-13"}, "prices": {"input_mtok": 5.0,'
        ' "output_mtok": 20, "cache_read_mtok": 0.5}},'
        ' {"constraint": {"start_date": "2027-01-01"}, "prices": {"input_mtok": 5,'
        ' "output_mtok": 10, "cache_read_mtok": 0.5}}]'
    )

    assert reading.entries[0].document["pricing"] == {
        "kind": "token",
        "text": {"prompt": "0.000005", "completion": "0.000025"},
        "cache": {"read": "0.0000005"},
        "tiers": {
            "over_200k": {"text": {"prompt": "0.00001"}},
            # With no price for long prompts any more.
            "from_20260313": {"text": {"prompt": "0.000005", "completion": "0.00002"}},
            "from_20270101": {"text": {"completion": "0.00001"}},
        },
    }
    assert reading.remarks == []


def test_what_is_no_amount_is_flagged_once_and_where_it_stands() -> None:
    reading = read('{"input_mtok": "-1", "output_mtok": 2}')

    assert reading.entries[0].document["pricing"]["text"] == {
        "prompt": "-1",
        "completion": "0.000002",
    }
    said = "'-1' is no amount: kept as text"
    assert reading.remarks == [Remark(FLAGGED, "lab/m", "/prices/input_mtok", said)]


def test_a_price_that_a_later_list_has_no_more_is_kept_apart() -> None:
    reading = read(
        '[{"prices": {"input_mtok": 5, "cache_read_mtok": 1}},'
        ' {"constraint": {"start_date": "2026-03-13"}, "prices": {"input_mtok": 5}}]'
    )

    assert reading.entries[0].document["pricing"] == {
        "kind": "token",
        "text": {"prompt": "0.000005"},
        "native": {"cache": {"read": {"until": {"2026-03-13": "0.000001"}}}},
    }
    assert kinds(reading.remarks) == [(APART, "/prices")]


def test_a_time_of_day_behind_a_date_holds_before_and_after_it() -> None:
    reading = read(
        '[{"prices": {"input_mtok": 1}},'
        ' {"constraint": {"start_time": "04:00:00Z", "end_time": "06:00:00Z"},'
        ' "prices": {"input_mtok": 9}},'
        ' {"constraint": {"start_date": "2026-08-17"}, "prices": {"input_mtok": 2}},'
        ' {"constraint": {"start_time": "01:00:00Z", "end_time": "04:00:00Z"},'
        ' "prices": {"input_mtok": 3}}]'
    )

    assert reading.entries[0].document["pricing"] == {
        "kind": "token",
        "text": {"prompt": "0.000001"},
        "tiers": {
            "utc_0100_0400": {"text": {"prompt": "0.000003"}},
            "utc_0400_0600": {"text": {"prompt": "0.000009"}},
            # From the date on, its own price goes before the hours that are named earlier.
            "from_20260817": {
                "text": {"prompt": "0.000002"},
                "utc_0100_0400": {"text": {"prompt": "0.000003"}},
            },
        },
    }


def test_of_two_prices_for_one_time_of_day_the_later_holds() -> None:
    window = '"constraint": {"start_time": "04:00:00Z", "end_time": "06:00:00Z"}'
    told = priced(
        f'[{{"prices": {{"input_mtok": 1}}}}, {{{window}, "prices": {{"input_mtok": 2}}}},'
        f' {{{window}, "prices": {{"input_mtok": 3}}}}]'
    )

    assert told["tiers"] == {"utc_0400_0600": {"text": {"prompt": "0.000003"}}}


def test_prices_that_never_hold_are_told() -> None:
    reading = read('[{"prices": {"input_mtok": 1}}, {"prices": {"input_mtok": 2}}]')

    assert reading.entries[0].document["pricing"]["text"] == {"prompt": "0.000002"}
    said = "never holds: another goes before it on any day"
    assert reading.remarks == [Remark(ABSENT, "lab/m", "/prices/0/prices", said)]


def test_where_no_constraint_is_met_the_first_prices_hold() -> None:
    only = '[{"constraint": {"start_date": "2027-01-01"}, "prices": {"input_mtok": 5}}]'

    assert priced(only) == {"kind": "token", "text": {"prompt": "0.000005"}}


def test_variants_for_a_service_tier_are_tiers() -> None:
    reading = variants(
        '{"when": {"service_tier": "flex"}, "prices": {"input_mtok": 1,'
        ' "output_mtok": {"base": 4, "tiers": [{"start": 272000, "price": 6}]}}},'
        ' {"when": {"processing": "batch"}, "prices": {"input_mtok": 2}},'
        ' {"when": {"processing": "batch"}, "prices": {"input_mtok": 3, "output_mtok": 8}},'
        ' {"when": {"speed": "fast"}, "prices": {}}'
    )

    assert reading.entries[0].document["pricing"]["tiers"] == {
        "flex": {
            "text": {"prompt": "0.000001", "completion": "0.000004"},
            "over_272k": {"text": {"completion": "0.000006"}},
        },
        # Of two, the first that has a price.
        "batch": {"text": {"prompt": "0.000002", "completion": "0.000008"}},
    }
    assert kinds(reading.remarks) == [(ABSENT, "/price_variants/2/prices/input_mtok")]


def test_a_variant_replaces_a_price_at_any_time_and_any_length() -> None:
    hours = '"constraint": {"start_time": "01:00:00Z", "end_time": "04:00:00Z"}'
    tiered = '{"input_mtok": {"base": 3, "tiers": [{"start": 200000, "price": 4}]}}'
    flex = '"when": {"service_tier": "flex"}'
    body = (
        f'[{{"id": "lab", "models": [{{"id": "m", "prices": [{{"prices": {{"input_mtok": 2}}}},'
        f' {{{hours}, "prices": {tiered}}}], "price_variants": ['
        f'{{{flex}, "prices": {{"input_mtok": 1}}}},'
        f' {{{flex}, {hours}, "prices": {{"input_mtok": 7}}}}]}}]}}]'
    )
    reading = genai_prices.read(loads(body))

    assert reading.entries[0].document["pricing"] == {
        "kind": "token",
        "text": {"prompt": "0.000002"},
        "tiers": {
            "utc_0100_0400": {
                "text": {"prompt": "0.000003"},
                "over_200k": {"text": {"prompt": "0.000004"}},
            },
            # Else the price of long prompts at that time would go before it.
            "flex": {
                "text": {"prompt": "0.000001"},
                "utc_0100_0400": {"text": {"prompt": "0.000001"}},
            },
        },
    }
    assert kinds(reading.remarks) == [(ABSENT, "/price_variants/1/prices/input_mtok")]


def test_a_variant_that_begins_on_a_date_leaves_the_usual_price_alone() -> None:
    reading = variants(
        '{"when": {"service_tier": "flex"}, "constraint": {"start_date": "2026-10-01"},'
        ' "prices": {"input_mtok": 1}}'
    )

    assert reading.entries[0].document["pricing"] == {
        "kind": "token",
        "text": {"prompt": "0.00001"},
        "tiers": {
            "from_20261001": {
                "text": {"prompt": "0.00001"},
                "flex": {"text": {"prompt": "0.000001"}},
            }
        },
    }


@pytest.mark.parametrize(
    "told",
    ['{"route": "lab/eu"}', '{"route": "flex"}', '{"speed": "lab/eu", "service_tier": "x"}', "{}"],
)
def test_variants_for_something_else_are_kept_by_it(told: str) -> None:
    reading = variants(f'{{"when": {told}, "prices": {{"input_mtok": 1}}}}')

    (kept,) = reading.entries[0].document["pricing"]["native"]["variants"].values()
    assert kept == {"always": {"input_mtok": "1"}}
    said = "not told by a service tier: kept by what tells it"
    assert reading.remarks == [Remark(NOT_UNDERSTOOD, "lab/m", "/price_variants/0", said)]


def test_a_variant_for_something_else_is_known_by_its_date_as_well() -> None:
    reading = variants(
        '{"when": {"route": "lab/eu", "n": 2}, "constraint": {"start_date": "2026-09-01"},'
        ' "prices": {"input_mtok": -1}}, {"when": {}, "prices": {"input_mtok": 3}}'
    )

    assert reading.entries[0].document["pricing"]["native"]["variants"] == {
        "lab/eu_2": {"2026-09-01": {"input_mtok": "-1"}},
        "1": {"always": {"input_mtok": "3"}},
    }
    assert kinds(reading.remarks) == [
        (NOT_UNDERSTOOD, "/price_variants/0"),
        (FLAGGED, "/price_variants/0/prices/input_mtok"),
        (NOT_UNDERSTOOD, "/price_variants/1"),
    ]


def test_what_is_no_amount_on_a_constraint_that_is_new_is_flagged_where_it_stands() -> None:
    reading = read('[{"constraint": {"weekday": 1}, "prices": {"input_mtok": -2}}]')

    assert kinds(reading.remarks) == [
        (NOT_UNDERSTOOD, "/prices/0"),
        (FLAGGED, "/prices/0/prices/input_mtok"),
    ]


_NIGHT = '"constraint": {"start_time": "01:00Z", "end_time": "04:00Z"}'
_DAY = '"constraint": {"start_time": "05:00Z", "end_time": "07:00Z"}'


def test_what_a_price_says_besides_is_kept_on_its_condition() -> None:
    said = '{"input_mtok": [7], "cache_read_mtok": {"base": 1, "by": 2}}'
    pricing = priced(
        f'[{{"prices": {{"output_mtok": 1}}}}, {{{_NIGHT}, "prices": {said}}},'
        f' {{{_DAY}, "prices": 5}}]'
    )

    assert pricing["tiers"] == {
        "utc_0100_0400": {
            "native": {"prompt_by": {"0": "7"}, "read_by": {"by": "2"}},
            "cache": {"read": "0.000001"},
        },
        "utc_0500_0700": {"native": {"prices": "5"}},
    }


def test_what_is_said_of_a_list_that_held_until_a_date_is_told() -> None:
    reading = read(
        '[{"prices": {"input_mtok": -1}},'
        ' {"constraint": {"start_date": "2026-03-13"}, "prices": {"input_mtok": 2}}]'
    )

    assert kinds(reading.remarks) == [(FLAGGED, "/prices/0/prices/input_mtok")]


def test_a_variant_is_said_for_the_hours_at_which_length_matters_and_no_others() -> None:
    tiered = '{"input_mtok": {"base": 3, "tiers": [{"start": 200000, "price": 4}]}}'
    flex = '"when": {"service_tier": "flex"}'
    body = (
        f'[{{"id": "lab", "models": [{{"id": "m", "prices": [{{"prices": {{"input_mtok": 2}}}},'
        f' {{{_NIGHT}, "prices": {tiered}}}, {{{_DAY}, "prices": {{"input_mtok": 5}}}}],'
        f' "price_variants": [{{{flex}, "prices": {{"input_mtok": -1}}}},'
        f' {{{flex}, {_DAY}, "prices": {{"output_mtok": 8}}}}]}}]}}]'
    )
    reading = genai_prices.read(loads(body))

    assert reading.entries[0].document["pricing"]["tiers"]["flex"] == {
        "text": {"prompt": "-1"},
        "utc_0100_0400": {"text": {"prompt": "-1"}},
        "utc_0500_0700": {"text": {"completion": "0.000008"}},
    }
    assert kinds(reading.remarks) == [(FLAGGED, "/price_variants/0/prices/input_mtok")]


def test_a_tier_begins_at_no_token_or_more_and_has_a_price() -> None:
    tiers = '[{"start": 0, "price": 2}, {"start": -1, "price": 3}, {"start": 9}]'
    reading = read(f'{{"input_mtok": {{"tiers": {tiers}}}}}')

    assert reading.entries[0].document["pricing"] == {
        "kind": "token",
        "text": {"prompt": "0.000002"},
        "native": {
            "prompt_by": {"tiers": {"1": {"start": "-1", "price": "3"}, "2": {"start": "9"}}}
        },
    }
    assert kinds(reading.remarks) == [
        (NOT_UNDERSTOOD, "/prices/input_mtok/tiers/1"),
        (FLAGGED, "/prices/input_mtok/tiers/1/start"),
        (NOT_UNDERSTOOD, "/prices/input_mtok/tiers/2"),
    ]


def test_prices_that_are_no_object_are_kept() -> None:
    reading = read("-5")

    assert reading.entries[0].document["pricing"]["native"] == {"prices": "-5"}
    assert kinds(reading.remarks) == [(FLAGGED, "/prices")]


def variants(told: str) -> Any:
    return genai_prices.read(
        loads(
            '[{"id": "lab", "models": [{"id": "m", "prices": {"input_mtok": 10},'
            f' "price_variants": [{told}]}}]}}]'
        )
    )


@pytest.mark.parametrize(
    "constraint",
    [{"weekday": "monday"}, {"start_time": "25:00Z", "end_time": "01:00Z"}, {"start_date": "soon"}],
)
def test_a_constraint_that_is_new_stays_apart(constraint: dict[str, str]) -> None:
    listed = [
        {"prices": {"input_mtok": 1}},
        {"constraint": constraint, "prices": {"input_mtok": 2}},
    ]
    reading = read(json.dumps(listed))

    pricing = reading.entries[0].document["pricing"]
    assert pricing["text"] == {"prompt": "0.000001"}
    assert pricing["native"] == {"constrained": {"1": {"input_mtok": "2"}}}
    said = "a constraint that is not known"
    assert reading.remarks == [Remark(NOT_UNDERSTOOD, "lab/m", "/prices/1", said)]


@pytest.mark.parametrize("tier", [{"price": 3}, {"start": "x", "price": 3}])
def test_a_tier_that_begins_nowhere_stays_under_its_name(tier: dict[str, object]) -> None:
    reading = read(json.dumps({"input_mtok": {"base": 1, "tiers": [tier]}}))

    pricing = reading.entries[0].document["pricing"]
    assert pricing["text"] == {"prompt": "0.000001"}
    assert pricing["native"] == {"prompt_by": {"tiers": {"0": {"price": "3"}}}}
    field, said = "/prices/input_mtok/tiers/0", "a tier without its start or its price"
    assert reading.remarks == [Remark(NOT_UNDERSTOOD, "lab/m", field, said)]


def test_providers_may_stand_in_an_object() -> None:
    listed = '[{"id": "lab", "models": [{"id": "m", "prices": {}}]}]'
    reading = genai_prices.read(loads(f'{{"providers": {listed}}}'))

    assert reading.entries == [Entry({"id": "lab/m"}, {"id": "m", "prices": {}})]


def test_a_file_without_models_is_an_empty_list() -> None:
    for models in ("[]", "7"):
        assert genai_prices.read(loads(f'[{{"id": "lab", "models": {models}}}]')).entries == []


@pytest.mark.parametrize(
    "body", ["{}", "[]", '[{"id": "lab"}]', '{"error": {"models": []}}', '"x"', "[[]]", "7"]
)
def test_what_is_not_the_file_is_refused(body: str) -> None:
    with pytest.raises(CatalogError) as refused:
        genai_prices.read(loads(body))
    assert str(refused.value) == "not genai-prices' file: no provider with `models` in it"


def test_a_model_without_an_id_is_refused() -> None:
    with pytest.raises(CatalogError, match="without an id"):
        genai_prices.read(loads('[{"id": "lab", "models": [{"prices": {}}]}]'))


def is_price(pointer: str) -> bool:
    return pointer.startswith(("/prices/", "/price_variants/")) and not pointer.endswith("/start")


@given(st.data())
def test_no_price_is_lost(data: st.DataObject) -> None:
    listed = data.draw(st.booleans())
    made_up: Any = loads(f'{{"id": "m", "prices": {PRICES}}}')
    made_up["price_variants"] = [
        {"when": {"service_tier": tier}, "prices": loads(PRICES)} for tier in ("flex", "flex")
    ]
    if listed:
        later = {"constraint": {"start_date": "2026-03-13"}, "prices": {"input_mtok": 1}}
        by_day = {
            "constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"},
            "prices": loads(PRICES),
        }
        made_up["prices"] = [{"prices": made_up["prices"]}, later, by_day]
    entry, fresh = data.draw(changed(made_up, is_price))
    (entry["prices"][0]["prices"] if listed else entry["prices"]).update(fresh)

    reading = genai_prices.read([{"id": "lab", "models": [copy.deepcopy(entry)]}])

    assert lost(reading, reading.entries[0], entry, is_price) == []


@pytest.mark.parametrize(("more", "are_read"), [(0, True), (1, False)])
def test_five_thousand_prices_at_all_dates_are_read_and_no_more(more: int, are_read: bool) -> None:
    prices = {f"price {n}_mtok": 1 for n in range(1249 + more)}
    dated = [{"constraint": {"start_date": "2026-01-01"}, "prices": prices}, {"prices": prices}]

    native = priced(json.dumps(dated))["native"]

    assert ("price 7" in native) is are_read


def test_prices_that_hold_always_are_as_many_as_they_are() -> None:
    prices = {f"price {n}_mtok": 1 for n in range(5001)}

    assert len(priced(json.dumps(prices))["native"]) == 5001


def test_what_is_no_amount_has_its_name_and_its_place() -> None:
    tiers = '{"base": -1, "tiers": [{"start": 9, "price": -2, "a/b": -3}], "by": -4}'
    reading = read(f'{{"input_mtok": {tiers}, "x/y_mtok": -5, "output_mtok": [-6]}}')

    assert reading.entries[0].document["pricing"] == {
        "kind": "token",
        "text": {"prompt": "-1"},
        "native": {"prompt_by": {"by": "-4"}, "x/y": "-5", "completion_by": {"0": "-6"}},
        "tiers": {"over_9": {"text": {"prompt": "-2"}, "native": {"prompt_by": {"a/b": "-3"}}}},
    }
    field = "/prices/input_mtok"
    assert kinds(reading.remarks) == [
        (FLAGGED, f"{field}/base"),
        (FLAGGED, f"{field}/by"),
        (FLAGGED, f"{field}/tiers/0/price"),
        (FLAGGED, f"{field}/tiers/0/a~1b"),
        (FLAGGED, "/prices/x~1y_mtok"),
        (FLAGGED, "/prices/output_mtok/0"),
    ]


def test_more_dates_and_times_than_anybody_lists_are_kept_and_never_charged() -> None:
    """Each price at each of 500 dates would be a quarter of a million of them."""
    days = (f"{2000 + n // 300}-{n // 28 % 12 + 1:02}-{n % 28 + 1:02}" for n in range(500))
    dated = [
        {"constraint": {"start_date": day}, "prices": {"input_mtok": n - 1, "output_mtok": n}}
        for n, day in enumerate(days)
    ]

    reading = read(json.dumps(dated))

    pricing = reading.entries[0].document["pricing"]
    assert pricing.keys() == {"kind", "native"}
    assert pricing["native"]["prices"]["7"] == {"input_mtok": "6", "output_mtok": "7"}
    said = "more dates and times of day than are read: kept, and never charged by itself"
    assert reading.remarks == [
        Remark(NOT_UNDERSTOOD, "lab/m", "/prices", said),
        Remark(FLAGGED, "lab/m", "/prices/0/prices/input_mtok", "'-1' is no amount: kept as text"),
    ]
