"""ccusage: a row for each model of a day, week, month, session or block."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pricetrail.audit.usage.options import DEFAULTS
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

FILE = example("ccusage.json")
FIRST = {"prompt": 400, "cache_write": 30, "cache_read": 1600, "completion": 300}
ENTRY = {
    "inputTokens": 400,
    "outputTokens": 300,
    "cacheCreationTokens": 30,
    "cacheReadTokens": 1600,
    "totalTokens": 2330,
    "totalCost": 0.0062925,
}


def test_every_model_of_a_day_is_a_row() -> None:
    rows, reading = read(FILE)
    assert (reading.name, reading.ignored) == ("ccusage", set())
    assert [(row.model, used(row)) for row in rows] == [
        ("claude-x", FIRST),
        ("gpt-5", {"prompt": 1000, "completion": 300}),
    ]
    paid = [use(row).reported for row in rows]
    assert paid == [Decimal("0.0062925"), Decimal("0.00425")]


def test_its_total_is_what_the_tokens_cost(pricer_of: MakePricer) -> None:
    assert costs(audited(pricer_of, FILE)) == [
        (cost(CLAUDE, **FIRST), "observed"),
        (cost(GPT, prompt=1000, completion=300), "observed"),
    ]


@pytest.mark.parametrize(
    ("kind", "entry", "when"),
    [
        ("daily", {"date": "2026-03-05"}, "2026-03-05"),
        ("daily", {"period": "2026-03-05", "agent": "codex"}, "2026-03-05"),
        ("weekly", {"week": "2026-03-02"}, "2026-03-02/2026-03-08"),
        ("monthly", {"month": "2026-02"}, "2026-02-01/2026-02-28"),
        ("monthly", {"month": "2026-12"}, "2026-12-01/2026-12-31"),
        ("sessions", {"sessionId": "s", "lastActivity": "2026-03-05"}, "2026-03-05"),
    ],
)
def test_an_entry_of_one_model_tells_it_alone(kind: str, entry: Any, when: str) -> None:
    document = {kind: [ENTRY | entry | {"modelsUsed": ["claude-x"]}], "totals": ENTRY}
    (row,), reading = text_of("report.json", json.dumps(document, indent=2))
    assert (reading.name, row.model, used(row)) == ("ccusage", "claude-x", FIRST)
    assert use(row).time_text == when


def test_a_breakdown_may_have_its_models_by_name_or_another_name_of_the_model() -> None:
    counts = dict(ENTRY, costUSD=0.5)
    by_name = {"date": "2026-03-05", **ENTRY, "models": ["a", "b"]}
    by_name["breakdown"] = {"claude-x": counts, "gpt-5": counts}
    named = ENTRY | {"date": "2026-03-05", "modelsUsed": ["a"], "modelBreakdowns": [ENTRY]}
    named["modelBreakdowns"] = [ENTRY | {"model": "claude-x"}]
    rows, reading = text_of("r.json", json.dumps({"type": "daily", "data": [by_name, named]}))
    assert reading.name == "ccusage"
    assert [row.model for row in rows] == ["claude-x", "gpt-5", "claude-x"]
    assert [used(row) for row in rows] == [FIRST] * 3


def test_instances_are_projects_by_their_names() -> None:
    entry = ENTRY | {"date": "2026-03-05", "modelsUsed": ["claude-x"]}
    document = {"projects": {"one": [entry, entry], "two": [entry]}, "totals": ENTRY}
    rows, reading = text_of("report.json", json.dumps(document, indent=2))
    assert reading.name == "ccusage"
    assert [dict(use(row).labels)["project"] for row in rows] == ["one", "one", "two"]
    assert [used(row) for row in rows] == [FIRST] * 3


def test_an_entry_of_several_models_says_what_to_do() -> None:
    entry = ENTRY | {"date": "2026-03-05", "modelsUsed": ["a", "b"]}
    (row,), _ = text_of("report.json", json.dumps({"daily": [entry]}))
    assert "--breakdown" in why(row)


def test_blocks_have_a_beginning_and_an_end() -> None:
    counts = {"inputTokens": 400, "outputTokens": 300, "cacheCreationInputTokens": 30}
    block = {
        "id": "b",
        "startTime": "2026-03-05T10:00:00.000Z",
        "isGap": False,
        "endTime": "2026-03-05T15:00:00.000Z",
        "actualEndTime": "2026-03-05T12:00:00.000Z",
        "models": ["claude-x"],
        "costUSD": 0.5,
        "tokenCounts": counts | {"cacheReadInputTokens": 1600},
    }
    gap = block | {"isGap": True, "models": [], "tokenCounts": dict.fromkeys(counts, 0)}
    older = ENTRY | {"blockStart": block["startTime"], "blockEnd": block["actualEndTime"]}
    (row,), _ = text_of("b.json", json.dumps({"data": [older | {"models": ["claude-x"]}]}))
    assert use(row).time_text == "2026-03-05T10:00:00Z/2026-03-05T12:00:00Z"
    (row,), reading = text_of("blocks.json", json.dumps({"blocks": [block, gap]}))
    assert (used(row), use(row).reported) == (FIRST, Decimal("0.5"))
    assert use(row).time_text.startswith("2026-03-05T10:00:00Z/2026-03-05T12:00")
    assert reading.empty == 1


def test_codex_has_its_models_by_name_and_the_total_proves_the_cache() -> None:
    counts = {"inputTokens": 1000, "cachedInputTokens": 600, "outputTokens": 300}
    counts |= {"reasoningOutputTokens": 100, "totalTokens": 1300}
    entry = {"date": "2026-03-05", **counts, "costUSD": 0.1, "models": {"gpt-5": counts}}
    (row,), _ = text_of("codex.json", json.dumps({"daily": [entry]}))
    assert used(row) == {"prompt": 400, "cache_read": 600, "completion": 300}


def test_its_days_are_those_of_the_zone_that_is_named() -> None:
    berlin = replace(DEFAULTS, zone=ZoneInfo("Europe/Berlin"))
    rows, reading = read(FILE, berlin)
    assert use(rows[0]).at.isoformat() == "2026-03-04T23:00:00+00:00"
    assert not reading.zone_unused
    rows, reading = read(example("langfuse.csv"), berlin)
    assert use(rows[0]).at.isoformat() == "2026-03-05T10:11:12.345000+00:00"
    assert reading.zone_unused
