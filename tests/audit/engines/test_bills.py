"""`audit --engine`: which files, what is refused, and what an engine may see."""

import builtins
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pricetrail.audit.engines.bills import found
from tests.audit.engines.asked import ROWS, by_duckdb
from tests.pricetrail.commands.audits import run, usage

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("here")]


def test_several_files_and_globs_are_one_bill() -> None:
    first, second = usage("a 1.csv", *ROWS), usage("it's [b].csv", *ROWS[:2])
    Path("c.csv.gz").write_bytes(gzip.compress(Path(first).read_bytes()))
    alone = by_duckdb(first)
    assert alone == json.loads(run("audit", first, "--json", "--totals").stdout)
    both = by_duckdb(second, "* 1.csv")
    assert both["rows"] == 6
    assert by_duckdb("c.*")["total"] == alone["total"]
    assert "line 5 gpt-6" in run("audit", first, "--engine", "duckdb").stdout


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


def test_a_name_of_its_own_goes_before_a_glob() -> None:
    for name in ("a[1].csv", "a1.csv"):
        usage(name, *ROWS)
    assert found(Path("a[1].csv")) == [Path("a[1].csv")]
    assert found(Path("a?.csv")) == [Path("a1.csv")]
