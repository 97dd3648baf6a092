"""`audit --engine`: which files, what is refused, and what an engine may see."""

import builtins
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pricetrail.audit.engines.bills import found
from pricetrail.audit.engines.duckdb import DuckDb
from pricetrail.audit.usage.errors import UsageFileError
from tests.pricetrail.commands.audits import history, run, usage

pytestmark = pytest.mark.slow

ROWS = ("10:30,gpt-5,1000,200", "11:30,gpt-5,1000,200", "12:30,gpt-5,250000,0", "12:30,gpt-6,1,1")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    url = f"sqlite:///{tmp_path / 'audits.db'}"
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", url)
    history(url)


def by_duckdb(*arguments: str) -> Any:
    return json.loads(run("audit", *arguments, "--engine", "duckdb", "--json", "--totals").stdout)


def test_several_files_and_globs_are_one_bill() -> None:
    first, second = usage("a 1.csv", *ROWS), usage("it's [b].csv", *ROWS[:2])
    Path("c.csv.gz").write_bytes(gzip.compress(Path(first).read_bytes()))
    alone = by_duckdb(first)
    assert alone == json.loads(run("audit", first, "--json", "--totals").stdout)
    both = by_duckdb(second, "* 1.csv")
    assert both["rows"] == 6
    assert by_duckdb("c.*")["total"] == alone["total"]
    assert "line 5 gpt-6" in run("audit", first, "--engine", "duckdb").stdout


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


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("usage.csv", "-o", "lines.csv"), "leave it out for -o"),
        (("usage.csv", "--json"), "leave it out for --json without --totals"),
        (("usage.csv", "--as", "focus"), "leave it out for --as"),
        (("usage.csv", "--invoice", "usage.csv"), "leave it out for --invoice"),
        (("usage.csv", "usage.csv"), "usage.csv is named twice"),
        (("usage.jsonl",), "usage.jsonl is JSON, not a table: leave --engine out"),
        (("usage.csv.xz",), "compressed by xz"),
        (("gone.csv",), "no such file"),
        (("s3://bucket/usage.csv",), "is no file on this machine"),
    ],
)
def test_what_an_engine_does_not_do_is_refused(arguments: tuple[str, ...], why: str) -> None:
    for name in ("usage.csv", "usage.jsonl", "usage.csv.xz"):
        usage(name, *ROWS)
    assert why in run("audit", *arguments, "--engine", "duckdb", code=2).stderr


def test_several_files_need_an_engine() -> None:
    names = (usage("a.csv", *ROWS), usage("b.csv", *ROWS))
    assert "several with --engine duckdb" in run("audit", *names, code=2).stderr


def test_without_its_libraries_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = builtins.__import__

    def missing(name: str, *more: Any) -> Any:
        if name == "pricetrail.audit.engines.duckdb":
            raise ModuleNotFoundError(name=name)
        return usual(name, *more)

    monkeypatch.setattr(builtins, "__import__", missing)
    refused = run("audit", usage("usage.csv", *ROWS), "--engine", "duckdb", code=2)
    assert "pip install '.[duckdb]'" in refused.stderr


def test_duckdb_sees_no_other_file(tmp_path: Path) -> None:
    named, other = Path(usage("usage.csv", *ROWS)), Path(usage("other.csv", *ROWS))
    with DuckDb([named]) as database:
        assert list(database.rows(named, f"SELECT COUNT(*) FROM {database.names[named]}")) == [(4,)]
        for statement in (
            f"SELECT * FROM '{tmp_path / other}'",
            f"COPY (SELECT 1) TO '{tmp_path / 'new.csv'}'",
            "SELECT * FROM 'http://127.0.0.1:9/usage.csv'",
            "SET enable_external_access = true",
        ):
            with pytest.raises(UsageFileError, match="is not read by DuckDB"):
                database.run(named, statement)


def test_a_name_of_its_own_goes_before_a_glob() -> None:
    for name in ("a[1].csv", "a1.csv"):
        usage(name, *ROWS)
    assert found(Path("a[1].csv")) == [Path("a[1].csv")]
    assert found(Path("a?.csv")) == [Path("a1.csv")]
