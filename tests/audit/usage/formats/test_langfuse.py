"""Langfuse: tokens in a JSON object, apart from each other as its total proves."""

import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

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

FILE = example("langfuse.csv")


def test_the_kinds_of_tokens_are_those_of_the_object() -> None:
    rows, reading = read(FILE)
    assert (reading.name, reading.empty, reading.ignored) == ("langfuse", 1, set())
    assert [used(row) for row in rows] == [
        {"prompt": 400, "cache_read": 600, "completion": 100, "reasoning": 200},
        {
            "prompt": 400,
            "cache_read": 1600,
            "cache_write": 10,
            "cache_write_1h": 20,
            "completion": 300,
        },
    ]
    assert [use(row).reported for row in rows] == [Decimal("0.003575"), None]
    assert [use(row).request for row in rows] == ["obs-1", "obs-3"]
    assert use(rows[1]).time_text == "2026-03-05T10:12:12.345678Z"


def test_its_total_is_what_the_tokens_cost(pricer_of: MakePricer) -> None:
    writes = {"cache_write": 10, "cache_write_1h": 20}
    assert costs(audited(pricer_of, FILE)) == [
        (cost(GPT, prompt=400, cache_read=600, completion=300), "observed"),
        (cost(CLAUDE, prompt=400, cache_read=1600, completion=300, **writes), "observed"),
    ]


def observation(**details: int) -> str:
    """A row of the export in JSON, with names as the API has them."""
    row = {"id": "o", "startTime": "2026-03-05T10:00:00.000Z", "model": "m", "type": "GENERATION"}
    return json.dumps(row | {"usageDetails": details, "costDetails": {}, "totalCost": 0.5})


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        ({"input": 1000, "output": 300}, {"prompt": 1000, "completion": 300}),
        (
            {"input": 1000, "input_cached_tokens": 600, "output": 300, "total": 1300},
            {"prompt": 400, "cache_read": 600, "completion": 300},
        ),
        (
            {"input": 400, "input_cache_read": 600, "output": 300, "total": 1300},
            {"prompt": 400, "cache_read": 600, "completion": 300},
        ),
        ({"input": 1, "input_video_tokens": 7}, {"prompt": 1, "input_video_tokens": 7}),
    ],
)
def test_a_total_proves_what_is_part_of_what(
    details: dict[str, int], expected: dict[str, int]
) -> None:
    (row,), reading = text_of("o.jsonl", observation(**details))
    assert reading.name == "langfuse"
    assert used(row) == expected


def test_two_names_of_one_kind_that_differ_have_no_price() -> None:
    details = {"input": 1, "cache_read_input_tokens": 5, "input_cached_tokens": 6}
    (row,), _ = text_of("o.jsonl", observation(**details))
    assert "mean the same, and differ" in why(row)


def test_parquet_has_maps_and_times_without_a_zone() -> None:
    kinds = pa.map_(pa.string(), pa.int64())
    table = pa.table(
        {
            "id": ["obs-1"],
            "start_time": pa.array([1_772_704_800_000_005], pa.timestamp("us")),
            "provided_model_name": ["m"],
            "usage_details": pa.array([[("input", 400), ("input_cached_tokens", 600)]], kinds),
            "total_cost": pa.array([Decimal("0.5")], pa.decimal128(18, 12)),
        }
    )
    parquet.write_table(table, "o.parquet")
    (row,), reading = read(Path("o.parquet"))
    assert reading.name == "langfuse"
    assert used(row) == {"prompt": 400, "cache_read": 600}
    assert (use(row).time_text, use(row).reported) == (
        "2026-03-05T10:00:00.000005Z",
        Decimal("0.5"),
    )
