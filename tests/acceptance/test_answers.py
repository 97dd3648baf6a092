"""What reading commands say: alike on both databases, and no text from outside steers them."""

from collections.abc import Iterator

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from tests.pricetrail.commands.running import URL, eventful, shown
from tests.support.histories import build, catalog, failed, model

DAY = "2026-03-01T"
HOSTILE = "gpt-\x1b]0;x\x07\u202e5"
READING = [
    ["models"],
    ["models", "--at", f"{DAY}10:30:00Z"],
    ["price", "a", "--at", f"{DAY}12:00:00Z"],
    ["price", "a"],
    *(["compare", "a", *at] for at in ([], ["--at", f"{DAY}12:00:00Z"])),
    ["compare"],
    ["history", "a"],
    ["history", "B"],
    ["diff", "baseline", "latest"],
    ["events"],
    ["snapshots"],
    ["snapshots", "show", "2"],
    ["coverage"],
]


@pytest.fixture
def database() -> Iterator[Database]:
    prepare(URL)
    found = Database(URL)
    yield found
    found.close()


def test_both_databases_give_the_same_answers(
    database: Database, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Database(postgres_url)
    for each in (database, server):
        eventful(each)
    server.close()
    answers = []
    for url in (URL, postgres_url):
        monkeypatch.setenv("PRICETRAIL_DATABASE_URL", url)
        answers.append([(shown(*one, "--json"), shown(*one)) for one in READING])
    assert answers[0] == answers[1]


def test_text_from_outside_cannot_steer_the_terminal(database: Database) -> None:
    first = catalog(model(HOSTILE))
    build(database, "s", [("10:00", first), ("11:00", first)])
    failed(database, "s", "12:00", "came \x1b[2J\u202e")
    build(
        database,
        "s",
        [("13:00", catalog(model(HOSTILE) | {"x\x07": "y\u202e"})), ("14:00", catalog())],
    )
    for arguments in (
        ["models", "--at", f"{DAY}10:30:00Z"],
        ["price", HOSTILE, "--at", f"{DAY}10:30:00Z"],
        ["price", HOSTILE, "--at", f"{DAY}12:00:00Z"],
        ["history", HOSTILE],
        ["diff", "1", "2"],
        ["diff", "1", "3"],
        ["events"],
        ["coverage"],
    ):
        text = shown(*arguments)
        assert not set(text) & {"\x1b", "\x07", "\u202e"}, arguments
        assert "\ufffd" in text, arguments
