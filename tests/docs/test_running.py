"""The page about the service: every field that a log entry can have is on it, and no other."""

import ast
import re

from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.jobs.polls.results import Polled
from tests.support.tree import FOLDERS, ROOT, parsed

PAGE = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
# Of what a line counts; the names are those of its numbers.
COUNTS = {*Polled("s", "unchanged", 1).counts, *Tally().counts()}
# What the error log says of where something happened.
PLACES = {"source", "webhook", "job"}


def logged() -> set[str]:
    """The names of all fields in the code."""
    places = [path for folder in (*FOLDERS, "pricetrail") for path in (ROOT / folder).rglob("*.py")]
    return {
        keyword.arg
        for path in places
        if "log_fields import fields" in path.read_text(encoding="utf-8")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "fields"
        for keyword in node.keywords
        if keyword.arg is not None
    }


def named(cells: list[str]) -> set[str]:
    return {name for cell in cells for name in re.findall(r"`(\w+)`(?! \()", cell)}


def test_each_field_of_a_log_entry_is_explained() -> None:
    table = PAGE.partition("| field | is |")[2].partition("\n\n")[0]
    explained = [row.split(" | ")[0] for row in table.splitlines() if row.startswith("| `")]
    assert named(explained) == logged() | COUNTS | PLACES


def test_each_line_names_fields_that_are_explained() -> None:
    table = PAGE.partition("| level | line | its fields |")[2].partition("\n\n")[0]
    rows = [row.rpartition(" | ")[2] for row in table.splitlines() if row.startswith("| ")]
    words = {"retry", "dead", "paused"}
    assert len(rows) > 10
    assert named(rows) - words <= logged() | COUNTS | PLACES
