"""What DuckDB is not given to read."""

import pytest

from tests.audit.engines.asked import ROWS
from tests.pricetrail.commands.audits import run, usage

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("here")]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("usage.csv", "-o", "lines.csv"), "leave it out for -o"),
        (("usage.csv", "--json"), "leave it out for --json without --totals"),
        (("usage.csv", "--as", "focus"), "leave it out for --as"),
        (("usage.csv", "--invoice", "usage.csv"), "leave it out for --invoice"),
        (("usage.csv", "usage.csv"), "usage.csv is named twice"),
        (("usage.json",), "usage.json is not named as a table (.csv, .tsv, .jsonl"),
        (("usage.csv.xz",), "compressed by xz"),
        (("gone.csv",), "no such file"),
        (("s3://bucket/usage.csv",), "is no file on this machine"),
    ],
)
def test_what_an_engine_does_not_do_is_refused(arguments: tuple[str, ...], why: str) -> None:
    for name in ("usage.csv", "usage.json", "usage.csv.xz"):
        usage(name, *ROWS)
    assert why in run("audit", *arguments, "--engine", "duckdb", code=2).stderr
