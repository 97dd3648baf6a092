"""What APIs answer, read by its own shape: nothing is counted twice, nothing is lost."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.audit.usage.rows import BadRow, Row, UsageRow
from pricetrail.catalog.errors import PricetrailError

CHAT = {
    "prompt_tokens": 1000,
    "completion_tokens": 300,
    "total_tokens": 1300,
    "prompt_tokens_details": {"cached_tokens": 600, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 200,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 5,
        "rejected_prediction_tokens": 7,
    },
}
RESPONSES = {
    "input_tokens": 1000,
    "input_tokens_details": {"cached_tokens": 600},
    "output_tokens": 300,
    "output_tokens_details": {"reasoning_tokens": 200},
    "total_tokens": 1300,
}
ANTHROPIC = {
    "input_tokens": 400,
    "cache_creation_input_tokens": 30,
    "cache_read_input_tokens": 600,
    "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
    "output_tokens": 300,
    "service_tier": "standard",
    "server_tool_use": {"web_search_requests": 0},
}
# Reasoning is apart from the completion, as the total shows; what was cached is not.
APART = {
    "prompt_tokens": 1000,
    "completion_tokens": 100,
    "total_tokens": 1300,
    "prompt_tokens_details": {"cached_tokens": 600},
    "completion_tokens_details": {"reasoning_tokens": 200},
}
OPENAI_USED = {"prompt": 400, "cache_read": 600, "completion": 100, "reasoning": 200}
ANTHROPIC_USED = {
    "prompt": 400,
    "cache_read": 600,
    "cache_write": 10,
    "cache_write_1h": 20,
    "completion": 300,
}
ANSWERS = [
    (CHAT, OPENAI_USED),
    (RESPONSES, OPENAI_USED),
    (APART, OPENAI_USED),
    (ANTHROPIC, ANTHROPIC_USED),
]


def read(document: Any, style: str = "disjoint") -> Row:
    Path("answers.jsonl").write_text(json.dumps(document), encoding="utf-8")
    (found,) = UsageTable(Path("answers.jsonl"), ReadingOptions(style)).read()
    return found


def used(document: Any, style: str = "disjoint") -> dict[str, Decimal]:
    found = read(document, style)
    assert isinstance(found, UsageRow), found
    return {name: number for name, number in found.used.items() if number}


@pytest.mark.parametrize("style", ["disjoint", "openai"])
@pytest.mark.parametrize(("usage", "expected"), ANSWERS)
def test_an_answer_tells_its_own_style(usage: Any, expected: Any, style: str) -> None:
    answer = {
        "id": "x",
        "created": 1772704800,
        "model": "m",
        "choices": [{"message": {"content": "hi"}}],
        "temperature": 1.0,
        "max_output_tokens": 9,
        "prompt": "a text",
        "usage": usage,
    }
    assert used(answer, style) == expected
    assert used({"time": "2026-03-05T10:00:00Z", "model": "m"} | usage, style) == expected


def test_what_is_no_quantity_is_ignored_and_named() -> None:
    extra = {"cost": 0.01, "is_byok": False, "cost_details": {"upstream": 1}, "queue_time": 0.5}
    line = {"created": 1772704800, "model": "m", "system_fingerprint": "f", "usage": CHAT | extra}
    Path("a.jsonl").write_text(json.dumps(line))
    table = UsageTable(Path("a.jsonl"))
    assert len(list(table.read())) == 1
    named = {"system_fingerprint", "usage.is_byok", "usage.queue_time"}
    assert named <= table.ignored


def test_audio_of_either_side_is_a_quantity_of_its_own() -> None:
    usage = {
        "prompt_tokens": 1000,
        "completion_tokens": 300,
        "prompt_tokens_details": {"audio_tokens": 50},
        "completion_tokens_details": {"audio_tokens": 40},
    }
    assert used({"created": 1772704800, "model": "m", "usage": usage}) == {
        "prompt": 950,
        "completion": 260,
        "input_audio_tokens": 50,
        "output_audio_tokens": 40,
    }


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": 1000, "prompt_tokens_details": {"cached_tokens": 600}},
        {"prompt_tokens": 1000, "prompt_cache_hit_tokens": 600, "prompt_cache_miss_tokens": 400},
        {
            "prompt_tokens": 1000,
            "prompt_tokens_details": {"cached_tokens": 600},
            "cache_read_input_tokens": 600,
            "input_tokens": 1000,
        },
        {"prompt_tokens": 1000, "cached_tokens": 600, "total_tokens": 1000},
    ],
)
def test_what_is_said_in_several_ways_counts_once(usage: Any) -> None:
    line = {"created": 1772704800, "model": "m", "usage": usage}
    assert used(line) == {"prompt": 400, "cache_read": 600}


@pytest.mark.parametrize(
    ("usage", "why"),
    [
        ({"prompt_tokens": 1, "input_tokens": 2}, "mean the same"),
        (ANTHROPIC | {"cache_creation_input_tokens": 31}, "its parts add up to 30"),
        (None, "it has no quantity"),
    ],
)
def test_an_answer_that_contradicts_itself_has_no_price(usage: Any, why: str) -> None:
    found = read({"created": 1772704800, "model": "m", "usage": usage})
    assert isinstance(found, BadRow)
    assert why in found.why


def test_misspelt_tokens_of_an_answer_are_refused() -> None:
    with pytest.raises(PricetrailError, match="did you mean prompt_tokens"):
        read({"created": 1772704800, "model": "m", "usage": {"promt_tokens": 1}})


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    *(st.integers(0, 10**6) for _ in range(4)),
    st.booleans(),
    st.booleans(),
)
def test_a_total_proves_what_is_part_of_what(
    prompt: int, cached: int, completion: int, reasoning: int, inside: bool, within: bool
) -> None:
    row = {
        "prompt_tokens": prompt + (cached if inside else 0),
        "cached_tokens": cached,
        "completion_tokens": completion + (reasoning if within else 0),
        "reasoning_tokens": reasoning,
        "total_tokens": prompt + cached + completion + reasoning,
    }
    truth = {"prompt": prompt, "cache_read": cached, "completion": completion}
    truth |= {"reasoning": reasoning}
    found = used({"time": "2026-03-05T10:00:00Z", "model": "m"} | row) if any(row.values()) else {}
    if cached != reasoning:
        assert found == {name: number for name, number in truth.items() if number}


def test_columns_with_dotted_names_are_those_of_the_object() -> None:
    head = "created,model,usage.prompt_tokens,usage.prompt_tokens_details.cached_tokens"
    Path("u.csv").write_text(f"{head}\n1772704800,m,1000,600\n1772704800,m,1000,\n")
    first, second = UsageTable(Path("u.csv")).read()
    assert isinstance(first, UsageRow)
    assert isinstance(second, UsageRow)
    assert first.used == {"prompt": 400, "cache_read": 600}
    assert second.used == {"prompt": 1000}
