"""LiteLLM's map and a proxy's list: which entries are models, and under which ids."""

import json
import time
from typing import Any

import pytest

from pricetrail.catalog.dialects import litellm
from pricetrail.catalog.dialects.readings import APART, FLAGGED, NOT_UNDERSTOOD, Remark
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.strict_json import dumps, loads
from tests.support.price_leaves import kinds

MAP = """{
    "sample_spec": {"mode": "one of: chat, embedding", "input_cost_per_token": 0.0,
        "deprecation_date": "date when the model becomes deprecated"},
    "gpt-9": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 272000,
        "max_output_tokens": 128000, "input_cost_per_token": 3e-06,
        "output_cost_per_token": 1.5e-05, "deprecation_date": "2027-06-25", "rpm": 500},
    "gpt-latest": {"alias_of": "gpt-9"},
    "fallback_generalizations": {"rules": [{"name": "x", "model_info": {"cost": 1}}]}}"""


def read(body: str) -> Any:
    return litellm.read(loads(body))


def proxy(*deployments: dict[str, Any]) -> Any:
    return read(json.dumps({"data": deployments}))


def deployment(name: str, number: str | None = None, **info: object) -> dict[str, Any]:
    return {
        "model_name": name,
        "litellm_params": {"model": "openai/gpt-9", "api_base": "https://secret.example"},
        "model_info": {**({"id": number} if number else {}), **info},
    }


def test_the_map_is_read_without_what_is_no_model() -> None:
    reading = read(MAP)

    document = {
        "id": "gpt-9",
        "type_target": "openai",
        "context_length": 272000,
        "sunset_at": "2027-06-25",
        "pricing": {"kind": "token", "text": {"prompt": "0.000003", "completion": "0.000015"}},
    }
    # Another name of a model has its prices, and changes with them.
    assert [entry.document for entry in reading.entries] == [
        document,
        {**document, "id": "gpt-latest"},
    ]
    assert reading.remarks == []
    assert reading.entries[1].native == {"alias_of": "gpt-9"}


@pytest.mark.parametrize(
    "body",
    [
        '{"a": {"alias_of": "a"}, "b": {"mode": "chat"}}',
        '{"a": {"alias_of": "b"}, "b": {"mode": "chat", "alias_of": "a"}}',
        '{"a": {"alias_of": "gone"}, "b": {"mode": "chat"}}',
        '{"a": {"alias_of": 3}, "b": {"mode": "chat"}}',
    ],
)
def test_a_name_of_nothing_is_a_model_without_prices(body: str) -> None:
    assert [entry.document for entry in read(body).entries] == [{"id": "a"}, {"id": "b"}]


def test_what_an_alias_says_itself_comes_first() -> None:
    reading = read(
        '{"a": {"alias_of": "b", "input_cost_per_token": 2}, "b": {"input_cost_per_token": 1,'
        ' "output_cost_per_token": 4}}'
    )

    text = {"prompt": "2", "completion": "4"}
    assert reading.entries[0].document["pricing"]["text"] == text


def test_a_date_that_is_none_and_an_entry_that_is_none_are_told() -> None:
    reading = read('{"m": {"mode": "chat", "deprecation_date": "soon"}, "version": 3}')

    assert [entry.document for entry in reading.entries] == [{"id": "m"}]
    assert reading.remarks == [
        Remark(NOT_UNDERSTOOD, "m", "/deprecation_date", "'soon' is no time"),
        Remark(NOT_UNDERSTOOD, "version", "", "no object, and so no model"),
    ]


def test_a_proxys_list_is_read_and_its_parameters_stay_out() -> None:
    given = deployment("fast", "7", input_cost_per_token=1e-06, output_cost_per_token=None, key="k")
    given["litellm_params"] |= {
        "api_key": "sk-secret-1",
        "cost_center_key": "secret-2",
        "output_cost_per_token": 2e-06,
    }
    given["model_info"] |= {"litellm_provider": "azure", "max_input_tokens": 8000}

    reading = proxy(given)

    assert reading.entries[0].native == loads(json.dumps(given))
    document = reading.entries[0].document
    assert document == {
        "id": "fast",
        "type_target": "azure",
        "context_length": 8000,
        "pricing": {"kind": "token", "text": {"prompt": "0.000001", "completion": "0.000002"}},
    }
    assert "secret" not in dumps(document)
    assert reading.remarks == []


def test_a_price_that_the_operator_set_goes_before_that_of_the_map() -> None:
    given = deployment("m", input_cost_per_token=1e-06)
    given["litellm_params"]["input_cost_per_token"] = "5e-7"

    assert proxy(given).entries[0].document["pricing"]["text"] == {"prompt": "5e-7"}


