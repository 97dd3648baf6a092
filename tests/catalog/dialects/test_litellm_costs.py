"""What the name of a LiteLLM cost field says: what is priced, and when."""

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.dialects import litellm
from pricetrail.catalog.dialects.fields import is_priced
from pricetrail.catalog.dialects.readings import (
    ABSENT,
    APART,
    FLAGGED,
    NOT_UNDERSTOOD,
    SNAPPED,
    Remark,
)
from pricetrail.catalog.documents import leaves
from pricetrail.catalog.strict_json import loads
from tests.support.price_leaves import changed, kinds, lost

ENTRY = """{"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 400000,
    "input_cost_per_token": 3e-06, "input_cost_per_token_above_272k_tokens": 6e-06,
    "input_cost_per_token_batches": 1.5e-06, "input_cost_per_token_priority": 5e-06,
    "input_cost_per_token_above_272k_tokens_flex": 4e-06, "output_cost_per_token": 1.5e-05,
    "output_cost_per_token_ultrafast": 9e-05, "input_cost_per_token_ultrafast": 8e-05,
    "cache_read_input_token_cost": 3e-07, "cache_creation_input_token_cost": 3.75e-06,
    "cache_creation_input_token_cost_above_1hr": 6e-06,
    "cache_creation_input_token_cost_above_12hr_above_272k_tokens_priority": 7e-06,
    "output_cost_per_reasoning_token": 2e-05, "input_cost_per_audio_token": 1e-05,
    "output_cost_per_image": 0.04, "regional_uplift_multiplier": 1.1,
    "search_context_cost_per_query": {"search_context_size_low": 0.03, "search_context_size_high":
        0.05},
    "tiered_pricing": [{"range": [512000.0, 1e6], "input_cost_per_token": 12e-06}],
    "off_peak_pricing": {"hours_utc": "16:30-00:30", "input_cost_per_token": 1e-06,
        "windows": [{"hours_utc": ["04:00-06:00"], "weekdays": [6, 7]}]}}"""


def read(fields: str) -> Any:
    return litellm.read(loads(f'{{"m": {{"litellm_provider": "x", {fields}}}}}'))


def prices(fields: str) -> dict[str, str]:
    document = read(fields).entries[0].document
    return {
        path.removeprefix("/pricing/"): format(leaf, "f")
        for path, leaf in leaves(document).items()
        if isinstance(leaf, Decimal) and path.startswith("/pricing/")
    }


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("input_cost_per_token", "text/prompt"),
        ("output_cost_per_token", "text/completion"),
        ("output_cost_per_reasoning_token", "text/internal_reasoning"),
        ("cache_read_input_token_cost", "cache/read"),
        ("cache_creation_input_token_cost", "cache/write"),
        ("cache_creation_input_token_cost_above_1hr", "cache/write_1h"),
        ("input_cost_per_image_token", "multimodal/input_image"),
        ("output_cost_per_image_token", "multimodal/output_image"),
        ("input_cost_per_token_above_128k_tokens", "tiers/over_128k/text/prompt"),
        ("input_cost_per_token_above_2m_tokens", "tiers/over_2000k/text/prompt"),
        ("input_cost_per_token_above_32768_tokens", "tiers/over_32768/text/prompt"),
        ("output_cost_per_token_batches", "tiers/batch/text/completion"),
        ("cache_read_input_token_cost_flex", "tiers/flex/cache/read"),
        (
            "output_cost_per_token_above_200k_tokens_priority",
            "tiers/priority/over_200k/text/completion",
        ),
        (
            "input_cost_per_token_priority_above_200k_tokens",
            "tiers/priority/over_200k/text/prompt",
        ),
        (
            "cache_creation_input_token_cost_above_1hr_above_200k_tokens",
            "tiers/over_200k/cache/write_1h",
        ),
        (
            "cache_creation_input_token_cost_above_12hr_batches",
            "tiers/batch/native/cache_creation_input_token_cost_above_12hr",
        ),
        ("input_cost_per_audio_token_priority", "tiers/priority/native/input_cost_per_audio_token"),
        ("input_cost_per_token_cache_hit", "native/input_cost_per_token_cache_hit"),
        ("input_cost_per_token_mystery", "native/input_cost_per_token_mystery"),
        ("output_cost_per_token_mystery", "native/output_cost_per_token_mystery"),
        (
            "input_cost_per_video_per_second_above_15s_interval",
            "native/input_cost_per_video_per_second_above_15s_interval",
        ),
        ("output_cost_per_image", "native/output_cost_per_image"),
        ("fedramp_uplift_multiplier", "native/fedramp_uplift_multiplier"),
    ],
)
def test_a_name_says_what_and_when(field: str, path: str) -> None:
    assert prices(f'"{field}": 2.5e-06') == {path: "0.0000025"}


