"""What is written of each row: into a file, and into the arrays of the JSON document."""

import csv
import gzip
import json
from contextlib import closing
from pathlib import Path

import pytest

from pricetrail.audit.documents import RowSpools, check_name, write
from pricetrail.audit.results import RowResult
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.files.atomic import Target
from tests.audit.made import interval, priced_row, unpriced_row

ROWS: list[RowResult] = [
    priced_row(interval("0.1"), line=2, prompt=10, completion=1),
    priced_row(interval("0.2", first=3), line=3, certainty="gap"),
    unpriced_row(4, "=x"),
]


def test_csv_has_a_line_for_each_row_and_no_cost_of_an_unpriced_one() -> None:
    assert write(Target(Path("lines.csv")), ROWS) == 3
    with Path("lines.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [(line["line"], line["cost"], line["version"]) for line in lines] == [
        ("2", "2", "1"),
        ("3", "2", "3"),
        ("4", "", ""),
    ]
    assert lines[0]["parts"] == "text.prompt 10 × 0.1; text.completion 1 × 1"
    assert (lines[1]["cost_other"], lines[1]["why"]) == ("4", "503 from the gateway")
    assert lines[2]["model"] == "'=x"


def test_json_lines_are_entries_of_the_document_with_their_doubts() -> None:
    write(Target(Path("lines.jsonl.gz")), ROWS)
    with gzip.open("lines.jsonl.gz", "rt", encoding="utf-8") as stream:
        lines = [json.loads(line) for line in stream]
    assert lines[0] == ROWS[0].as_json()
    assert lines[1] == ROWS[1].as_json() | {"cost_other": "4", "why": "503 from the gateway"}
    assert lines[2] == ROWS[2].as_json() | {"cost": None}


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.csv", ".csv"), ("a.CSV.gz", ".csv"), ("a.jsonl.zst", ".jsonl"), ("/dev/stdout", ".csv")],
)
def test_the_name_says_the_format(name: str, form: str) -> None:
    assert check_name(Path(name)) == form


@pytest.mark.parametrize("name", ["a.xls", "a.gz", "a.json"])
def test_a_name_that_says_none_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match=r"name it \.csv or \.jsonl"):
        check_name(Path(name))


@pytest.mark.parametrize("lines", [True, False])
def test_the_arrays_of_the_document_are_in_order(lines: bool) -> None:
    with closing(RowSpools(lines=lines)) as spools:
        assert list(spools.watch(ROWS)) == ROWS
        document = json.loads("".join(spools.pieces({"total": "4"})))
    arrays = {"unpriced": [4], "uncertain": [3]}
    expected = ({"lines": [2, 3]} if lines else {}) | arrays
    assert list(document) == ["total", *expected]
    assert {name: [row["line"] for row in document[name]] for name in expected} == expected
