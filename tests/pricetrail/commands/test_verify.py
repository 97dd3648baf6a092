"""`pricetrail verify`: what it prints, and how it ends."""

import json

import pytest

from tests.pricetrail.commands.running import (
    document,
    made_up_history,
    refused,
    run,
    shown,
)
from tests.pricetrail.commands.tampering import DEARER, change

NOBODYS = "sha256:" + "ab" * 32


@pytest.fixture
def history() -> str:
    """The made-up history; its head as it was saved elsewhere."""
    made_up_history()
    return shown("head").strip()


def test_verify_says_that_all_is_well(history: str) -> None:
    assert document("verify", "--head", history) == {
        "source": "s",
        "ok": True,
        "snapshots": 3,
        "version": 3,
        "head": history.removeprefix("3:"),
        "first_break": None,
        "bodies_pruned": 0,
        "saved_head": {"head": history, "found_at_version": 3},
    }
    said = shown("verify", "--head", history)
    assert "s: 3 versions, every hash and row as it should be" in said
    assert "the saved head is this one" in said
    assert "agrees with itself" in shown("verify")


def test_an_older_head_is_fine_and_named(history: str) -> None:
    older = document("snapshots")["snapshots"][0]["hash"]
    said = shown("verify", "--head", older)
    assert "the saved head is that of version 1" in said
    assert "2 versions came after" in said


def test_verify_names_the_first_break_and_fails(history: str) -> None:
    change(DEARER)
    code, out, err = run("verify", "--json")
    assert code == 1
    found = json.loads(out)
    assert found["ok"] is False
    assert found["first_break"] == {
        "version": 2,
        "what": "models",
        "why": "gpt-5: its document is not as served",
    }
    assert "s: the first break is in version 2, models: gpt-5: its document" in err
    assert "the first break is in version 2" in refused(1, "verify", "--head", history)


def test_a_head_of_another_history_fails(history: str) -> None:
    assert "is no head of this history" in refused(1, "verify", "--head", NOBODYS)
    assert "history was rewritten" in refused(1, "verify", "--head", f"2:{NOBODYS}")
    assert "is not a head: write sha256:" in refused(2, "verify", "--head", "abc")


def test_after_pruning_verify_says_what_it_can_no_longer_show(history: str) -> None:
    shown("db", "prune", "--bodies", "1s")
    assert "pruned: 2 bodies, of which the bytes" in shown("verify", "--head", history)
    assert document("verify")["bodies_pruned"] == 2
    assert run("export", "observations")[2].startswith("2 pruned bodies put together")


def test_without_a_snapshot_there_is_nothing_to_verify() -> None:
    assert "no database yet" in refused(3, "verify")
