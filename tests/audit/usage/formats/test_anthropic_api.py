"""The pages of Anthropic's usage report, whatever the order of their members."""

import json
from pathlib import Path

from tests.audit.conftest import MakePricer
from tests.audit.usage.formats.examples import (
    CLAUDE,
    audited,
    cost,
    costs,
    example,
    read,
    text_of,
    use,
    used,
    why,
)

FILE = example("anthropic-api.json")
FIRST = {
    "prompt": 400000,
    "cache_write": 10000,
    "cache_write_1h": 20000,
    "cache_read": 600000,
    "completion": 30000,
}


def test_every_result_of_every_bucket_is_a_row() -> None:
    rows, reading = read(FILE)
    assert (reading.name, reading.ignored) == ("anthropic-api", set())
    assert [used(row) for row in rows] == [FIRST, {"prompt": 250000, "completion": 1000}]
    assert [use(row).service for row in rows] == ["", "batch"]
    assert use(rows[0]).labels == {"key": "apikey_1", "project": "wrkspc_1"}
    assert [use(row).prompts[0] for row in rows] == [0, 200_001]


def test_pages_of_costs_are_said_to_be_an_invoice() -> None:
    result = {"amount": "123.45", "currency": "USD", "model": "claude-x", "cost_type": "tokens"}
    bucket = {"starting_at": "2026-03-05T00:00:00Z", "ending_at": "2026-03-06T00:00:00Z"}
    (row,), _ = text_of("costs.json", json.dumps({"data": [bucket | {"results": [result]}]}))
    assert "give the file as --invoice" in why(row)


def test_its_total_is_what_the_tokens_cost(pricer_of: MakePricer) -> None:
    pages = json.loads(FILE.read_text(encoding="utf-8"))
    pages["data"][0]["results"].pop()
    text_of("page.json", json.dumps(pages))
    document = audited(pricer_of, Path("page.json"))
    assert costs(document) == [(cost(CLAUDE, **FIRST), "observed")]


def test_a_result_that_is_not_grouped_says_how_to_ask() -> None:
    pages = json.loads(FILE.read_text(encoding="utf-8"))
    pages["data"][0]["results"][0]["model"] = None
    rows, _ = text_of("page.json", json.dumps(pages))
    assert "group_by[]=model" in why(rows[0])
