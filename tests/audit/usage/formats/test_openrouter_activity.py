"""OpenRouter's activity: days, reasoning as part of the completion, and what others charged."""

import json
from decimal import Decimal

import pytest

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
)

FILE = example("openrouter-activity.csv")
PAGE = (
    "Date,Slug,Usage,BYOK Usage,Requests,Prompt Tokens,Completion Tokens,Reasoning Tokens\n"
    '"2026-03-05 00:00:00","openai/gpt-5","0.1425","0","12","90000","3000","1000"\n'
)


def test_reasoning_is_part_of_the_completion_and_both_costs_were_paid() -> None:
    rows, reading = read(FILE)
    assert (reading.name, reading.ignored) == ("openrouter-activity", set())
    assert [used(row) for row in rows] == [
        {"requests": 12, "prompt": 90000, "completion": 2000, "reasoning": 1000},
        {"requests": 2, "prompt": 20000, "completion": 800},
    ]
    paid = [use(row).reported for row in rows]
    assert paid == [Decimal("0.1425"), Decimal("0.0335")]


def test_its_total_is_what_the_tokens_cost(pricer_of: MakePricer) -> None:
    assert costs(audited(pricer_of, FILE)) == [
        (cost(GPT, prompt=90000, completion=3000), "observed"),
        (cost(GPT, prompt=20000, completion=800), "observed"),
    ]


@pytest.mark.parametrize("name", ["page.csv", "api.json"])
def test_the_page_and_the_api_say_the_same(name: str) -> None:
    item = dict(zip(FILE.read_text().splitlines()[0].split(","), range(11), strict=True)) | {
        "date": "2026-03-05",
        "model": "openai/gpt-5",
        "usage": 0.1425,
        "byok_usage_inference": 0,
        "requests": 12,
        "prompt_tokens": 90000,
        "completion_tokens": 3000,
        "reasoning_tokens": 1000,
        "provider_name": "OpenAI",
    }
    (row,), reading = text_of(name, PAGE if name == "page.csv" else json.dumps({"data": [item]}))
    assert reading.name == "openrouter-activity"
    assert used(row) == {"requests": 12, "prompt": 90000, "completion": 2000, "reasoning": 1000}
    assert use(row).time_text == "2026-03-05"
    assert use(row).reported == Decimal("0.1425")
