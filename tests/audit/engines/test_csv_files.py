"""CSV by an engine: the right line, and no other reading."""

import json
from pathlib import Path

import pytest

from tests.audit.engines.asked import by_duckdb
from tests.pricetrail.commands.audits import run

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("here")]


def test_a_file_with_lines_that_are_blank_or_several_says_the_right_line() -> None:
    Path("usage.csv").write_text(
        "\nmodel,time,prompt_tokens,note\n\n"
        'gpt-5,2026-03-01T12:30:00Z,5,"two\nlines"\n\n,,,\n'
        "gpt-6,2026-03-01T12:30:00Z,5,x\n",
        encoding="utf-8",
    )
    arguments = ("usage.csv", "--ignore", "note")
    assert by_duckdb(*arguments) == json.loads(
        run("audit", *arguments, "--json", "--totals").stdout
    )
    assert by_duckdb(*arguments)["unpriced"][0]["line"] == 8


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("time,model,prompt_tokens,cost\n2026-03-01T12:30:00Z,gpt-5,1,2\n", "--ignore cost"),
        ("time,model,prompt_tokens\n2026-03-01T12:30:00Z,gpt-5\n", "is not read by DuckDB"),
        ('time,model,prompt_tokens\n2026-03-01T12:30:00Z, "gpt-5",1\n', "blanks beside its quotes"),
        ("time,model,prompt_tokens\r2026-03-01T12:30:00Z,gpt-5,1\n", "in several ways"),
        ("time,model,imges\n2026-03-01T12:30:00Z,gpt-5,1\n", "did you mean images?"),
        ("time,model,prompt_tokens\n", "has no rows of usage"),
        (
            "trace_id,startTime,model,usageDetails\n1,2026-03-01T12:30:00Z,gpt-5,{}\n",
            "is read as langfuse",
        ),
    ],
)
def test_what_an_engine_would_read_in_another_way_is_refused(text: str, why: str) -> None:
    Path("usage.csv").write_text(text, encoding="utf-8", newline="")
    assert why in run("audit", "usage.csv", "--engine", "duckdb", code=2).stderr
