"""Vercel's list: strings a token, bands, service tiers, and what images and video cost."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.dialects import vercel
from pricetrail.catalog.dialects.readings import APART, FLAGGED, NOT_UNDERSTOOD, Remark
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import loads
from tests.support.price_leaves import changed, kinds, lost

ENTRY = """{"id": "google/gemini-9", "object": "model", "created": 1755815280,
    "released": 1763424000, "owned_by": "google", "name": "Gemini 9", "type": "language",
    "context_window": 1000000, "max_tokens": 64000, "tags": ["reasoning"],
    "deprecated_at": 1798675200000,
    "pricing": {
      "input": "0.000002",
      "input_tiers": [{"cost": "0.000002", "min": 0, "max": 200001},
                      {"cost": "0.0000040", "min": 200001}],
      "output": "0.000012",
      "output_tiers": [{"cost": "0.000012", "max": 272000}, {"cost": "0.000018", "min": 272000}],
      "input_cache_read": "2e-7", "input_cache_write": "0.0000025",
      "web_search": "0.014", "audio_input_token_cost": "0.000001",
      "fast": {"input": "0.00001"},
      "service_tiers": {"priority": {"input": "0.0000036", "output": "0.0000216",
          "long_context": {"threshold": 200000, "input": "0.0000072"}}},
      "regional": {"eu": {"input": "0.0000022"}}}}"""


def read(pricing: str) -> Any:
    return vercel.read(loads(f'[{{"id": "m", "type": "language", "pricing": {pricing}}}]'))


def priced(pricing: str) -> Any:
    return read(pricing).entries[0].document.get("pricing")


def test_a_model_is_read_with_its_bands_and_tiers() -> None:
    reading = vercel.read(loads(f'{{"object": "list", "data": [{ENTRY}]}}'))

    assert reading.entries[0].document == {
        "id": "google/gemini-9",
        "display_name": "Gemini 9",
        "created_at": "2025-08-21T22:28:00Z",
        "context_length": 1000000,
        "sunset_at": "2026-12-31T00:00:00Z",
        "pricing": {
            "kind": "token",
            # Strings stay as they are written.
            "text": {"prompt": "0.000002", "completion": "0.000012"},
            "cache": {"read": "2e-7", "write": "0.0000025"},
            "native": {
                "web_search": "0.014",
                "audio_input_token_cost": "0.000001",
                "regional": {"eu": {"input": "0.0000022"}},
            },
            "tiers": {
                "over_200k": {"text": {"prompt": "0.0000040"}},
                "over_272k": {"text": {"completion": "0.000018"}},
                "fast": {"text": {"prompt": "0.00001"}},
                "priority": {
                    "text": {"prompt": "0.0000036", "completion": "0.0000216"},
                    "over_200k": {"text": {"prompt": "0.0000072"}},
                },
            },
        },
    }
    assert reading.remarks == []
    assert reading.entries[0].native == loads(ENTRY)


def test_a_date_that_is_none_is_told() -> None:
    reading = vercel.read(loads('[{"id": "m", "created": "soon"}]'))

    assert kinds(reading.remarks) == [(NOT_UNDERSTOOD, "/created")]


@pytest.mark.parametrize(
    ("first", "named"),
    [
        (200000, "over_200k"),
        (200001, "over_200k"),
        (32769, "over_32768"),
        (32768, "over_32768"),
        (128000, "over_128k"),
        (5000000, "over_5000k"),
        (1500, "over_1500"),
    ],
)
def test_a_band_is_named_for_the_limit_that_it_begins_at_or_behind(first: int, named: str) -> None:
    tiers = priced(f'{{"input_tiers": [{{"cost": "1"}}, {{"cost": "2", "min": {first}}}]}}')

    assert tiers["text"] == {"prompt": "1"}
    assert tiers["tiers"] == {named: {"text": {"prompt": "2"}}}


@pytest.mark.parametrize("least", ["", ', "min": 0', ', "min": 1'])
def test_the_first_band_is_the_usual_price_and_goes_before_the_headline(least: str) -> None:
    reading = read(f'{{"input": "3", "input_tiers": [{{"cost": "1"{least}}}]}}')

    assert reading.entries[0].document["pricing"]["text"] == {"prompt": "1"}
    assert kinds(reading.remarks) == [(NOT_UNDERSTOOD, "/pricing/input")]


def test_images_and_speech_have_their_places() -> None:
    assert priced('{"image": "0.04"}') == {
        "kind": "generation",
        "generation": {"image": {"per_image": "0.04"}},
    }
    assert priced('{"transcription_duration_cost_per_second": "0.0001"}') == {
        "kind": "generation",
        "generation": {"audio": {"per_second": "0.0001"}},
    }
    assert priced(
        '{"image_dimension_quality_pricing": [{"size": "1024x1024", "quality": "high",'
        ' "cost": "0.1"}, {"size": "default", "cost": "0.05"}, {"cost": "0.02"}]}'
    )["native"] == {
        "image_dimension_quality_pricing": {
            "high_1024x1024": {"cost": "0.1"},
            "default": {"cost": "0.05"},
            "2": {"cost": "0.02"},
        }
    }


def test_video_by_the_second_depends_on_the_sound_or_on_more() -> None:
    assert priced(
        '{"video_duration_pricing": [{"cost_per_second": "0.1", "audio": false},'
        ' {"cost_per_second": "0.2", "audio": true}]}'
    ) == {
        "kind": "generation",
        "generation": {"video": {"per_second": "0.1", "per_second_with_audio": "0.2"}},
    }
    by_size = (
        '{"cost_per_second": "0.1", "resolution": "720p", "audio": true}',
        '{"cost_per_second": "0.3", "resolution": "1080p", "audio": false}',
    )
    one, other = (
        priced(f'{{"video_duration_pricing": [{",".join(order)}]}}')
        for order in (by_size, reversed(by_size))
    )
    assert one == other
    assert one["native"]["video_duration_pricing"] == {
        "audio_720p": {"cost_per_second": "0.1"},
        "no_audio_1080p": {"cost_per_second": "0.3"},
    }


def test_two_clips_of_one_kind_are_kept_by_their_names() -> None:
    reading = read('{"video_duration_pricing": [{"cost_per_second": -1}, {"cost_per_second": 2}]}')

    assert reading.entries[0].document["pricing"]["native"] == {
        "video_duration_pricing": {"0": {"cost_per_second": "-1"}, "1": {"cost_per_second": "2"}}
    }
    field = "/pricing/video_duration_pricing/0/cost_per_second"
    assert kinds(reading.remarks) == [(FLAGGED, field)]


def test_a_headline_is_said_to_be_one() -> None:
    reading = read('{"input": "1", "varies_by_provider": true}')

    assert reading.remarks == [
        Remark(
            APART,
            "m",
            "/pricing/varies_by_provider",
            "its providers differ: these prices are a headline",
        )
    ]
    assert not read('{"input": "1", "varies_by_provider": false}').remarks
    assert priced("{}") is None


def test_what_a_band_and_a_long_context_say_besides_is_kept_on_their_condition() -> None:
    pricing = priced(
        '{"input_tiers": [{"cost": "1"}, {"cost": "2", "min": 128000, "step": "0.5"}],'
        ' "service_tiers": {"flex": {"input": "3", "long_context": {"input": "4"}}}}'
    )

    assert pricing["text"] == {"prompt": "1"}
    # Without a threshold nobody knows where a long context begins: it has no price by its place.
    assert pricing["tiers"] == {
        "over_128k": {"text": {"prompt": "2"}, "native": {"input": {"step": "0.5"}}},
        "flex": {"text": {"prompt": "3"}, "native": {"long_context": {"input": "4"}}},
    }


def test_what_is_no_band_and_no_service_tier_stays_under_its_name() -> None:
    reading = read(
        '{"input_tiers": [{"cost": "1", "min": "x"}, {"cost": "2", "min": -1}],'
        ' "service_tiers": {"Very Fast": {"input": "2"}, "flex": "3"}}'
    )

    assert reading.entries[0].document["pricing"]["native"] == {
        "input_tiers": {"0": {"cost": "1"}, "1": {"cost": "2", "min": "-1"}},
        "service_tiers": {"Very Fast": {"input": "2"}, "flex": "3"},
    }
    no_tier = "no service tier: kept under its own name"
    assert [each for each in reading.remarks if each.kind != FLAGGED] == [
        Remark(NOT_UNDERSTOOD, "m", f"/pricing/{field}", said)
        for field, said in (
            ("input_tiers/0", "a band of prices that begins nowhere"),
            ("input_tiers/1", "a band of prices that begins nowhere"),
            ("service_tiers/Very Fast", no_tier),
            ("service_tiers/flex", no_tier),
        )
    ]


def test_what_is_no_amount_is_flagged_where_it_stands() -> None:
    reading = read(
        '{"a/b": -1, "input_tiers": [{"min": "x", "cost": -2}, {"min": 9, "cost": -3, "a/b": -4}],'
        ' "service_tiers": {"flex": {"input": -5, "long_context": {"threshold": 1, "a/b": -6}},'
        ' "batch": {"long_context": {"threshold": 0, "input": -7}, "output": -8}, "a/b":'
        ' {"x": -9}}, "fast": {"input": -10}, "video_duration_pricing": [{"cost_per_second": -11}]}'
    )

    assert reading.entries[0].document["pricing"] == {
        "kind": "token",
        "native": {
            "input_tiers": {"0": {"cost": "-2"}},
            "a/b": "-1",
            "service_tiers": {"a/b": {"x": "-9"}},
        },
        "tiers": {
            "over_9": {"text": {"prompt": "-3"}, "native": {"input": {"a/b": "-4"}}},
            "flex": {"text": {"prompt": "-5"}, "over_1": {"native": {"a/b": "-6"}}},
            "batch": {
                "native": {"long_context": {"threshold": "0", "input": "-7"}},
                "text": {"completion": "-8"},
            },
            "fast": {"text": {"prompt": "-10"}},
        },
        "generation": {"video": {"per_second": "-11"}},
    }
    above = "/pricing/service_tiers"
    assert kinds(reading.remarks) == [
        (NOT_UNDERSTOOD, "/pricing/input_tiers/0"),
        (FLAGGED, "/pricing/input_tiers/0/cost"),
        (FLAGGED, "/pricing/input_tiers/1/cost"),
        (FLAGGED, "/pricing/input_tiers/1/a~1b"),
        (FLAGGED, "/pricing/a~1b"),
        (FLAGGED, f"{above}/flex/input"),
        (FLAGGED, f"{above}/flex/long_context/a~1b"),
        (FLAGGED, f"{above}/batch/long_context/input"),
        (FLAGGED, f"{above}/batch/output"),
        (NOT_UNDERSTOOD, f"{above}/a~1b"),
        (FLAGGED, f"{above}/a~1b/x"),
        (FLAGGED, "/pricing/fast/input"),
        (FLAGGED, "/pricing/video_duration_pricing/0/cost_per_second"),
    ]


@pytest.mark.parametrize("body", ['{"error": {"message": "no"}}', "null", '[{"id": ""}]'])
def test_what_is_no_list_is_refused(body: str) -> None:
    with pytest.raises(CatalogError, match=r"no list as vercel|without an id"):
        vercel.read(loads(body))


def is_price(pointer: str) -> bool:
    return pointer.startswith("/pricing/") and not pointer.endswith(("/min", "/max", "/threshold"))


@given(st.data())
def test_no_price_is_lost(data: st.DataObject) -> None:
    entry, fresh = data.draw(changed(loads(ENTRY), is_price))
    entry["pricing"] |= fresh

    reading = vercel.read([copy.deepcopy(entry)])

    assert lost(reading, reading.entries[0], entry, is_price) == []
