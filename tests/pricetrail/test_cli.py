"""The command line as a whole: help, errors, exit codes, and no traceback."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pricetrail.cli import main
from pricetrail.commands.registry import REGISTRY, Entry
from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from tests.support.histories import build, catalog, model

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, list(arguments), prog_name="pricetrail")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("entry", REGISTRY, ids=[entry.name for entry in REGISTRY])
def test_every_command_has_help_with_an_example(entry: Entry) -> None:
    code, shown, _ = run(entry.name, "--help")
    assert code == 0
    assert "Examples:" in shown
    assert f"pricetrail {entry.name}" in shown


@pytest.mark.parametrize("entry", REGISTRY, ids=[entry.name for entry in REGISTRY])
def test_every_command_is_a_module_of_its_own(entry: Entry) -> None:
    module = importlib.import_module(entry.module)
    assert module.__doc__
    assert f"`pricetrail {entry.name}`" in module.__doc__


def test_a_misspelt_command_is_told_with_the_near_one() -> None:
    code, _, told = run("hstory", "gpt-5")
    assert code == 2
    assert "Did you mean 'history'?" in told


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["poll"], 2, "no source is configured: run `pricetrail init`"),
        (["run"], 2, "no source is configured"),
        (["models"], 3, "no database yet"),
        (["price", "gpt-5"], 3, "no database yet"),
        (["--config", "gone.toml", "poll"], 2, "there is no gone.toml"),
        (["price", "gpt-5", "--at", "soon"], 2, "is not a time"),
        (["webhooks", "test", "x"], 2, "no webhook 'x' is configured"),
    ],
)
def test_an_error_is_one_line_with_its_exit_code(
    arguments: list[str], code: int, said: str
) -> None:
    found, shown, told = run(*arguments)
    assert (found, shown) == (code, "")
    assert said in told.strip().splitlines()[-1]
    assert not list(Path().iterdir())  # and nothing is left behind


def test_a_database_that_is_not_ours_is_refused_and_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("notes.txt").write_text("not a database, just notes " * 100, encoding="utf-8")
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", "sqlite:///notes.txt")
    code, _, told = run("models")
    assert code == 2
    assert "is not a database" in told
    assert Path("notes.txt").read_text(encoding="utf-8").startswith("not a database")


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("mysql://u:canary-secret@localhost/x", 2, "is not one that pricetrail knows"),
        ("postgres://u:canary-secret@localhost/x", 2, "write sqlite:///FILE or postgresql+psycopg"),
        ("postgresql+psycopg://u:canary-secret@localhost:x/x", 2, "has a port that is no number"),
        ("postgresql+psycopg://localhost/x?pasword=canary-secret", 2, "does not know"),
        ("canary-secret", 2, "is not one that pricetrail knows"),
        (
            "postgresql+psycopg://u:canary-secret@127.0.0.1:1/x",
            1,
            "refused; check the address",
        ),
        ("postgresql+psycopg://127.0.0.1:1/x?password=canary-secret", 1, "cannot reach"),
        ("sqlite:////nowhere/at/all.db", 3, "no database yet"),
    ],
)
@pytest.mark.parametrize("arguments", [["models"], ["db", "current"], ["events", "--json"]])
@pytest.mark.parametrize("in_file", [True, False])
def test_a_database_that_cannot_be_used_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    url: str,
    code: int,
    said: str,
    *,
    in_file: bool,
) -> None:
    if in_file:
        Path("pricetrail.toml").write_text(f'database_url = "{url}"', encoding="utf-8")
    else:
        monkeypatch.setenv("PRICETRAIL_DATABASE_URL", url)
    found, shown, told = run(*arguments)
    if arguments[0] != "db" or code == 2:
        assert found == code
        assert said in told
    assert told.count("\n") <= 1
    assert "canary-secret" not in shown + told
    if code == 2:
        assert told.startswith(
            "pricetrail: pricetrail.toml: database_url: "
            if in_file
            else "pricetrail: the environment: PRICETRAIL_DATABASE_URL: "
        )


def test_it_runs_as_a_module_where_the_terminal_knows_only_ascii() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "pricetrail", "poll", "--help"],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"},
    )
    assert result.returncode == 0
    assert b"Usage: pricetrail poll" in result.stdout


def test_a_name_from_outside_cannot_write_to_the_terminal() -> None:
    prepare("sqlite:///pricetrail.db")
    database = Database("sqlite:///pricetrail.db")
    build(database, "s", [("10:00", catalog(model("gpt-\x1b[31m5\u202e")))])
    database.close()
    code, _, told = run("price", "gpt-5")
    assert code == 3
    assert "did you mean gpt-" in told
    assert not {"\x1b", "\u202e"} & set(told)
