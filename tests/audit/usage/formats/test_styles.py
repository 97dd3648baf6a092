"""The same usage, written as each format writes it, is the same: nothing twice, nothing lost."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.audit.usage.formats.examples import read, used


class Used(NamedTuple):
    """Disjoint quantities of one request."""

    prompt: int
    cache_read: int
    cache_write: int
    cache_write_1h: int
    completion: int
    reasoning: int

    @property
    def input(self) -> int:
        """All that was read."""
        return self.prompt + self.cache_read + self.cache_write + self.cache_write_1h

    @property
    def output(self) -> int:
        """All that was written."""
        return self.completion + self.reasoning

    @property
    def writes(self) -> int:
        """All that went to the cache."""
        return self.cache_write + self.cache_write_1h


AMOUNTS = st.builds(Used, *(st.integers(0, 10**6) for _ in range(6)))
# What a format cannot say goes with what it is charged like.
FEWER = {"completion": ("reasoning",), "cache_write": ("cache_write_1h",)}


def _csv(**cells: object) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([cells.keys(), cells.values()])
    return out.getvalue()


def _openai(u: Used) -> str:
    return _csv(
        start_time=1772668800,
        end_time=1772755200,
        num_model_requests=1,
        model="m",
        input_tokens=u.input,
        output_tokens=u.output,
        input_cached_tokens=u.cache_read,
        input_cache_write_tokens=u.writes,
    )


def _anthropic(u: Used) -> str:
    return _csv(
        usage_date_utc="2026-03-05",
        model_version="m",
        usage_input_tokens_no_cache=u.prompt,
        usage_output_tokens=u.output,
        usage_input_tokens_cache_write_5m=u.cache_write,
        usage_input_tokens_cache_write_1h=u.cache_write_1h,
        usage_input_tokens_cache_read=u.cache_read,
    )


def _daily(u: Used) -> str:
    return _csv(
        date="2026-03-05",
        model="m",
        api_requests=1,
        spend=0.5,
        prompt_tokens=u.input,
        completion_tokens=u.output,
        cache_read_input_tokens=u.cache_read,
        cache_creation_input_tokens=u.writes,
    )


def _kinds(u: Used) -> dict[str, int]:
    short, long = u.cache_write, u.cache_write_1h
    return {"ephemeral_5m_input_tokens": short, "ephemeral_1h_input_tokens": long}


def _spendlogs(u: Used) -> str:
    whole = {"prompt_tokens": u.input, "completion_tokens": u.output}
    whole |= {"total_tokens": u.input + u.output}
    kinds = {
        "ephemeral_5m_input_tokens": u.cache_write,
        "ephemeral_1h_input_tokens": u.cache_write_1h,
    }
    prompt = {"cached_tokens": u.cache_read, "cache_creation_tokens": u.writes}
    usage: dict[str, object] = {
        **whole,
        "prompt_tokens_details": prompt | {"cache_creation_token_details": kinds},
        "completion_tokens_details": {"reasoning_tokens": u.reasoning},
        "cache_read_input_tokens": u.cache_read,
    }
    row = {"request_id": "r", "call_type": "acompletion", "spend": 0.5, "model": "m"}
    row |= {"startTime": "2026-03-05 10:00:00", **whole}
    return _csv(**row, metadata=json.dumps({"usage_object": usage}))


def _langfuse(u: Used, *, apart: bool) -> str:
    details = {
        "input": u.prompt if apart else u.input,
        "input_cached_tokens": u.cache_read,
        "input_cache_creation_5m": u.cache_write,
        "input_cache_creation_1h": u.cache_write_1h,
        "output": u.completion if apart else u.output,
        "output_reasoning": u.reasoning,
        "total": u.input + u.output,
    }
    row = {"id": "o", "start_time": "2026-03-05 10:00:00", "provided_model_name": "m"}
    return json.dumps(row | {"usage_details": details, "total_cost": 0.5})


def _ccusage(u: Used) -> str:
    counts = {"inputTokens": u.prompt, "outputTokens": u.output}
    counts |= {"cacheCreationTokens": u.writes, "cacheReadTokens": u.cache_read}
    day = {"date": "2026-03-05", **counts, "totalTokens": u.input + u.output}
    return json.dumps({"daily": [day | {"modelBreakdowns": [{"modelName": "m", **counts}]}]})


def _answer(u: Used) -> str:
    usage = {
        "input_tokens": u.input,
        "output_tokens": u.output,
        "input_tokens_details": {"cached_tokens": u.cache_read, "cache_write_tokens": u.writes},
        "output_tokens_details": {"reasoning_tokens": u.reasoning},
        "total_tokens": u.input + u.output,
    }
    return json.dumps({"id": "r", "created_at": 1772704800, "model": "m", "usage": usage})


def _anthropic_answer(u: Used) -> str:
    kinds = {
        "ephemeral_5m_input_tokens": u.cache_write,
        "ephemeral_1h_input_tokens": u.cache_write_1h,
    }
    usage: dict[str, object] = {"input_tokens": u.prompt, "output_tokens": u.output}
    usage |= {"cache_read_input_tokens": u.cache_read, "cache_creation_input_tokens": u.writes}
    line = {"id": "m", "time": "2026-03-05T10:00:00Z", "model": "m"}
    return json.dumps(line | {"usage": usage | {"cache_creation": kinds}})


# How each writes it, and which quantities it tells apart.
WRITERS: dict[str, tuple[Callable[[Used], str], str]] = {
    "openai-usage.csv": (_openai, ""),
    "anthropic-console.csv": (_anthropic, "cache_write_1h"),
    "litellm-daily.csv": (_daily, ""),
    "litellm-spendlogs.csv": (_spendlogs, "cache_write_1h reasoning"),
    "langfuse.jsonl": (lambda u: _langfuse(u, apart=True), "cache_write_1h reasoning"),
    "langfuse.json": (lambda u: _langfuse(u, apart=False), "cache_write_1h reasoning"),
    "ccusage.json": (_ccusage, ""),
    "answers.jsonl": (_answer, "reasoning"),
    "answers-2.jsonl": (_anthropic_answer, "cache_write_1h"),
}


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(u=AMOUNTS)
def test_what_was_used_is_what_is_read(name: str, u: Used) -> None:
    write, apart = WRITERS[name]
    Path(name).write_text(write(u), encoding="utf-8")
    expected = u._asdict()
    for whole, parts in FEWER.items():
        for part in parts:
            if part not in apart:
                expected[whole] += expected.pop(part)
    expected = {quantity: number for quantity, number in expected.items() if number}
    rows, reading = read(Path(name))
    if not expected:
        assert not rows or used(rows[0]) in ({}, {"requests": 1})
        return
    assert reading.name == name.partition(".")[0].removesuffix("-2")
    found = used(rows[0])
    found.pop("requests", None)
    assert found == expected
