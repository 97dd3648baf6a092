"""`pricetrail events`: the messages, as JSON and in words."""

import pytest

from tests.pricetrail.commands.running import document, made_up_history, refused, run, shown

DAY = "2026-03-01T"


@pytest.fixture(autouse=True)
def _history() -> None:
    made_up_history()


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
    code, out, err = run("events", "--model", "gpt-9")
    assert (code, out) == (0, "no such events\n")
    assert "no model that was ever seen matches 'gpt-9'" in err


def test_the_text_has_the_ids_that_other_commands_take() -> None:
    found = document("events")["events"]
    text = shown("events")
    assert all(one["data"]["id"] in text for one in found)
    assert document("explain", found[0]["data"]["id"][:10])["event"]["type"] == found[0]["type"]


def test_a_wrong_use_is_exit_code_2() -> None:
    assert "unknown event type" in refused(2, "events", "--type", "model.sold")
