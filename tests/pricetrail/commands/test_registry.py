"""The registry of commands: complete, true to the commands, and read without importing one."""

import ast
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pricetrail import commands
from pricetrail.cli import main
from pricetrail.commands.registry import GROUPS, REGISTRY, Entry
from tests.pricetrail.commands.running import made_up_history

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
NAMES = [entry.name for entry in REGISTRY]
# They cost more than the help does.
HEAVY = {"alembic", "deepdiff", "httpx", "psycopg", "pydantic", "rich", "sqlalchemy", "stamina"}


# Forks, so that what each may import, and is dear, is imported once.
PROGRAM = """
import json, os, sys
import {shared}
for line in json.loads(sys.argv[1]):
    if os.fork() == 0:
        from pricetrail.__main__ import main
        sys.argv = ["pricetrail", *line.split()]
        try:
            main()
        finally:
            print(*sys.modules, file=sys.stderr)
    sys.stdout.flush()
    assert os.wait()[1] == 0, line
"""


def modules_after(*lines: str, shared: str = "click") -> Iterator[set[str]]:
    """What a fresh process has imported once it has run each command line."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(shared=shared), json.dumps(lines)],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        text=True,
    )
    assert done.returncode == 0, done.stderr
    told = done.stderr.splitlines()
    assert len(told) == len(lines), done.stderr
    return (set(line.split()) for line in told)


def test_help_imports_no_command_and_nothing_that_costs() -> None:
    for imported in modules_after("--help", "-h", "--version"):
        assert "pricetrail.cli" in imported
        assert imported.isdisjoint(entry.module for entry in REGISTRY)
        assert imported.isdisjoint(HEAVY)


READING = ("price gpt-5", "history gpt-5", "models", "snapshots", "events", "coverage", "head")


def test_a_question_imports_no_channel_and_nothing_that_only_polls_need() -> None:
    made_up_history()
    Path("pricetrail.toml").write_text(
        '[sources.s]\napi_key = "env:NO"\n[webhooks.w]\nurl = "env:NO"\n', encoding="utf-8"
    )
    asked = [f"{question} --json" for question in READING]
    for question, imported in zip(asked, modules_after(*asked, shared="sqlalchemy"), strict=True):
        assert imported.isdisjoint(HEAVY - {"sqlalchemy"}), question
        ours = {name for name in imported if name.startswith("pricetrail.")}
        needless = ("pricetrail.alerts.", "pricetrail.jobs.polls", "pricetrail.settings.sources")
        assert not [name for name in ours if name.startswith(needless)], question


def test_a_command_imports_its_own_module_alone() -> None:
    [imported] = modules_after("models --help")
    assert imported & {entry.module for entry in REGISTRY} == {"pricetrail.commands.models"}


def test_every_module_that_holds_a_command_is_registered_once() -> None:
    [folder] = commands.__path__
    defining = [path.stem for path in Path(folder).glob("*.py") if _defines_a_command(path)]
    registered = [entry.module.rpartition(".")[2] for entry in REGISTRY]
    assert sorted(registered) == sorted(defining)


def _defines_a_command(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == "command" for node in tree.body)


@pytest.mark.parametrize("entry", REGISTRY, ids=NAMES)
def test_a_summary_is_the_first_sentence_of_the_commands_own_help(entry: Entry) -> None:
    command = importlib.import_module(entry.module).command
    assert isinstance(command, click.Command)
    assert command.get_short_help_str(limit=1000) == entry.summary


def test_help_shows_every_summary_uncut_in_groups_at_80_columns() -> None:
    shown = CliRunner().invoke(main, ["--help"], terminal_width=80).output
    _, *sections = [part.splitlines() for part in shown.split("\n\n") if not part.startswith("  ")]
    headings = [lines[0] for lines in sections[1:]]
    assert headings == [f"{group}:" for group in GROUPS]
    lines = [line for lines in sections[1:] for line in lines[1:]]
    assert [line.split(maxsplit=1) for line in lines] == [[e.name, e.summary] for e in REGISTRY]
    assert max(map(len, lines)) <= 80
