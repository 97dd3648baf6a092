"""The pages of OpenAI's usage API."""

import json
from pathlib import Path

from tests.audit.conftest import MakePricer
from tests.audit.usage.formats.examples import (
    GPT,
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

FILE = example("openai-api.json")


def test_every_result_of_every_bucket_is_a_row() -> None:
    rows, reading = read(FILE)
    assert reading.name == "openai-api"
    assert [used(row) for row in rows[:2]] == [
        {"requests": 12, "prompt": 30000, "cache_read": 60000, "completion": 3000},
        {"requests": 4, "prompt": 20000, "completion": 800},
    ]
    assert [use(row).service for row in rows[:2]] == ["", "batch"]
    assert [row.line for row in rows] == [1, 2, 3]


def test_a_result_without_a_model_says_how_to_ask() -> None:
    rows, _ = read(FILE)
    assert 'group_by=["model"]' in why(rows[2])


def test_pages_of_costs_are_said_to_be_an_invoice() -> None:
    amount = {"value": 1.5, "currency": "usd"}
    result = {"object": "organization.costs.result", "amount": amount, "line_item": "gpt-5, input"}
    bucket = {"object": "bucket", "start_time": 1772668800, "end_time": 1772755200}
    page = {"object": "page", "data": [bucket | {"results": [result]}]}
    (row,), _ = text_of("costs.json", json.dumps(page))
    assert "give the file as --invoice" in why(row)


def test_its_total_is_what_the_tokens_cost(pricer_of: MakePricer) -> None:
    pages = json.loads(FILE.read_text(encoding="utf-8"))
    pages["data"][0]["results"].pop()
    text_of("page.json", json.dumps(pages))
    document = audited(pricer_of, Path("page.json"))
    assert costs(document) == [
        (cost(GPT, prompt=30000, cache_read=60000, completion=3000), "observed")
    ]


def test_several_pages_may_follow_each_other_a_line_each_or_not() -> None:
    page = json.loads(FILE.read_text(encoding="utf-8"))
    for name, indent in (("pages.jsonl", None), ("pages.json", 1), ("pages", None)):
        text = f"{json.dumps(page, indent=indent)}\n" * 3
        rows, reading = text_of(name, text)
        assert (len(rows), reading.name) == (9, "openai-api"), name
    rows, _ = text_of("buckets.jsonl", "\n".join(map(json.dumps, page["data"])))
    assert len(rows) == 3
