"""The server as agents meet it: a process of its own, asked by the library's own client."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, TextContent

from pricetrail.mcp.tools import INSTRUCTIONS, TOOLS
from pricetrail.storage.database import Database
from tests.conftest import Recording
from tests.pricetrail.mcp.asking import restless
from tests.pricetrail.mcp.test_calls import HOSTILE, SPELLED
from tests.pricetrail.mcp.test_questions import SAME
from tests.support.histories import build, catalog, model

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]


def served(database: Database) -> None:
    """The restless history, and one more version with a name that is hostile."""
    restless(database)
    last = model("gpt-5"), model("steady"), model(HOSTILE, display_name=HOSTILE)
    build(database, "s", [("13:00", catalog(*last))])


class Agent:
    """A client in a thread of its own, connected to `pricetrail mcp`."""

    def __init__(self, portal: BlockingPortal, client: Client, told: Path) -> None:
        self._portal, self.client, self._told = portal, client, told

    def call(self, tool: str, **arguments: object) -> CallToolResult:
        async def ask() -> CallToolResult:
            return await self.client.call_tool(tool, arguments)

        return self._portal.call(ask)

    def tools(self) -> list[Any]:
        return self._portal.call(self.client.list_tools).tools

    def told(self) -> str:
        """What the server wrote to stderr."""
        return self._told.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def history(_sqlite_histories: Callable[[Recording], Path]) -> Path:
    """The file of a database, which is only read."""
    return _sqlite_histories(served)


@pytest.fixture(scope="module")
def agent(history: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """One process for many questions: to start one takes a second."""
    folder = tmp_path_factory.mktemp("agent")
    url = f"sqlite:///{history}"
    program = (
        "import sys\nsys.stderr = open('told', 'w')\nfrom pricetrail.__main__ import main\nmain()"
    )
    server = StdioServerParameters(
        command=sys.executable,
        args=["-c", program, "mcp"],
        env={"PRICETRAIL_DATABASE_URL": url, "PYTHONPATH": str(ROOT)},
        cwd=folder,
    )
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(server)) as client,
    ):
        yield Agent(portal, client, folder / "told")


def text_of(result: CallToolResult) -> str:
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


def test_the_tools_are_listed_as_what_only_reads(agent: Agent) -> None:
    assert agent.client.instructions == INSTRUCTIONS
    listed = agent.tools()
    assert [tool.name for tool in listed] == [tool.name for tool in TOOLS]
    for tool in listed:
        assert tool.annotations.read_only_hint
        assert not tool.annotations.destructive_hint
        assert tool.input_schema["type"] == tool.output_schema["type"] == "object"
        assert tool.input_schema["additionalProperties"] is False
        assert "basis" in tool.output_schema["required"]
        assert '"title"' not in json.dumps([tool.input_schema, tool.output_schema])


def test_every_answer_is_valid_by_its_own_schema_and_says_the_same_as_text(agent: Agent) -> None:
    # The client itself holds what it gets against the schema, once it has listed the tools.
    agent.tools()
    for tool, arguments, _ in SAME:
        result = agent.call(tool, **arguments)
        assert not result.is_error, text_of(result)
        assert json.loads(text_of(result)) == result.structured_content
        assert {one["certainty"] for one in result.structured_content["basis"]} <= {
            "observed",
            "bracketed",
            "gap",
        }
    assert agent.told() == ""


def test_a_mistake_is_a_line_with_its_remedy(agent: Agent) -> None:
    for arguments, said in [
        ({"model": "gpt-6"}, "no model 'gpt-6' was ever seen; did you mean gpt-5?"),
        ({"model": "gpt-5", "at": "2025"}, "at: '2025' is not a time: write "),
        ({}, "model: missing: it is required"),
    ]:
        result = agent.call("price", **arguments)
        assert result.is_error
        assert text_of(result).startswith(said)
        assert result.structured_content is None
    with pytest.raises(MCPError, match="no tool 'drop'; there are: price"):
        agent.call("drop")
    assert agent.told() == ""


def test_a_name_that_hides_something_shows_it_and_can_be_asked_about(agent: Agent) -> None:
    result = agent.call("models", model="ignore*")
    [document] = result.structured_content["data"]
    assert document["id"] == document["display_name"] == SPELLED
    assert text_of(result).isprintable()
    assert agent.call("price", model=SPELLED).structured_content["model"] == SPELLED


def test_long_lists_come_in_pages(agent: Agent) -> None:
    newest = agent.call("snapshots", limit=3).structured_content
    assert [one["version"] for one in newest["snapshots"]] == [10, 11, 12]
    older = agent.call("snapshots", limit=100, cursor=newest["next"]).structured_content
    assert [one["version"] for one in older["snapshots"]] == list(range(1, 10))
    assert older["next"] is None


def test_it_starts_without_a_database_speaks_to_older_clients_and_ends_at_sigterm(
    history: Path, tmp_path: Path
) -> None:
    began = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "older", "version": "1"},
    }
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "pricetrail", "mcp"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr

        def asked(number: int, method: str, **parameters: object) -> Any:
            message = {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}
            print(json.dumps(message), file=process.stdin, flush=True)
            found = json.loads((process.stdout or []).readline())  # type: ignore[union-attr]  # a pipe
            assert found["id"] == number
            return found["result"]

        assert asked(1, "initialize", **began)["protocolVersion"] == "2025-06-18"
        missing = asked(2, "tools/call", name="head", arguments={})
        assert missing["isError"]
        said = "pricetrail.db: no database yet: run `pricetrail poll` or `pricetrail import` first"
        assert missing["content"][0]["text"] == said
        assert not list(tmp_path.iterdir())
        (tmp_path / "pricetrail.db").write_bytes(history.read_bytes())
        found = asked(3, "tools/call", name="head", arguments={})
        assert found["structuredContent"]["version"] == 12
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stdout.read() == ""
        assert process.stderr.read() == f"pricetrail: {said}\n"
