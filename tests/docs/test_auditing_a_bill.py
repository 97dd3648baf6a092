"""The worked examples of auditing and of reconciling a bill: every file and every output on the page."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from pricetrail.cli import main

DOCS = Path(__file__).resolve().parents[2] / "docs"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"File `([^`]+)`")


class Block(NamedTuple):
    """A fenced block: its language, its text, and the file that was named last before it."""

    language: str
    text: str
    file: str | None


def blocks(name: str) -> Iterator[Block]:
    page = (DOCS / name).read_text(encoding="utf-8")
    for found in _BLOCK.finditer(page):
        names = _NAME.findall(page[: found.start()])
        yield Block(found[1], found[2], names[-1] if names else None)


def shown(command: str) -> str:
    """What a command of the page prints."""
    program, *arguments = shlex.split(command)
    assert program == "pricetrail"
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def played(block: Block) -> str:
    """A console block as it would come out."""
    commands = [line for line in block.text.splitlines() if line.startswith("$ ")]
    return "".join(f"{line}\n{shown(line.removeprefix('$ '))}" for line in commands)


@pytest.fixture
def _database(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", sqlite_url)


@pytest.mark.parametrize(
    ("name", "commands"), [("auditing-a-bill.md", 3), ("reconciling-a-bill.md", 2)]
)
@pytest.mark.usefixtures("_database")
def test_every_command_prints_what_the_page_says(name: str, commands: int) -> None:
    played_commands = 0
    for block in blocks(name):
        if block.language == "console":
            assert played(block) == block.text
            played_commands += block.text.count("$ pricetrail")
        elif block.language == "sh":
            for line in block.text.splitlines():
                shown(line)
        elif block.language == "text":
            continue  # an example of what a file may hold
        elif block.language == "written":
            written = Path(block.file or "").read_text(encoding="utf-8")
            assert written.replace("\r\n", "\n") == block.text
        else:
            Path(block.file or "").write_text(block.text, encoding="utf-8")
    assert played_commands == commands
