"""Rows into CSV, JSON lines and Parquet."""

import csv
import io
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from unicodedata import category

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyarrow import parquet

from pricetrail.files.tables import (
    ParquetMissingError,
    Row,
    as_documents,
    columns,
    formula_safe,
    write_csv,
    write_jsonl,
    write_parquet,
)

HEAD = columns("name amount version:integer at:time")
AT = datetime(2026, 11, 23, 10, 0, 6, tzinfo=UTC)
EXACT = "0." + "0" * 39 + "1"


SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−"
STARTS = ("", " ", "\u00a0", "\u3000", '"', '""', ' "', " \t")


@pytest.mark.parametrize("start", STARTS)
def test_what_begins_a_formula_is_made_text(start: str) -> None:
    for sign in SIGNS:
        expected = f"'{start}{sign}1+A1".replace(f"\t{sign}", f"\t'{sign}")
        assert formula_safe(f"{start}{sign}1+A1") == expected
        assert formula_safe(start + sign).startswith("'")


@pytest.mark.parametrize(
    "cell", ["\tx", "\rx", "\nx", "-x()", "-1+1", "--1", "+5e", "-1.", "+", "@"]
)
def test_other_beginnings_of_formulas_are_made_text(cell: str) -> None:
    assert formula_safe(cell) == "'" + cell


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("separator", [";", ",", "\t", "\n", "\r\n", ";;"])
def test_what_begins_a_formula_after_another_separator_is_made_text(
    separator: str, start: str
) -> None:
    for sign in SIGNS:
        safe = formula_safe(f"a{separator}{start}{sign}cmd()")
        assert safe == f"a{separator}{start}'{sign}cmd()"
        assert formula_safe(safe) == safe


@pytest.mark.parametrize(
    "cell",
    [
        *("", "gpt-5", "-16.67", "+5", "0.000003", "-3e-6", "a=b", "'x", "'=x", "a-b;c+d", "(=)"),
        *('{"a":1,"b":-5}', "[1,-5,-0.5]", "1;-5", "x, -2", "Claude 3.5, new; é"),
    ],
)
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert formula_safe(cell) == cell


@given(st.text())
@example("a;\u200b=x")
@example("\ufeff=x")
def test_no_cell_begins_a_formula_or_writes_to_a_terminal(cell: str) -> None:
    safe = formula_safe(cell)
    for part in re.split(r"[;,\t\r\n]", safe):
        begun = part.lstrip().lstrip('"').lstrip()
        assert begun[:1] not in tuple(SIGNS) or re.match(r"[-+]?[0-9]", begun), (cell, safe)
    assert not any(category(one) in {"Cc", "Cf", "Zl", "Zp"} for one in safe if one not in "\t\r\n")


def test_csv_keeps_every_letter_that_is_no_formula() -> None:
    stream = io.StringIO(newline="")
    rows = [('a "b",\nc', EXACT, 1, AT), ("=cmd()", None, 2, None)]
    assert write_csv(stream, HEAD, rows) == 2
    assert stream.getvalue().endswith("'=cmd(),,2,\r\n")
    assert list(csv.reader(io.StringIO(stream.getvalue(), newline=""))) == [
        ["name", "amount", "version", "at"],
        ['a "b",\nc', EXACT, "1", "2026-11-23T10:00:06Z"],
        ["'=cmd()", "", "2", ""],
    ]


def test_json_lines_are_exact() -> None:
    stream = io.StringIO()
    assert (
        write_jsonl(stream, as_documents(HEAD, [("=é", EXACT, 1, AT), ("b", None, 2, None)])) == 2
    )
    assert stream.getvalue().splitlines() == [
        f'{{"name":"=é","amount":"{EXACT}","version":1,"at":"2026-11-23T10:00:06Z"}}',
        '{"name":"b","amount":null,"version":2,"at":null}',
    ]


def parquet_file(rows: Sequence[Row]) -> int:
    with Path("x.parquet").open("wb") as file:
        return write_parquet(file, HEAD, rows)


def test_parquet_has_types_and_exact_amounts() -> None:
    rows = [("=é", EXACT, 1, AT), ("b", None, 2, None)]
    assert parquet_file(rows) == 2
    table = parquet.read_table("x.parquet")
    assert [str(field.type) for field in table.schema] == [
        "string",
        "string",
        "int64",
        "timestamp[ms, tz=UTC]",
    ]
    assert table.to_pylist() == [
        {"name": "=é", "amount": EXACT, "version": 1, "at": AT},
        {"name": "b", "amount": None, "version": 2, "at": None},
    ]


def test_an_empty_parquet_still_has_its_columns() -> None:
    assert parquet_file([]) == 0
    assert parquet.read_table("x.parquet").column_names == ["name", "amount", "version", "at"]


def test_without_its_library_parquet_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ParquetMissingError, match=r"pip install '\.\[parquet\]'"):
        parquet_file([])


@given(st.lists(st.text('a0 ,-;"\n=.é'), min_size=1))
@example(["a,b", ""])
@example([""])
def test_a_line_is_what_the_standard_library_writes_of_safe_cells(cells: list[str]) -> None:
    ours, theirs = io.StringIO(newline=""), io.StringIO(newline="")
    head = columns(" ".join(f"c{number}" for number in range(len(cells))))
    write_csv(ours, head, [cells])
    writer = csv.writer(theirs, lineterminator="\r\n")
    writer.writerows([[column.name for column in head], map(formula_safe, cells)])
    assert ours.getvalue() == theirs.getvalue()
