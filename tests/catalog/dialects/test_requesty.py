"""Requesty's list: prices a token, the cache's of 0 absent, bands by the prompt's length."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.dialects import requesty
from pricetrail.catalog.dialects.readings import ABSENT, FLAGGED, NOT_UNDERSTOOD, Remark
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import loads
from tests.support.price_leaves import changed, kinds, lost

ENTRY = """{"id": "anthropic/claude-sonnet-5", "object": "model", "created": 1774656000,
    "description": "made up", "context_window": 200000, "max_output_tokens": 64000,
    "input_price": 3e-6, "output_price": 0.000015, "caching_price": 0.00000375,
    "cached_price": 3e-7, "supports_caching": true, "data_retention_days": 30,
    "pricing": [
      {"prompt_tokens_threshold": 0, "input_price": 3e-6, "output_price": 0.000015},
      {"prompt_tokens_threshold": 200000, "input_price": 6e-6, "output_price": 0.0000225,
       "cached_price": 6e-7}]}"""


def read(*entries: str) -> Any:
    return requesty.read(loads('{"object": "list", "data": [' + ",".join(entries) + "]}"))


def one(**fields: object) -> Any:
    entry = {"id": "m", **fields}
    return requesty.read(loads(json.dumps([entry])))


def test_a_model_is_read_with_its_bands() -> None:
    reading = read(ENTRY)

    assert [entry.document for entry in reading.entries] == [
        {
            "id": "anthropic/claude-sonnet-5",
            "created_at": "2026-03-28T00:00:00Z",
            "context_length": 200000,
            "pricing": {
                "kind": "token",
                "text": {"prompt": "0.000003", "completion": "0.000015"},
                "cache": {"write": "0.00000375", "read": "0.0000003"},
                "tiers": {
                    "over_200k": {
                        "text": {"prompt": "0.000006", "completion": "0.0000225"},
                        "cache": {"read": "0.0000006"},
                    }
                },
            },
        }
    ]
    assert reading.remarks == []
    assert reading.entries[0].native["supports_caching"] is True


def test_a_cache_for_nothing_is_none_and_a_free_model_is_free() -> None:
    reading = one(input_price=0, output_price=0, cached_price=0, caching_price=0.0)

    assert reading.entries[0].document["pricing"] == {
        "kind": "token",
        "text": {"prompt": "0", "completion": "0"},
    }
    assert kinds(reading.remarks) == [(ABSENT, "/cached_price"), (ABSENT, "/caching_price")]


def test_the_first_band_is_taken_where_it_differs() -> None:
    reading = one(input_price=1e-6, pricing=[{"prompt_tokens_threshold": 0, "input_price": 2e-6}])

    assert reading.entries[0].document["pricing"]["text"] == {"prompt": "0.000002"}
    assert kinds(reading.remarks) == [(NOT_UNDERSTOOD, "/input_price")]


def test_a_new_price_and_a_band_without_its_limit_stay_under_their_names() -> None:
    reading = one(image_price=0.04, pricing=[{"input_price": 2e-6}])

    assert reading.entries[0].document["pricing"]["native"] == {
        "image_price": "0.04",
        "pricing": {"0": {"input_price": "0.000002"}},
    }
    assert reading.remarks == [
        Remark(
            NOT_UNDERSTOOD,
            "m",
            "/pricing/0",
            "a band of prices without its prompt_tokens_threshold",
        )
    ]


def test_what_is_no_amount_is_flagged_where_it_stands() -> None:
    reading = read(
        '{"id": "m", "created": "soon", "a/b_price": -1, "pricing":'
        ' [{"prompt_tokens_threshold": 9, "a/b_price": -2, "input_price": -3},'
        ' {"input_price": -4}]}'
    )

    assert reading.entries[0].document["pricing"] == {
        "kind": "token",
        "tiers": {"over_9": {"native": {"a/b_price": "-2"}, "text": {"prompt": "-3"}}},
        "native": {"pricing": {"1": {"input_price": "-4"}}, "a/b_price": "-1"},
    }
    assert kinds(reading.remarks) == [
        (FLAGGED, "/pricing/0/a~1b_price"),
        (FLAGGED, "/pricing/0/input_price"),
        (NOT_UNDERSTOOD, "/pricing/1"),
        (FLAGGED, "/pricing/1/input_price"),
        (FLAGGED, "/a~1b_price"),
        (NOT_UNDERSTOOD, "/created"),
    ]


@pytest.mark.parametrize("body", ['{"data": {}}', "{}", "3", '"list"', "[3]", '[{"name": "x"}]'])
def test_what_is_no_list_is_refused(body: str) -> None:
    with pytest.raises(CatalogError, match=r"no list as requesty|not an object|without an id"):
        requesty.read(loads(body))


def is_price(pointer: str) -> bool:
    return "price" in pointer or "cost" in pointer


@given(st.data())
def test_no_price_is_lost(data: st.DataObject) -> None:
    entry, fresh = data.draw(changed(loads(ENTRY), is_price))
    entry |= fresh

    reading = requesty.read([copy.deepcopy(entry)])

    assert lost(reading, reading.entries[0], entry, is_price) == []
