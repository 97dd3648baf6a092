"""The commands that only read: their JSON shapes, their words, their exit codes."""

import pytest

from pricetrail.storage.database import Database
from tests.pricetrail.commands.running import (
    URL,
    document,
    made_up_history,
    refused,
    run,
    shown,
)
from tests.support.histories import build, catalog, model

DAY = "2026-03-01T"


@pytest.fixture(autouse=True)
def _history() -> None:
    made_up_history()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["price", "gpt-6"], "did you mean gpt-5?"),
        (["price", "old"], "not visible to this key any more"),
        (["price", "new", "--at", f"{DAY}10:30:00Z"], "first seen"),
        (["price", "gpt-5", "--field", "text.promt"], "text.prompt"),
        (["price", "gpt-5", "--at", "2026-02-01"], "no snapshot of s"),
        (["history", "gpt-6"], "did you mean gpt-5?"),
        (["diff", "1", "9"], "there is no snapshot 9"),
        (["diff", "latest~3", "latest"], "there is no snapshot 0: the latest of s is 3"),
        (["models", "--source", "x"], "no source 'x' here"),
        (["coverage", "--month", "2031-01"], "nothing to tell"),
    ],
)
def test_nothing_to_answer_from_is_exit_code_3(arguments: list[str], said: str) -> None:
    assert said in refused(3, *arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["diff", "first", "latest"], "names no version"),
        (["events", "--type", "model.sold"], "no event type"),
        (["coverage", "--month", "March"], "is not a month"),
        (["db", "prune"], "say what to delete"),
    ],
)
def test_a_wrong_use_is_exit_code_2(arguments: list[str], said: str) -> None:
    assert said in refused(2, *arguments)


def test_events_are_the_messages_oldest_first() -> None:
    found = document("events")["events"]
    assert [one["type"] for one in found] == [
        *("model.repriced", "model.added", "model.removed", "model.updated"),
    ]
    assert list(found[0]) == ["type", "timestamp", "data"]
    assert found[0]["data"]["snapshot"]["version"] == 2
    some = document("events", "--model", "gpt-*", "--since", f"{DAY}13:00:00Z")["events"]
    assert [one["type"] for one in some] == ["model.updated"]
    assert (
        len(document("events", "--type", "model.added", "--type", "model.removed")["events"]) == 2
    )
    assert document("events", "--limit", "1")["events"] == [found[-1]]
    assert shown("events", "--since", "2027-01-01") == "no such events\n"


def test_coverage_tells_what_polls_vouch_for() -> None:
    found = document("coverage")
    assert (found["from"], found["until"]) == (f"{DAY}10:00:00Z", f"{DAY}15:00:00Z")
    assert [one["outcome"] for one in found["stretches"]] == ["good", "good", "failed", "good"]
    assert found["gaps"] == [
        {"from": f"{DAY}12:00:00Z", "until": f"{DAY}14:00:00Z", "why": "503 from the gateway"}
    ]
    month = next(line for line in shown("coverage").splitlines() if line.startswith("2026-03 "))
    assert month.split() == ["2026-03", "40.00", "20.00", "40.00"]
    day = next(
        line
        for line in shown("coverage", "--month", "2026-03").splitlines()
        if "2026-03-01  " in line
    )
    assert day == "2026-03-01  ··········█▒··█" + "·" * 9


def test_several_sources_have_to_be_told_apart() -> None:

    database = Database(URL)
    build(database, "other", [("10:00", catalog(model("x")))])
    database.close()
    code, _, said = run("models")
    assert code == 2
    assert "name one with --source (other, s)" in said
    assert document("models", "--source", "other")["total"] == 1
    assert len(document("events")["events"]) == 4
