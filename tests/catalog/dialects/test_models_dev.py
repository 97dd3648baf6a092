"""models.dev's file: a million tokens, tiers of which one has two names, modes as service tiers."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.dialects import models_dev
from pricetrail.catalog.dialects.readings import FLAGGED, NOT_UNDERSTOOD, SNAPPED, Remark
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import loads
from tests.support.price_leaves import changed, kinds, lost

COST = """{"input": 2, "output": 10.5, "reasoning": 12, "cache_read": 0.2, "cache_write": 2.5,
    "input_audio": 1, "output_audio": 12.75,
    "tiers": [{"input": 4, "output": 15, "tier": {"type": "context", "size": 272000}},
              {"input": 8, "input_audio": 3, "tier": {"size": 512000}}],
    "context_over_200k": {"input": 4, "output": 15}}"""
ENTRY = f"""{{"id": "gpt-9", "name": "GPT-9", "release_date": "2026-03-01",
    "last_updated": "2026-03-02", "status": "deprecated", "limit": {{"context": 400000,
    "output": 128000}}, "cost": {COST},
    "experimental": {{"modes": {{
      "fast": {{"cost": {{"input": 5}}, "provider": {{"body": {{"service_tier": "priority"}}}}}},
      "turbo": {{"cost": {{"input": 6, "output": 30}}}}}}}}}}"""


def read(entry: str) -> Any:
    body = f'{{"lab": {{"id": "lab", "npm": "x", "models": {{"a/b": {entry}}}}}}}'
    return models_dev.read(loads(body))


def priced(cost: str) -> Any:
    return read(f'{{"cost": {cost}}}').entries[0].document.get("pricing")


def test_a_model_is_read_with_its_tiers_and_modes() -> None:
    reading = read(ENTRY)

    assert reading.remarks == []
    assert reading.entries[0].native == loads(ENTRY)
    assert reading.entries[0].document == {
        "id": "lab/a/b",
        "display_name": "GPT-9",
        "created_at": "2026-03-01",
        "context_length": 400000,
        "pricing": {
            "kind": "token",
            "text": {
                "prompt": "0.000002",
                "completion": "0.0000105",
                "internal_reasoning": "0.000012",
            },
            "cache": {"read": "0.0000002", "write": "0.0000025"},
            "native": {"input_audio": "0.000001", "output_audio": "0.00001275"},
            "tiers": {
                "over_272k": {"text": {"prompt": "0.000004", "completion": "0.000015"}},
                "over_512k": {
                    "text": {"prompt": "0.000008"},
                    "native": {"input_audio": "0.000003"},
                },
                "priority": {"text": {"prompt": "0.000005"}},
                "turbo": {"text": {"prompt": "0.000006", "completion": "0.00003"}},
            },
        },
    }


@pytest.mark.parametrize(
    ("cost", "tiers"),
    [
        # Alone, it means what it is called.
        ('{"context_over_200k": {"input": 4}}', {"over_200k": "0.000004"}),
        # Beside a tier that it repeats, it is that tier, which begins elsewhere.
        (
            (
                '{"context_over_200k": {"input": 4},'
                ' "tiers": [{"input": 4, "tier": {"size": 256000}}]}'
            ),
            {"over_256k": "0.000004"},
        ),
        (
            (
                '{"context_over_200k": {"input": 3},'
                ' "tiers": [{"input": 4, "tier": {"size": 256000}}]}'
            ),
            {"over_200k": "0.000003", "over_256k": "0.000004"},
        ),
    ],
)
def test_the_older_name_of_a_tier(cost: str, tiers: dict[str, str]) -> None:
    found = priced(cost)["tiers"]

    assert found == {name: {"text": {"prompt": amount}} for name, amount in tiers.items()}


def test_where_both_names_of_one_limit_differ_the_newer_is_taken() -> None:
    reading = read(
        '{"cost": {"tiers": [{"input": 4, "tier": {"size": 200000}}],'
        ' "context_over_200k": {"input": 5}}}'
    )

    pricing = reading.entries[0].document["pricing"]
    assert pricing["tiers"] == {"over_200k": {"text": {"prompt": "0.000004"}}}
    assert kinds(reading.remarks) == [(NOT_UNDERSTOOD, "/cost/context_over_200k/input")]


def test_floats_lose_their_noise_and_nothing_else_is_cut() -> None:
    reading = read('{"cost": {"input": 0.30000000000000004, "output": 0.123456789012345}}')

    assert reading.entries[0].document["pricing"]["text"] == {
        "prompt": "0.0000003",
        "completion": "0.000000123456789012345",
    }
    assert kinds(reading.remarks) == [(SNAPPED, "/cost/input")]


def test_what_is_new_stays_as_it_is_written() -> None:
    reading = read(
        '{"cost": {"input": 1, "per_image": 0.04, "video": {"low": 2}, "context_over_200k": 3,'
        ' "tiers": [{"input": 2, "tier": {"type": "day", "size": 7}},'
        ' {"per_image": 0.02, "tier": {"size": 1}}]}}'
    )

    pricing = reading.entries[0].document["pricing"]
    assert pricing["native"] == {
        "per_image": "0.04",
        "video": {"low": "2"},
        "context_over_200k": "3",
        "tiers": {"0": {"input": "2", "tier": {"size": "7"}}},
    }
    assert pricing["tiers"] == {"over_1": {"native": {"per_image": "0.02"}}}
    said = "a tier of another kind: kept under its own name"
    assert reading.remarks == [Remark(NOT_UNDERSTOOD, "lab/a/b", "/cost/tiers/0", said)]


def test_what_is_no_amount_is_flagged_where_it_stands() -> None:
    reading = read(
        '{"cost": {"a/b": -1, "tiers": [{"input": -2, "tier": {"size": 9}},'
        ' {"input": -3, "tier": {"size": 0}}], "context_over_200k": {"input": -4}},'
        ' "experimental": {"modes": {"a/b": {"cost": {"input": -5}}, "flex":'
        ' {"cost": {"input": -6}}, "batch": {"cost": -7}}}}'
    )

    assert reading.entries[0].document["pricing"] == {
        "kind": "token",
        "native": {
            "a/b": "-1",
            "tiers": {"1": {"input": "-3", "tier": {"size": "0"}}},
            "modes": {"a/b": {"input": "-5"}, "batch": "-7"},
        },
        "tiers": {
            "over_9": {"text": {"prompt": "-2"}},
            "over_200k": {"text": {"prompt": "-4"}},
            "flex": {"text": {"prompt": "-6"}},
        },
    }
    assert kinds(reading.remarks) == [
        (FLAGGED, "/cost/tiers/0/input"),
        (NOT_UNDERSTOOD, "/cost/tiers/1"),
        (FLAGGED, "/cost/tiers/1/input"),
        (FLAGGED, "/cost/a~1b"),
        (FLAGGED, "/cost/context_over_200k/input"),
        (FLAGGED, "/experimental/modes/a~1b/cost/input"),
        (FLAGGED, "/experimental/modes/flex/cost/input"),
        (FLAGGED, "/experimental/modes/batch/cost"),
    ]
    assert kinds(read('{"cost": -8}').remarks) == [(FLAGGED, "/cost")]
    assert priced("8") == {"kind": "token", "native": {"cost": "8"}}


@pytest.mark.parametrize("entry", ["{}", '{"cost": null}', '{"cost": {}}', '{"limit": 3}', "[]"])
def test_a_model_without_prices_is_a_model(entry: str) -> None:
    assert [one.document for one in read(entry).entries] == [{"id": "lab/a/b"}]


@pytest.mark.parametrize("when", ["2026-03", "soon", "2026-25-11"])
def test_a_month_is_no_day(when: str) -> None:
    reading = read(f'{{"release_date": "{when}"}}')

    assert reading.entries[0].document == {"id": "lab/a/b"}
    assert kinds(reading.remarks) == [(NOT_UNDERSTOOD, "/release_date")]


def test_a_file_without_models_is_an_empty_list() -> None:
    assert models_dev.read(loads('{"lab": {"models": {}}}')).entries == []


@pytest.mark.parametrize(
    "body", ["[]", "{}", '{"error": {"message": "no"}}', '{"lab": {"models": []}}', "7"]
)
def test_what_is_not_the_file_is_refused(body: str) -> None:
    with pytest.raises(CatalogError) as refused:
        models_dev.read(loads(body))
    assert str(refused.value) == "not models.dev's file: no provider with `models` in it"


def is_price(pointer: str) -> bool:
    return "/cost/" in pointer and not pointer.endswith("/size")


@given(st.data())
def test_no_price_is_lost(data: st.DataObject) -> None:
    entry, fresh = data.draw(changed(loads(ENTRY), is_price))
    entry["cost"] |= fresh

    reading = models_dev.read({"lab": {"models": {"m": copy.deepcopy(entry)}}})

    assert lost(reading, reading.entries[0], entry, is_price) == []
