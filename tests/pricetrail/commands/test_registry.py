"""The registry of commands: complete, true to the commands, and read without importing one."""

import ast
import importlib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pricetrail import commands
from pricetrail.cli import main
from pricetrail.commands.registry import GROUPS, REGISTRY, Entry

pytestmark = pytest.mark.slow

NAMES = [entry.name for entry in REGISTRY]


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
