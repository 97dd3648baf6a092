"""What is left out of a file, and said."""

import json
from pathlib import Path

import pytest

from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage.reading import Reading
from pricetrail.audit.usage.rows import BadRow, Row

HEAD = "team,time,model,prompt_tokens,cost"


def read(text: str, name: str = "u.csv") -> tuple[list[Row], Reading]:
    Path(name).write_text(text, encoding="utf-8")
    table = UsageTable(Path(name))
    return list(table.read()), table.reading


@pytest.mark.parametrize(
    "last",
    [
        "Total,,,24,0.5",
        "TOTAL:,,,24,0.5",
        ",,Total,24,0.5",
        ",Grand Total,,24,0.5",
        ",2026-03-31,Total,24,0.5",
        "Summe,,,24,0.5",
        "Total général,,,24,0.5",
        "Итого,,,24,0.5",
        "合计,,,24,0.5",
        "Total,24",
    ],
)
def test_a_line_that_sums_up_the_others_is_left_out_and_said(last: str) -> None:
    rows, reading = read(f"{HEAD}\nx,2026-03-05,m,12,0.25\ny,2026-03-05,m,12,0.25\n{last}\n")
    assert len(rows) == 2
    assert reading.totals == 1


def test_a_row_without_a_model_is_no_total() -> None:
    rows, reading = read(f"{HEAD}\nTotally,2026-03-05,,12,0.25\n")
    assert isinstance(rows[0], BadRow)
    assert (rows[0].why, reading.totals) == ("it names no model", 0)


def test_an_object_may_be_a_total_as_well() -> None:
    line = {"time": "2026-03-05", "model": "m", "prompt_tokens": 12}
    text = f"{json.dumps(line)}\n{json.dumps(line | {'time': 'Total', 'model': None})}\n"
    rows, reading = read(text, "u.jsonl")
    assert (len(rows), reading.totals) == (1, 1)


def test_rows_without_any_use_are_left_out_of_exports_alone() -> None:
    console = "usage_date_utc,model_version,usage_input_tokens_no_cache,usage_output_tokens\n"
    rows, reading = read(console + "2026-03-05,,,\n2026-03-06,,0,0\n2026-03-07,,5,0\n")
    assert [row.line for row in rows] == [4]
    assert reading.empty == 2
    rows, reading = read(f"{HEAD}\nx,2026-03-05,,,\n")
    assert (len(rows), reading.empty) == (1, 0)


def test_a_remark_that_says_one_thing_in_two_columns_is_taken_from_the_surer() -> None:
    head = "time,model,images,team_id,team,api_key_id,api_key_name,request_id,response_id"
    rows, _ = read(f"{head}\n2026-03-05,m,1,17,search,k1,key one,r1,r2\n")
    labels, request = rows[0].labels, rows[0].request  # type: ignore[union-attr]  # a row of use
    assert dict(labels) == {"team": "search", "key": "key one"}
    assert request == "r1"
    document = dict(
        zip(
            head.split(","),
            ["2026-03-05", "m", "1", "17", "search", "k1", "key one", "r1", "r2"],
            strict=True,
        )
    )
    rows, _ = read(json.dumps(document), "u.jsonl")
    assert (rows[0].labels, rows[0].request) == (labels, request)  # type: ignore[union-attr]  # a row of use
