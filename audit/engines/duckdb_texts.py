"""From lines of JSON to cells, in DuckDB's SQL: only what is plain, NULL for all else."""

from pricetrail.audit.engines.json_lines import JsonLines
from pricetrail.audit.engines.plan import literal

# No line of JSON holds it: in a text it is written as an escape.
_NEVER = "chr(31)"
_MOST = 4 * 1024 * 1024
# A number with a point or an exponent, or of more than 64 bits, is one of these: it has lost its
# digits. What is nested is another.
_TEXTS, _NUMBERS = ("VARCHAR", "NULL"), ("UBIGINT", "BIGINT", "BOOLEAN")


def members_of_lines(name: str, file: JsonLines) -> str:
    """The query for `file` from a file of JSON lines: `place`, the `line`, and members as `c0` …

    They are NULL where a line is anything but a flat object, holds a member twice or one of another
    name, a number that is not whole, or what JSON does not have (NaN, a comma before the end):
    DuckDB would read on.

    Args:
        name: the file's, as SQL has it.
    """
    members = file.members
    paths = f"[{', '.join(literal(_pointer(one)) for one in members)}]"
    known = f"[{', '.join(map(literal, members))}]"
    good = (
        "json_type(valid) = 'OBJECT' AND NOT regexp_matches(line, ',\\s*}|:\\s*[+-]?(?i:nan|inf)') "
        "AND len(keys) = len(list_distinct(keys)) "
        f"AND len(list_filter(keys, lambda one: NOT list_contains({known}, one))) = 0"
    )
    kinds = ", ".join(map(literal, (*_TEXTS, *_NUMBERS)))
    odd = f"list_filter(json_type(valid, {paths}), lambda one: one NOT IN ({kinds}))"
    lines = (
        "SELECT row_number() OVER () - 1 AS place, line FROM "  # noqa: S608 - quoted
        f"read_csv({name}, auto_detect = false, header = false, delim = {_NEVER}, quote = '', "
        f"escape = '', max_line_size = {_MOST}, columns = {{'line': 'VARCHAR'}})"
    )
    keyed = (
        "SELECT *, json_keys(valid) AS keys FROM (SELECT *, "  # noqa: S608 - likewise
        f"CASE WHEN json_valid(line) THEN line END AS valid FROM ({lines}) WHERE trim(line) <> '')"
    )
    read = (
        f"SELECT place, line, CASE WHEN {good} AND len({odd}) = 0 "  # noqa: S608 - likewise
        f"THEN json_extract_string(valid, {paths}) END AS members FROM ({keyed})"
    )
    cells = (f"members[{n + 1}] AS c{n}" for n in range(len(members)))
    return f"SELECT place, line, {', '.join(cells)} FROM ({read})"  # noqa: S608 - likewise


def _pointer(name: str) -> str:
    """A member's name as a JSON pointer (RFC 6901)."""
    return "/" + name.replace("~", "~0").replace("/", "~1")