def test_what_is_said_of_a_deployment_names_where_it_stands() -> None:
    given = deployment("m", input_cost_per_token="x1", deprecation_date="soon")
    given["litellm_params"]["output_cost_per_token"] = -1
    given["model_info"]["off_peak_pricing"] = {"input_cost_per_token": 1}
    given["litellm_params"]["tiered_pricing"] = [{"range": [0, 1], "input_cost_per_token": -2}]

    assert set(kinds(proxy(given).remarks)) == {
        (FLAGGED, "/litellm_params/tiered_pricing/0/input_cost_per_token"),
        (APART, "/model_info/off_peak_pricing"),
        (NOT_UNDERSTOOD, "/model_info/input_cost_per_token"),
        (FLAGGED, "/model_info/input_cost_per_token"),
        (NOT_UNDERSTOOD, "/model_info/deprecation_date"),
    }


def test_several_deployments_of_one_name_are_told_apart_by_their_ids() -> None:
    reading = proxy(
        deployment("a", "1"), deployment("b", "2"), deployment("a", "3"), deployment("a", "4")
    )

    assert [entry.document["id"] for entry in reading.entries] == ["a", "b", "a#3", "a#4"]


def test_every_deployment_has_an_id_of_its_own_whatever_they_are_called() -> None:
    names = [("a", "3"), ("a", "3"), ("a", "3"), ("a#3", "9"), ("a", None), ("a", None)]
    reading = proxy(*(deployment(name, number) for name, number in names))

    ids = [entry.document["id"] for entry in reading.entries]
    assert ids == ["a", "a#3#2", "a#3#3", "a#3", "a#2", "a#2#2"]


_NEITHER = "neither LiteLLM's price map nor a proxy's `/model/info`"
_NAMELESS = "a deployment without its `model_name`"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("{}", _NEITHER),
        ("3", _NEITHER),
        ('{"error": {"message": "Authentication Error", "code": "401"}}', _NEITHER),
        ('{"detail": "Not Found"}', _NEITHER),
        ('{"data": [{"model_info": {}}]}', _NAMELESS),
        ('{"data": [3]}', _NAMELESS),
        (
            '{"data": [{"model_name": "a", "model_info": {}}], "total_count": 2, "size": 1}',
            "truncated: 1 of 2 deployments; take `/model/info` as the `url`",
        ),
    ],
)
def test_what_is_neither_is_refused(body: str, why: str) -> None:
    with pytest.raises(CatalogError) as refused:
        read(body)
    assert str(refused.value) == why


@pytest.mark.parametrize(
    "body",
    [
        '{"m": {"litellm_provider": "x"}}',
        '{"m": {"mode": "chat"}}',
        '{"m": {"input_cost_per_token": 1}}',
        '{"m": {}, "n": {"mode": null}}',
    ],
)
def test_a_map_is_known_by_what_a_model_says(body: str) -> None:
    assert read(body).entries[0].document["id"] == "m"


def test_a_whole_list_of_a_proxy_may_say_its_length() -> None:
    assert len(read('{"data": [{"model_name": "a"}], "total_count": 1}').entries) == 1
    assert read('[{"model_name": "a"}]').entries[0].document == {"id": "a"}


def test_aliases_of_aliases_are_followed_eight_times() -> None:
    chain: dict[str, Any] = {f"m{n}": {"alias_of": f"m{n + 1}"} for n in range(9)}
    chain["m9"] = {"mode": "chat", "input_cost_per_token": 2}

    priced = ["pricing" in entry.document for entry in read(json.dumps(chain)).entries]

    assert priced == [False] + 9 * [True]


def test_aliases_that_would_fill_the_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = {"mode": "chat"} | {f"cost_{n}": n for n in range(100)}
    aliases = {f"a{n}": {"alias_of": "m"} for n in range(10)}
    body = json.dumps({"m": wide} | aliases)
    monkeypatch.setattr(litellm, "_MOST_TAKEN", 1020)
    assert len(read(body).entries) == 11
    monkeypatch.setattr(litellm, "_MOST_TAKEN", 1019)
    with pytest.raises(CatalogError) as refused:
        read(body)
    assert str(refused.value) == "its aliases stand for more fields than a list of prices has"


def test_many_deployments_of_one_name_and_id_take_no_time() -> None:
    deployment = {"model_name": "m", "model_info": {"id": "x"}}
    began = time.process_time()

    reading = proxy(*(12_000 * [deployment]))

    assert [entry.document["id"] for entry in reading.entries[:4]] == ["m", "m#x", "m#x#2", "m#x#3"]
    # Each against each, as names were once found, takes ten seconds.
    assert time.process_time() - began < 4