def test_a_new_service_tier_is_one_where_both_directions_have_it() -> None:
    assert prices(
        '"input_cost_per_token_turbo": 1, "output_cost_per_token_turbo": 2,'
        ' "cache_read_input_token_cost_turbo": 3,'
        ' "input_cost_per_token_above_200k_tokens_turbo": 4'
    ) == {
        "tiers/turbo/text/prompt": "1",
        "tiers/turbo/text/completion": "2",
        "tiers/turbo/cache/read": "3",
        "tiers/turbo/over_200k/text/prompt": "4",
    }


@pytest.mark.parametrize(
    ("mode", "fields", "path"),
    [
        ("image_generation", '"output_cost_per_image": 5', "generation/image/per_image"),
        ("image_edit", '"output_cost_per_image": 5', "generation/image/per_image"),
        ("video_generation", '"output_cost_per_second": 5', "generation/video/per_second"),
        (
            "video_generation",
            '"output_cost_per_video_per_second": 5, "output_cost_per_second": 0',
            "generation/video/per_second",
        ),
        ("audio_speech", '"output_cost_per_second": 5', "generation/audio/per_second"),
        (
            "audio_transcription",
            '"output_cost_per_second": 0.0, "input_cost_per_second": 5',
            "generation/audio/per_second",
        ),
        (
            "audio_transcription",
            '"output_cost_per_second": 5, "input_cost_per_second": 0',
            "generation/audio/per_second",
        ),
        (
            "video_generation",
            '"output_cost_per_second_720p": 5',
            "native/output_cost_per_second_720p",
        ),
        ("image_generation", '"input_cost_per_pixel": 5', "native/input_cost_per_pixel"),
        ("chat", '"input_cost_per_second": 5', "native/input_cost_per_second"),
    ],
)
def test_what_a_mode_makes_is_priced_by_it(mode: str, fields: str, path: str) -> None:
    reading = read(f'"mode": "{mode}", {fields}')

    assert prices(f'"mode": "{mode}", {fields}') == {path: "5"}
    kind = "generation" if path.startswith("generation") else "token"
    assert reading.entries[0].document["pricing"]["kind"] == kind
    assert {remark.kind for remark in reading.remarks} <= {ABSENT}


def test_of_two_prices_for_what_a_mode_makes_the_other_keeps_its_name() -> None:
    assert prices(
        '"mode": "audio_transcription", "input_cost_per_second": 1, "output_cost_per_second": 2'
    ) == {"generation/audio/per_second": "1", "native/output_cost_per_second": "2"}


def test_of_what_a_mode_makes_a_zero_is_free_where_nothing_else_has_a_price() -> None:
    assert prices('"mode": "image_edit", "output_cost_per_image": 0') == {
        "generation/image/per_image": "0"
    }
    fields = (
        '"mode": "audio_transcription", "input_cost_per_second": 1, "output_cost_per_second": 0,'
        ' "output_cost_per_second_batches": 3'
    )
    assert prices(fields) == {
        "generation/audio/per_second": "1",
        "tiers/batch/native/output_cost_per_second": "3",
    }
    assert kinds(read(fields).remarks) == [(ABSENT, "/output_cost_per_second")]
    assert prices('"mode": [], "input_cost_per_token": 1') == {"text/prompt": "1"}


