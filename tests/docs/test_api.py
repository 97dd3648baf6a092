"""The page about the API: each of its questions is asked, and every address is on it."""

import itertools
import json
import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from pricetrail.storage.database import Database
from tests.support.histories import build, catalog, failed, model, tokens
from tests.web.conftest import MakeClient, site_client

__all__ = ["site_client"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
KEPT = PAGE.with_name("openapi.json")
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def client(site_client: MakeClient, sqlite_url: str) -> TestClient:
    database = Database(sqlite_url)
    dear, cheap = tokens("0.000003", "0.000015"), tokens("0.0000025", "0.000015")
    first = catalog(model("gpt-5", dear), model("openai/o9", dear))
    build(database, "pipellm", [("09:00", first), ("10:00", first)])
    build(database, "pipellm", [("11:00", catalog(model("gpt-5", cheap), model("openai/o9")))])
    failed(database, "pipellm", "12:00")
    build(database, "pipellm", [("13:00", catalog(model("gpt-5", cheap)))])
    database.close()
    return site_client(sqlite_url)


def questions() -> list[tuple[str, str]]:
    """Each `curl` of the page that is answered there, and the answer."""
    found = []
    for block in _BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, answer = part.partition("\n")
            if command.startswith("curl") and answer.strip():
                found.append((command, answer.strip()))
    return found


def test_there_are_questions() -> None:
    assert len(questions()) > 10


@pytest.mark.parametrize(("command", "answer"), questions())
def test_a_question_has_the_answer_that_the_page_gives(
    client: TestClient, command: str, answer: str
) -> None:
    arguments = shlex.split(command)
    address = urlsplit(next(it for it in arguments if it.startswith("http://127.0.0.1:8080")))
    headers = dict(
        value.split(": ", 1) for name, value in itertools.pairwise(arguments) if name == "-H"
    )
    query = f"?{address.query}" if address.query else ""
    got = client.get(address.path + query, headers=headers)
    if "-I" in arguments:
        lines = {f"{name}: {value}" for name, value in got.headers.items()}
        said = answer.splitlines()
        assert said[0] == f"HTTP/1.1 {got.status_code} {got.reason_phrase}"
        assert set(said[1:]) <= lines
        return
    # What is left out stands behind an ellipsis.
    begins, ellipsis, _ = answer.partition("…")
    assert got.text.strip().startswith(begins)
    assert ellipsis or got.text.strip() == answer


def test_every_address_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    paths = json.loads(KEPT.read_text(encoding="utf-8"))["paths"]
    assert [path for path in paths if f"`{path}`" not in text] == []
