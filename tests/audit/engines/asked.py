"""What the command says by DuckDB."""

import json
from typing import Any

from tests.pricetrail.commands.audits import run

ROWS = ("10:30,gpt-5,1000,200", "11:30,gpt-5,1000,200", "12:30,gpt-5,250000,0", "12:30,gpt-6,1,1")


def by_duckdb(*arguments: str) -> Any:
    """The document of an audit by DuckDB."""
    return json.loads(run("audit", *arguments, "--engine", "duckdb", "--json", "--totals").stdout)
