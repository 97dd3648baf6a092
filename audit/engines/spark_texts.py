"""From the lines of a text to cells, in Spark's SQL: only what is plain, NULL for all else."""

import re
from collections.abc import Sequence

_QUOTED = '"[^"]*+(?:""[^"]*+)*+"'
# A cell with so many quotes in it would be too deep for Java's patterns.
_LONG = 4_000
# JSON as it is written in RFC 8259.
_STRICT = "MAP('allowSingleQuotes', 'false', 'allowNonNumericNumbers', 'false')"


def cut_lines(separator: str, columns: Sequence[str], skipped: int) -> str:
    """The query for `file` from the `lines` of a CSV file: `place`, and its cells.

    The cells are NULL where anything is odd about quotes or their number.

    Args:
        skipped: so many lines come before the first row.
    """
    plain = f"SPLIT(value, {_text(re.escape(separator))}, -1)"
    pattern = _text(cell_pattern(separator))
    quoted = f"REGEXP_EXTRACT_ALL(CONCAT({_text(separator)}, value), {pattern}, 1)"
    cut = (
        "SELECT place, value, INSTR(value, '\"') > 0 AS is_quoted, "  # noqa: S608 - names of ours
        f"CASE WHEN INSTR(value, '\"') = 0 THEN {plain} "
        f"WHEN LENGTH(value) <= {_LONG} THEN {quoted} END AS cut FROM lines "
        # Lines of nothing are no rows; and of the first ones of a file the places are counted.
        f"WHERE place >= {skipped} AND TRIM(value) <> ''"
    )
    is_whole = "LENGTH(ARRAY_JOIN(cut, '')) + SIZE(cut) = LENGTH(value) + 1"
    good = f"IS_VALID_UTF8(value) AND SIZE(cut) = {len(columns)} AND (NOT is_quoted OR {is_whole})"
    cells = (f"CASE WHEN {good} THEN {_cell(n)} END AS {one}" for n, one in enumerate(columns))
    return f"SELECT place, {', '.join(cells)} FROM ({cut})"  # noqa: S608 - likewise


def cell_pattern(separator: str) -> str:
    """A cell with the separator before it; the first group is the cell, with its quotes."""
    mark = re.escape(separator)
    return f'{mark}({_QUOTED}|[^{mark}"]*+)'


def _cell(number: int) -> str:
    cell = f"cut[{number}]"
    inside = f"REPLACE(SUBSTRING({cell}, 2, LENGTH({cell}) - 2), '\"\"', '\"')"
    return f"CASE WHEN STARTSWITH({cell}, '\"') THEN {inside} ELSE {cell} END"


def _text(text: str) -> str:
    """A text as Spark's SQL has it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def read_members(names: Sequence[str]) -> str:
    """The query for `file` from `lines` of JSON: `place`, and members as `c0`, `c1` …

    They are NULL where a line holds another object, a member twice or one of another name: Spark
    would read on.
    """
    schema = ", ".join(f"{_name(name)} STRING" for name in names)
    keys = "JSON_OBJECT_KEYS(value)"
    known = ", ".join(_text(name) for name in names)
    one = " AND ".join(
        f"LENGTH(value) - LENGTH(REPLACE(value, '{brace}', '')) = 1" for brace in "{}"
    )
    good = (
        f"IS_VALID_UTF8(value) AND {one} AND TRIM(value) LIKE '{{%}}' "
        f"AND SIZE({keys}) = SIZE(ARRAY_INTERSECT({keys}, ARRAY({known})))"
    )
    read = (
        f"SELECT place, CASE WHEN {good} THEN "  # noqa: S608 - quoted
        f"FROM_JSON(value, {_text(schema)}, {_STRICT}) END AS members FROM lines "
        "WHERE TRIM(value) <> ''"
    )
    cells = (f"members.{_name(name)} AS c{number}" for number, name in enumerate(names))
    return f"SELECT place, {', '.join(cells)} FROM ({read})"  # noqa: S608 - likewise


def _name(name: str) -> str:
    """A name as Spark's SQL has it."""
    return "`" + name.replace("`", "``") + "`"
