"""A worked example on a page of the docs: every file and every output that it shows."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

from pricetrail.cli import main

DOCS = Path(__file__).resolve().parents[2] / "docs"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAME = re.compile(r"[Ff]ile `([^`]+)`")


class Block(NamedTuple):
    """A fenced block: its language, its text, and the file that was named last before it."""

    language: str
    text: str
    file: str | None


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    for found in _BLOCK.finditer(text):
        names = _NAME.findall(text[: found.start()])
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


def play(page: Path) -> int:
    """Write the files and run the commands of a page, each as it says; how many it shows."""
    played_commands = 0
    for block in blocks(page):
        if block.language == "console":
            assert played(block) == block.text
            played_commands += block.text.count("$ pricetrail")
        elif block.language == "sh":
            for line in block.text.splitlines():
                shown(line)
        elif block.language in ("text", "toml"):
            continue  # an example of what a file may hold
        elif block.language == "written":
            written = Path(block.file or "").read_text(encoding="utf-8")
            assert written.replace("\r\n", "\n") == block.text
        else:
            Path(block.file or "").write_text(block.text, encoding="utf-8")
    return played_commands