def test_bands_hold_above_where_they_begin_and_go_before_flat_prices() -> None:
    fields = (
        '"input_cost_per_token": 9, "tiered_pricing": [{"range": [0, 256000.0],'
        ' "input_cost_per_token": 1, "output_cost_per_reasoning_token": 2},'
        ' {"range": [2.56e5, 1e6], "input_cost_per_token": 3, "input_cost_per_token_priority": 4}]'
    )

    assert prices(fields) == {
        "text/prompt": "1",
        "text/internal_reasoning": "2",
        "tiers/over_256k/text/prompt": "3",
        "tiers/priority/over_256k/text/prompt": "4",
    }
    assert kinds(read(fields).remarks) == [(NOT_UNDERSTOOD, "/input_cost_per_token")]


def test_a_band_that_begins_nowhere_leaves_all_under_their_names() -> None:
    fields = (
        '"tiered_pricing": [{"range": [0, 9], "input_cost_per_token": 1},'
        ' {"range": [-1, 9], "input_cost_per_token": "-2"}]'
    )

    document = read(fields).entries[0].document
    assert document["pricing"]["native"]["tiered_pricing"] == {
        "range_0_9": {"input_cost_per_token": "1"},
        "range_-1_9": {"input_cost_per_token": "-2"},
    }
    assert kinds(read(fields).remarks) == [(FLAGGED, "/tiered_pricing/1/input_cost_per_token")]


def test_bands_of_something_else_are_named_for_it() -> None:
    assert prices(
        '"tiered_pricing": [{"input_cost_per_query": 0.005, "max_results_range": [0, 25]},'
        ' {"input_cost_per_query": 0.025, "max_results_range": [26, 100]}]'
    ) == {
        "native/tiered_pricing/max_results_range_0_25/input_cost_per_query": "0.005",
        "native/tiered_pricing/max_results_range_26_100/input_cost_per_query": "0.025",
    }


def test_off_peak_prices_hold_at_their_hours() -> None:
    assert prices(
        '"off_peak_pricing": {"hours_utc": ["16:30-00:30", "04:00 - 06:00"],'
        ' "input_cost_per_token": 1, "output_cost_per_token_above_200k_tokens": 2}'
    ) == {
        "tiers/utc_1630_0030/text/prompt": "1",
        "tiers/utc_1630_0030/over_200k/text/completion": "2",
        "tiers/utc_0400_0600/text/prompt": "1",
        "tiers/utc_0400_0600/over_200k/text/completion": "2",
    }


@pytest.mark.parametrize(
    ("hours", "why"),
    [
        (
            '"windows": [{"hours_utc": "00:00-00:00", "weekdays": [6, 7]}]',
            "some hours are of some days of the week alone",
        ),
        ('"hours_utc": "half past four"', "some hours are not understood"),
        ('"hours_utc": "25:00-26:00"', "some hours are not understood"),
        ('"hours_utc": []', "some hours are not understood"),
        ('"windows": [3]', "some hours are not understood"),
        ('"windows": "always"', "no hours are named"),
    ],
)
def test_hours_that_no_tier_can_say_keep_their_prices_apart(hours: str, why: str) -> None:
    fields = f'"off_peak_pricing": {{{hours}, "input_cost_per_token": 1}}'

    assert prices(fields) == {"native/off_peak_pricing/input_cost_per_token": "1"}
    said = f"kept as native.off_peak_pricing: {why}"
    assert read(fields).remarks == [Remark(APART, "m", "/off_peak_pricing", said)]


def test_what_is_no_amount_is_flagged_at_each_of_its_hours() -> None:
    fields = (
        '"off_peak_pricing": {"hours_utc": ["01:00-02:00"], "windows": [{"hours_utc":'
        ' "03:00-04:00", "weekdays": [1, 2, 3, 4, 5, 6]}], "input_cost_per_token": "-1"}'
    )

    assert read(fields).entries[0].document["pricing"] == {
        "kind": "token",
        "tiers": {"utc_0100_0200": {"text": {"prompt": "-1"}}},
        "native": {"off_peak_pricing": {"input_cost_per_token": "-1"}},
    }
    assert kinds(read(fields).remarks) == [
        (APART, "/off_peak_pricing"),
        (FLAGGED, "/off_peak_pricing/input_cost_per_token"),
        (FLAGGED, "/off_peak_pricing/input_cost_per_token"),
    ]


