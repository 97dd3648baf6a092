"""LiteLLM's spend logs: details in the metadata; what cost nothing is listed, not priced."""

import csv
import json
from decimal import Decimal

import pytest

from tests.audit.conftest import MakePricer
from tests.audit.usage.formats.examples import (
    CLAUDE,
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

FILE = example("litellm-spendlogs.csv")
FIRST = {"prompt": 400, "cache_read": 600, "completion": 100, "reasoning": 200}
LAST = {
    "prompt": 400,
    "cache_read": 1600,
    "cache_write": 10,
    "cache_write_1h": 20,
    "completion": 300,
}


def documents() -> list[dict[str, object]]:
    """The rows of the example as objects, as the proxy's API gives them."""
    with FILE.open(encoding="utf-8", newline="") as stream:
        return [
            {n: json.loads(v) if n == "metadata" else v or None for n, v in row.items()}
            for row in csv.DictReader(stream)
        ]


def test_the_details_are_those_of_the_metadata() -> None:
    rows, reading = read(FILE)
    assert (reading.name, reading.ignored) == ("litellm-spendlogs", set())
    assert (used(rows[0]), used(rows[3])) == (FIRST, LAST)
    first = rows[0]
    assert use(first).time_text == "2026-03-05T10:11:12.345Z"
    assert use(first).reported == Decimal("0.003575")
    assert use(first).request == "req-1"
    assert use(first).labels == {"team": "team_1", "key": "hash_1", "user": "user_1"}


def test_what_charged_no_tokens_is_listed_and_says_why() -> None:
    rows, _ = read(FILE)
    assert "LiteLLM's own cache" in why(rows[1])
    assert "the request failed" in why(rows[2])


def test_its_total_is_what_the_tokens_cost(pricer_of: MakePricer) -> None:
    document = audited(pricer_of, FILE)
    assert costs(document) == [
        (cost(GPT, prompt=400, cache_read=600, completion=300), "observed"),
        (cost(CLAUDE, **LAST), "observed"),
    ]
    assert [each["line"] for each in document["unpriced"]] == [3, 4]


@pytest.mark.parametrize("name", ["logs.jsonl", "logs.json"])
def test_json_lines_and_the_apis_list_say_the_same(name: str) -> None:
    rows = documents()
    text = json.dumps(rows) if name == "logs.json" else "\n".join(map(json.dumps, rows))
    found, reading = text_of(name, text)
    assert reading.name == "litellm-spendlogs"
    assert (used(found[0]), used(found[3]), len(found)) == (FIRST, LAST, 4)


def test_a_failed_request_that_was_charged_is_priced() -> None:
    rows = documents()
    rows[0] |= {"status": "failure", "spend": "0.001"}
    free = rows[0] | {"request_id": "req-9", "spend": 0}
    found, _ = text_of("logs.jsonl", f"{json.dumps(rows[0])}\n{json.dumps(free)}")
    assert used(found[0]) == FIRST
    assert "the request failed" in why(found[1])


def test_a_finished_batch_is_one() -> None:
    rows = documents()
    rows[0] |= {"call_type": "aretrieve_batch"}
    found, _ = text_of("logs.jsonl", json.dumps(rows[0]))
    assert use(found[0]).service == "batch"
