"""How lines are cut into cells; `tests/spark` has Spark do it."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp, parse_one

from pricetrail.audit.engines.spark_texts import cell_pattern, cut_lines, read_members

_CELLS = st.lists(st.text(st.sampled_from('a ",;\t\\|é')), min_size=2, max_size=5)


@given(_CELLS, st.sampled_from(",;\t|"), st.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)))
def test_cells_with_quotes_are_those_that_were_written(
    cells: list[str], separator: str, quoting: int
) -> None:
    line = io.StringIO()
    writer = csv.writer(line, delimiter=separator, quoting=quoting, lineterminator="")  # type: ignore[arg-type] # one of csv's own
    writer.writerow(cells)
    found = re.findall(cell_pattern(separator), separator + line.getvalue())
    assert [next(csv.reader([one]), [""])[0] if one[:1] == '"' else one for one in found] == cells


@pytest.mark.parametrize("line", ['"a"b,c', 'a"b,c', '"a,c', '"a" ,c', 'a, "c"'])
def test_a_line_with_quotes_at_other_places_is_not_used_up(line: str) -> None:
    found = re.findall(cell_pattern(","), f",{line}")
    assert sum(map(len, found)) + len(found) < len(line) + 1


def test_a_quote_in_a_name_stays_in_its_name() -> None:
    query = read_members(["it's `a`", "back\\slash"])
    assert "`it's ``a``` STRING".replace("'", "\\'") in query
    assert "members.`it's ``a``` AS c0" in query
    assert "back\\\\slash" in query


def test_lines_before_the_first_row_are_left_out() -> None:
    query = cut_lines("|", ("c0", "c1"), 3)
    selected = parse_one(query, dialect="spark").find(exp.Select)
    assert selected is not None
    assert [one.alias_or_name for one in selected.expressions] == ["place", "c0", "c1"]
    assert "place >= 3" in query
