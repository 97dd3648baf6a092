"""Rows of objects: JSON lines, documents, Parquet."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage.rows import BadRow, UsageRow
from tests.audit.usage.formats.examples import example, read, text_of, use, used

FILE = example("answers.jsonl")


def test_answers_of_several_apis_tell_their_own_shape() -> None:
    rows, reading = read(FILE)
    assert reading.name == "answers"
    apart = {"prompt": 400, "cache_read": 600, "completion": 100, "reasoning": 200}
    assert [used(row) for row in rows] == [
        apart,
        apart,
        {
            "prompt": 400,
            "cache_read": 1600,
            "completion": 300,
            "cache_write": 10,
            "cache_write_1h": 20,
        },
        {"prompt": 1000, "completion": 300},
    ]
    assert [use(row).service for row in rows] == ["", "flex", "", ""]
    assert [use(row).request for row in rows] == ["chatcmpl-1", "resp_1", "msg_1", "gen-1"]
    assert [use(row).reported for row in rows] == [None, None, None, Decimal("0.00425")]


def test_a_shape_counts_and_not_the_option() -> None:
    rows, _ = read(FILE)
    for style in ("disjoint", "openai"):
        table = UsageTable(FILE, type(UsageTable(FILE).options)(style))
        assert list(table.read()) == rows


@pytest.mark.parametrize(
    ("own_key", "cost"), [(True, Decimal("0.0043")), (False, Decimal("0.00005"))]
)
def test_with_ones_own_key_the_provider_charged_besides(own_key: bool, cost: Decimal) -> None:
    counts = {"prompt_tokens": 1000, "completion_tokens": 300, "total_tokens": 1300}
    usage = {"cost": 0.00005, "is_byok": own_key, **counts}
    answer = {"id": "gen-1", "created": 1772705475, "model": "m"}
    details = {"cost_details": {"upstream_inference_cost": 0.00425}}
    (row,), _ = text_of("u.jsonl", json.dumps(answer | {"usage": usage | details}))
    assert use(row).reported == cost


@pytest.mark.parametrize("element", [5, "x", None, [1]])
def test_an_element_that_is_no_object_is_said(element: Any) -> None:
    rows, _ = text_of("u.json", json.dumps([element]))
    assert isinstance(rows[0], BadRow)
    assert "no JSON object" in rows[0].why


def test_two_members_of_one_quantity_that_differ_have_no_price() -> None:
    line = {"time": "2026-03-05", "model": "m", "prompt_tokens": 1}
    rows, _ = text_of("u.jsonl", json.dumps(line | {"input_tokens": 2}))
    assert isinstance(rows[0], BadRow)
    with pytest.raises(UsageFileError, match="mean the same"):
        text_of("u.jsonl", json.dumps({"model_id": "other"} | line))


def test_an_export_in_parquet_is_recognised_too() -> None:
    rows, _ = read(example("litellm-daily.csv"))
    head, *lines = example("litellm-daily.csv").read_text(encoding="utf-8").splitlines()
    cells = zip(*(line.split(",") for line in lines), strict=True)
    columns = {
        name: [int(cell) for cell in column] if name.endswith(("tokens", "requests")) else column
        for name, column in zip(head.split(","), cells, strict=True)
    }
    parquet.write_table(pa.table(columns), "daily.parquet")
    found, reading = read(Path("daily.parquet"))
    assert reading.name == "litellm-daily"
    assert [used(row) for row in found] == [used(row) for row in rows]
    assert [use(row).reported for row in found] == [use(row).reported for row in rows]


def test_a_list_of_our_own_columns_is_read_whatever_its_name() -> None:
    line = {"time": "2026-03-05", "model": "m", "prompt_tokens": 12}
    for name, text in (
        ("a.json", json.dumps([line, line], indent=2)),
        ("b.json", json.dumps({"rows": [line, line]}, indent=2)),
        ("c.jsonl", json.dumps([line, line])),
        ("d", json.dumps(line, indent=2) + "\n" + json.dumps(line, indent=2)),
    ):
        rows, reading = text_of(name, text)
        assert [row.line for row in rows] == [1, 2], name
        assert all(isinstance(row, UsageRow) for row in rows)
        assert reading.name is None
