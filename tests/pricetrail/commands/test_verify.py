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
    assert "is not a head: write VERSION:sha256:" in refused(2, "verify", "--head", "xyz")


def test_the_end_of_a_chat_message_is_a_weaker_head(history: str) -> None:
    digits = history.rpartition(":")[2]
    for given in (f"3:{digits[:16]}", digits[:16], f"3:{digits[:16]}…", f"3:sha256:{digits[:16]}"):
        said = shown("verify", "--head", given)
        assert "the saved head is this one: nothing before it was changed\n" in said
        assert "a prefix of 64 bits out of 256: no accident matches it, but someone able" in said
    found = document("verify", "--head", f"3:{digits[:20].upper()}")["saved_head"]
    assert found["remark"].startswith("this head is a prefix of 80 bits out of 256")
    del found["remark"]
    assert found == {"head": f"3:{digits[:20]}", "found_at_version": 3, "bits": 80}
    whole = document("verify", "--head", digits)["saved_head"]
    assert whole == {"head": f"sha256:{digits}", "found_at_version": 3}
    assert "prefix" not in shown("verify", "--head", history)


def test_a_wrong_or_short_end_of_a_message_is_told(history: str) -> None:
    digits = history.rpartition(":")[2]
    other = "0" * 16
    assert f"saved for it is {other}…, here" in refused(1, "verify", "--head", f"2:{other}")
    assert f"{other} is no head of this history" in refused(1, "verify", "--head", other)
    assert "history was rewritten" in refused(1, "verify", "--head", f"2:{digits[:16]}")
    assert "has 15 hex digits of a head" in refused(2, "verify", "--head", f"3:{digits[:15]}")
    assert "is only a part of a head" in refused(
        2, "evidence", "check", "no-such-file", "--head", digits[:16]
    )


def test_after_pruning_verify_says_what_it_can_no_longer_show(history: str) -> None:
    shown("db", "prune", "--bodies", "1s")
    assert "pruned: 2 bodies, of which the bytes" in shown("verify", "--head", history)
    assert document("verify")["bodies_pruned"] == 2
    assert run("export", "observations")[2].startswith("2 pruned bodies put together")


def test_without_a_snapshot_there_is_nothing_to_verify() -> None:
    assert "no database yet" in refused(3, "verify")