def test_what_is_no_amount_is_flagged_in_its_band() -> None:
    reading = read('"tiered_pricing": [{"range": [0, 9], "input_cost_per_token": -1}]')

    assert kinds(reading.remarks) == [(FLAGGED, "/tiered_pricing/0/input_cost_per_token")]


def test_hours_and_windows_hold_all() -> None:
    fields = (
        '"off_peak_pricing": {"hours_utc": "01:00-02:00", "windows": [{"hours_utc":'
        ' "03:00-04:00"}], "input_cost_per_token": 1}, "tiered_pricing": [{"range": []}]'
    )

    assert prices(fields) == {
        "tiers/utc_0100_0200/text/prompt": "1",
        "tiers/utc_0300_0400/text/prompt": "1",
    }


def test_hours_of_every_day_of_the_week_are_those_of_any_day() -> None:
    fields = (
        '"off_peak_pricing": {"input_cost_per_token": 1, "windows":'
        ' [{"hours_utc": "01:00-02:00", "weekdays": [1, 2, 3, 4, 5, 6, 7]}]}'
    )

    assert prices(fields) == {"tiers/utc_0100_0200/text/prompt": "1"}


def test_what_multiplies_prices_is_shown_and_multiplied_into_nothing() -> None:
    assert prices(
        '"input_cost_per_token": 2, "provider_specific_entry": {"us": 1.1, "fast": 6,'
        ' "realtime_ga_only": 1, "reference": "x"}'
    ) == {
        "text/prompt": "2",
        "native/provider_specific_entry/us": "1.1",
        "native/provider_specific_entry/fast": "6",
    }


def test_a_multiplier_that_is_no_amount_is_flagged_where_it_stands() -> None:
    reading = read('"provider_specific_entry": {"us": -1.1}')

    assert kinds(reading.remarks) == [(FLAGGED, "/provider_specific_entry/us")]


def test_what_is_not_counted_in_dollars_is_no_price() -> None:
    fields = '"input_dbu_cost_per_token": 1.4e-06, "output_dbu_cost_per_token": null'

    assert prices(fields) == {}
    said = "counted in Databricks units, not in dollars"
    assert read(fields).remarks == [Remark(ABSENT, "m", "/input_dbu_cost_per_token", said)]


def test_the_noise_of_floats_is_cut_and_told() -> None:
    fields = '"input_cost_per_token": 1.5000020000000002e-05, "output_cost_per_token": 1.5e-5'

    assert prices(fields) == {"text/prompt": "0.00001500002", "text/completion": "0.000015"}
    assert kinds(read(fields).remarks) == [(SNAPPED, "/input_cost_per_token")]


def test_null_and_words_and_switches_are_no_prices() -> None:
    reading = read(
        '"input_cost_per_token": null, "price_varies_by_provider": true,'
        ' "pricing_note": "as described at length on the page of the provider, see there"'
    )

    assert reading.entries[0].document == {"id": "m", "type_target": "x"}
    assert kinds(reading.remarks) == [(NOT_UNDERSTOOD, "/pricing_note")]


def is_price(pointer: str) -> bool:
    top = pointer.split("/")[1]
    return is_priced(top) and not any(
        word in pointer for word in ("/range/", "/weekdays/", "/hours_utc")
    )


@given(st.data())
def test_no_price_is_lost(data: st.DataObject) -> None:
    entry, fresh = data.draw(changed(loads(ENTRY), is_price))
    entry |= fresh

    reading = litellm.read({"m": copy.deepcopy(entry)})

    assert lost(reading, reading.entries[0], entry, is_price) == []
