"""OpenRouter's log: a row a request, times of UTC, variants that are models of their own."""

from decimal import Decimal

from tests.audit.conftest import MakePricer
from tests.audit.usage.formats.examples import GPT, audited, cost, costs, example, read, use, used

FILE = example("openrouter-generations.csv")


def test_cached_and_reasoning_tokens_are_part_of_their_wholes() -> None:
    rows, reading = read(FILE)
    assert (reading.name, reading.ignored) == ("openrouter-generations", set())
    assert [used(row) for row in rows] == [
        {"prompt": 400, "cache_read": 600, "completion": 100, "reasoning": 200},
        {"prompt": 1000},
        {"prompt": 1000, "completion": 300},
    ]


def test_rows_say_request_cost_instant_and_whose_they_are() -> None:
    rows, _ = read(FILE)
    told = [(row.request, row.reported, row.time_text) for row in map(use, rows)]
    assert told == [
        ("gen-1772705472-a", Decimal("0.004325"), "2026-03-05T10:11:12.345Z"),
        ("gen-1772705473-b", Decimal("0.00125"), "2026-03-05T10:11:13.001Z"),
        ("gen-1772705474-c", 0, "2026-03-05T10:11:14Z"),
    ]
    labels = {"key": "key one", "user": "user_1", "project": "the app"}
    assert use(rows[0]).labels == labels


def test_a_free_variant_is_a_model_of_its_own() -> None:
    rows, _ = read(FILE)
    assert [row.model for row in rows] == ["openai/gpt-5", "openai/gpt-5", "openai/gpt-oss:free"]


def test_its_total_is_what_the_tokens_cost(pricer_of: MakePricer) -> None:
    document = audited(pricer_of, FILE)
    assert costs(document) == [
        (cost(GPT, prompt=400, cache_read=600, completion=300), "observed"),
        (cost(GPT, prompt=1000), "observed"),
    ]
    assert [each["line"] for each in document["unpriced"]] == [4]
