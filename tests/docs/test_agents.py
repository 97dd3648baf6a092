"""What `docs/agents.md` shows is what an agent gets."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pricetrail.cli import main
from pricetrail.context import App
from pricetrail.mcp import data, paging, questions
from pricetrail.mcp.calls import Calls
from pricetrail.mcp.tools import TOOLS
from tests.docs.test_python import blocks

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "agents.md").read_text(encoding="utf-8")
_JSON = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SETUP, _, _CONVERSATION = PAGE.partition("\n## A conversation\n")


def test_every_set_up_starts_the_server() -> None:
    documents = [json.loads(text) for text in _JSON.findall(_SETUP)]
    assert len(documents) == 3
    for document in documents:
        [servers] = document.values()
        server = servers["pricetrail"]
        words = [server["command"], *server["args"]]
        assert words[-1] == "mcp"
        assert any(word.endswith("/pricetrail") for word in words)
    [added] = re.findall(r"^claude mcp add .*$", _SETUP, re.MULTILINE)
    assert added.endswith(" mcp")


def test_every_tool_is_listed_with_its_arguments() -> None:
    listed = re.findall(r"^\| `(\w+\(.*?\))` \|", PAGE, re.MULTILINE)
    assert listed == [f"{tool.name}({', '.join(_arguments(tool.arguments))})" for tool in TOOLS]


def _arguments(model: Any) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def test_the_conversation_is_what_happens(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", sqlite_url)
    history, command = (
        next(block for block in blocks() if block.language == language)
        for language in ("jsonl", "sh")
    )
    Path(history.file).write_text(history.text, encoding="utf-8")
    # The line before it says where the session's database is.
    importing = command.text.splitlines()[-1]
    assert CliRunner().invoke(main, shlex.split(importing)[1:]).exit_code == 0
    app = App()
    calls = Calls(app)
    price, prices, events, happened, mistake = map(json.loads, _JSON.findall(_CONVERSATION))
    assert calls.call("price", price).answer == prices
    assert calls.call("events", events).answer == happened
    assert f"\n> {calls.call('price', mistake).text}\n" in PAGE
    app.close()


def test_the_limits_are_those_of_the_code() -> None:
    words = " ".join(PAGE.split())
    for said in (
        f"A page has {paging.DEFAULT} entries unless `limit` says another number, {paging.MOST}",
        f"at about {paging.BUDGET:,} characters",
        f"more than {data.LONGEST:,} characters",
        f"of more than {questions.MOST_SOURCES} sources",
    ):
        assert said in words
