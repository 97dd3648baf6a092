"""The commands that only read: their JSON shapes, their words, their exit codes."""

import json

import pytest

from pricetrail.storage.database import Database
from tests.pricetrail.commands.running import (
    CHEAP,
    URL,
    document,
    made_up_history,
    refused,
    run,
    shown,
)
from tests.support.histories import build, catalog, model, tokens

PROMPT = "/pricing/text/prompt"
CUT = {
    "path": PROMPT,
    "unit": "USD/token",
    "old": "0.000003",
    "new": "0.0000025",
    "percent": "-16.67",
}
DAY = "2026-03-01T"


@pytest.fixture(autouse=True)
def _history() -> None:
    made_up_history()


def test_models_are_in_the_gateways_own_shape_at_any_time() -> None:
    now = document("models")
    assert list(now) == ["object", "data", "total"]
    assert [one["id"] for one in now["data"]] == ["gpt-5", "new"]
    then = document("models", "--at", f"{DAY}11:30:00Z")
    assert (then["object"], then["total"]) == ("list", 2)
    assert then["data"][0]["pricing"]["text"]["prompt"] == "0.000003"
    table = shown("models")
    assert "$2.50" in table
    assert "2 models of s, version 3" in table
    assert "the first is of 2026-03-01" in refused(3, "models", "--at", "2026-02-01")


def test_a_price_between_polls_that_agree_is_observed() -> None:
    found = document("price", "gpt-5", "--at", f"{DAY}10:30:00Z")
    assert list(found) == [
        *("source", "model", "at", "certainty", "snapshot", "observed", "pricing", "prices"),
    ]
    assert (found["certainty"], found["snapshot"]["version"]) == ("observed", 1)
    assert found["snapshot"]["hash"].startswith("sha256:")
    assert found["observed"] == {"from": f"{DAY}10:00:00Z", "until": f"{DAY}11:00:00Z"}
    assert found["prices"][1] == {"path": PROMPT, "unit": "USD/token", "amount": "0.000003"}


def test_a_price_between_polls_that_differ_is_bracketed_with_both_sides() -> None:
    found = document("price", "gpt-5", "--at", f"{DAY}11:30:00Z", "--field", "text.prompt")
    assert found["certainty"] == "bracketed"
    assert [one["amount"] for one in found["prices"]] == ["0.000003"]
    assert found["before"]["at"] == f"{DAY}11:00:00Z"
    assert found["after"]["prices"][0]["amount"] == "0.0000025"
    words = shown("price", "gpt-5", "--at", f"{DAY}11:30:00Z")
    assert "it changed between 2026-03-01T11:00:00Z and 2026-03-01T12:00:00Z" in words
    # The other price is the same on both sides: of that one they are sure.
    other = document("price", "gpt-5", "--at", f"{DAY}11:30:00Z", "--field", "text.completion")
    assert other["certainty"] == "observed"


def test_a_price_around_a_failed_poll_is_a_gap_even_where_both_sides_agree() -> None:
    found = document("price", "gpt-5", "--at", f"{DAY}13:00:00Z")
    assert (found["certainty"], found["why"]) == ("gap", "503 from the gateway")
    assert found["before"]["prices"] == found["after"]["prices"]


def test_without_a_time_a_price_is_as_last_seen() -> None:
    found = document("price", "gpt-5")
    assert (found["at"], found["certainty"]) == (f"{DAY}15:00:00Z", "observed")
    assert "$2.50 /1M" in shown("price", "gpt-5")
    later = document("price", "gpt-5", "--at", "2026-03-02")
    assert (later["certainty"], later["after"]) == ("gap", None)


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


def test_history_begins_with_the_baseline_and_goes_on_with_each_change() -> None:
    found = document("history", "gpt-5")
    assert (found["source"], found["model"]) == ("s", "gpt-5")
    kinds = [(one["type"], one["version"]) for one in found["events"]]
    assert kinds == [("baseline", 1), ("model.repriced", 2), ("model.updated", 3)]
    repriced = found["events"][1]
    assert (repriced["direction"], repriced["changes"]) == ("decrease", [CUT])
    assert repriced["observed"] == {
        "not_before": f"{DAY}11:00:00Z",
        "not_after": f"{DAY}12:00:00Z",
    }
    only = document("history", "gpt-5", "--field", "text.prompt")
    assert [one["type"] for one in only["events"]] == ["baseline", "model.repriced"]
    assert "prompt $3.00 → $2.50 /1M (−16.7%)" in shown("history", "gpt-5")


def test_history_passes_over_versions_in_which_only_noise_changed() -> None:
    noisy = tokens("0.0000025000000000000001", "0.000015")
    last = catalog(model("gpt-5", noisy, display_name="GPT 5"), model("new", CHEAP))
    database = Database(URL)
    build(database, "s", [("16:00", last)])
    database.close()
    found = document("history", "gpt-5")["events"]
    assert [(one["type"], one["version"]) for one in found][2:] == [("model.updated", 3)]


def test_a_diff_compares_any_two_versions_either_way() -> None:
    found = document("diff", "baseline", "latest")
    assert found == {
        "from": {"version": 1},
        "to": {"version": 3},
        "added": ["new"],
        "removed": ["old"],
        "repriced": [{"model": "gpt-5", "direction": "decrease", "changes": [CUT]}],
        "updated": [{"model": "gpt-5", "changes": found["updated"][0]["changes"]}],
    }
    assert found["updated"][0]["changes"][0]["path"] == "/display_name"
    back = document("diff", "latest", f"{DAY}10:30:00Z")
    assert (back["added"], back["repriced"][0]["direction"]) == (["old"], "increase")
    assert "hold the same catalog" in shown("diff", "2", "latest~1")
    assert "no longer visible  old" in shown("diff", "1", "3")


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


def test_snapshots_are_linked_and_counted() -> None:
    found = document("snapshots")["snapshots"]
    assert [one["version"] for one in found] == [1, 2, 3]
    assert found[2]["previous_hash"] == found[1]["hash"]
    assert (found[0]["first_seen"], found[0]["last_seen"]) == (f"{DAY}10:00:00Z", f"{DAY}11:00:00Z")
    assert (found[0]["polls"], found[0]["models"]) == (2, 2)
    assert found[2]["counts"] == {"added": 1, "removed": 1, "repriced": 0, "updated": 1}


def test_a_snapshots_body_comes_back_as_it_was_served() -> None:
    body = json.loads(shown("snapshots", "show", "1", "--raw"))
    assert [one["id"] for one in body["data"]] == ["gpt-5", "old"]
    assert document("snapshots", "show", "latest~1")["version"] == 2


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
    from pricetrail.storage.database import Database
    from tests.pricetrail.commands.running import URL
    from tests.support.histories import build, catalog, model

    database = Database(URL)
    build(database, "other", [("10:00", catalog(model("x")))])
    database.close()
    code, _, said = run("models")
    assert code == 2
    assert "name one with --source (other, s)" in said
    assert document("models", "--source", "other")["total"] == 1
    assert len(document("events")["events"]) == 4
