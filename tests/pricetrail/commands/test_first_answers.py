"""What reading commands say early on, of text from outside, and alike on both databases."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from tests.pricetrail.commands.running import URL, document, refused, run, shown
from tests.support.histories import build, catalog, failed, model, tokens

DAY = "2026-03-01T"
HOSTILE = "gpt-\x1b]0;x\x07\u202e5"
READING = [
    ["models"],
    ["models", "--at", f"{DAY}10:30:00Z"],
    ["price", "a", "--at", f"{DAY}12:00:00Z"],
    ["price", "a"],
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


def eventful(database: Database) -> None:
    first = catalog(model("B"), model("a"), model("ä"))
    build(database, "s", [("10:00", first), ("11:00", first)])
    failed(database, "s", "12:00")
    second = catalog(
        model("a", tokens("0.0000025", "1e-7", audio={"x": Decimal("0.1")})), model("ä")
    )
    build(database, "s", [("13:00", second), ("14:00", first)])


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


def test_one_failed_poll_vouches_for_nothing(database: Database) -> None:
    failed(database, "s", "10:00", "401: the key was refused")
    found = document("coverage")
    assert (found["observed_percent"], found["bracketed_percent"]) == ("0.00", "0.00")
    told = shown("coverage")
    assert told == f"s: one poll so far, failed, at {DAY}10:00:00Z: 401: the key was refused\n"
    assert shown("snapshots") == "no snapshot yet: no poll has succeeded\n"
    assert document("snapshots") == {"snapshots": []}
    for arguments in (["models"], ["diff", "baseline", "latest"], ["snapshots", "show", "latest"]):
        assert "s has no snapshot yet: run `pricetrail poll`" in refused(3, *arguments)


def test_one_good_poll_vouches_for_no_time_yet(database: Database) -> None:
    build(database, "s", [("10:00", catalog(model("a")))])
    assert document("coverage")["observed_percent"] == "0.00"
    assert shown("coverage") == f"s: one poll so far, good, at {DAY}10:00:00Z\n"
    assert document("price", "a")["certainty"] == "observed"


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


def test_a_field_that_never_was_is_named_with_its_neighbours(database: Database) -> None:
    eventful(database)
    assert "it has: text.prompt" in refused(3, "history", "a", "--field", "text.promt")
    assert "/display_name" in refused(3, "history", "a", "--field", "/display_nme")
    assert document("history", "ä", "--field", "text.prompt")["events"][0]["type"] == "baseline"
    assert shown("history", "ä", "--field", "text.prompt").endswith("\ntext.prompt never changed\n")
    # It is gone by now, but it was there.
    gone = document("history", "a", "--field", "audio")["events"]
    assert [one["version"] for one in gone] == [1, 2, 3]


def test_a_wrong_source_is_named_with_those_there_are(database: Database) -> None:
    eventful(database)
    code, out, err = run("history", "a", "--source", "t")
    assert (code, out) == (3, "")
    assert "no source 't' here; there are: s" in err
