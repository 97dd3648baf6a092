"""The session of `docs/python.md`: every file, command and cell, and what each cell prints."""

import ast
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from pricetrail.cli import main
from pricetrail.client import Prices

PAGE = Path(__file__).resolve().parents[2] / "docs" / "python.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"File `([^`]+)`")


class Block(NamedTuple):
    """A fenced block of the session, and the file that was named last before it."""

    language: str
    text: str
    file: str


def blocks() -> Iterator[Block]:
    session = PAGE.read_text(encoding="utf-8").partition("\n## A session\n")[2]
    for found in _BLOCK.finditer(session):
        yield Block(found[1], found[2], _FILE.findall(session[: found.start()])[-1])


@pytest.fixture
def _database(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database that the page calls `prices.db`, without the half second of making it."""
    (tmp_path / "test.db").rename(tmp_path / "prices.db")
    # Only the page says where it is: whoever copies it line by line has no more than that.
    monkeypatch.delenv("PRICETRAIL_DATABASE_URL", raising=False)


@pytest.mark.usefixtures("_database")
def test_every_cell_prints_what_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    names: dict[str, object] = {}
    cells = 0
    for block, following in pairwise([*blocks(), Block("", "", "")]):
        if block.language == "jsonl":
            Path(block.file).write_text(block.text, encoding="utf-8")
        elif block.language == "sh":
            for program, *arguments in map(shlex.split, block.text.splitlines()):
                if program == "export":
                    monkeypatch.setenv(*arguments[0].split("=", 1))
                    continue
                assert program == "pricetrail"
                result = CliRunner().invoke(main, arguments)
                assert result.exit_code == 0, result.output
        elif block.language == "python":
            assert following.language == "text", block.text
            assert printed(block.text, names) == following.text
            cells += 1
        else:
            assert block.language == "text"
    assert cells > 10


def printed(cell: str, names: dict[str, object]) -> str:
    """What a cell prints; what it defines stays for those after it."""
    with redirect_stdout(StringIO()) as output:
        exec(compile(cell, str(PAGE), "exec"), names)
    return output.getvalue()


def test_every_method_is_used_in_the_session() -> None:
    code = "\n".join(block.text for block in blocks() if block.language == "python")
    used = {
        node.func.attr
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert {name for name in vars(Prices) if not name.startswith("_")} <= used
