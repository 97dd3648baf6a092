"""What DuckDB takes of a line of JSON: whole numbers, texts and words; of anything else nothing."""

from pathlib import Path

import pytest

from pricetrail.audit.engines import json_lines
from pricetrail.audit.engines.duckdb import DuckDb
from pricetrail.audit.engines.duckdb_texts import members_of_lines
from pricetrail.audit.engines.json_lines import JsonLines
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.audit.usage.reading import Reading

pytestmark = pytest.mark.usefixtures("_one_line_tells")

FIRST = '{"a":"", "b/~\'":""}'


@pytest.fixture
def _one_line_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{json_lines.__name__}._SAMPLE", 1)


def cells(line: str) -> tuple[object, ...] | None:
    """What is read of a file's second line; None where it is none."""
    path = Path("usage.jsonl")
    path.write_text(f"{FIRST}\n{line}\n", encoding="utf-8")
    file = JsonLines(path, Reading(path, ReadingOptions()))
    with DuckDb([path]) as database:
        query = members_of_lines(database.names[path], file)
        found = {place: values for place, _, *values in database.rows(path, query)}
    return tuple(found[1]) if 1 in found else None


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('{"a":1,"b/~\'":"x"}', ("1", "x")),
        ('{"a":18446744073709551615}', ("18446744073709551615", None)),
        ('{"a":-7,"b/~\'":null}', ("-7", None)),
        (' {"a" : true , "b/~\'":"\\u00e9\\u0000\\n"}\t', ("true", "é\0\n")),
        ('{"\\u0061":"{[,"}', ("{[,", None)),
        ("{}", (None, None)),
    ],
)
def test_what_is_plain_is_read_as_it_is(line: str, found: tuple[object, ...]) -> None:
    assert cells(line) == found


@pytest.mark.parametrize(
    "line",
    [
        '{"a":1.0}',
        '{"a":1e2}',
        '{"a":18446744073709551616}',
        '{"a":NaN}',
        '{"a": -Infinity}',
        '{"a":1,}',
        '{"a":1,"a":1}',
        '{"a":1,"c":1}',
        '{"a":[1]}',
        '{"a":{}}',
        '{"a":"\\ud800"}',
        '{"a":1}{}',
        '{"a":1',
        "[1]",
        "1",
    ],
)
def test_of_what_is_odd_nothing_is_read(line: str) -> None:
    assert cells(line) == (None, None)


@pytest.mark.parametrize("line", ["", "   "])
def test_a_line_of_blanks_is_none(line: str) -> None:
    assert cells(line) is None
