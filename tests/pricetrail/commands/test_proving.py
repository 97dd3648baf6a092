"""`pricetrail verify`, `head` and `evidence`: what they print, and how they end."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from pricetrail.storage.schema import prepare
from tests.pricetrail.commands.running import (
    URL,
    document,
    made_up_history,
    refused,
    run,
    shown,
)

# Readable, but not what was served.
DEARER = (
    "UPDATE model_version SET document = CAST(replace(document, '25', '29') AS BLOB)"
    " WHERE base IS NOT NULL"
)
NOBODYS = "sha256:" + "ab" * 32


@pytest.fixture
def history() -> str:
    """The made-up history; its head as it was saved elsewhere."""
    made_up_history()
    return shown("head").strip()


def change(sql: str) -> None:
    """Somebody writes to the database behind our back."""
    with sqlite3.connect("pricetrail.db") as connection:
        assert connection.execute(sql).rowcount > 0
    connection.close()


def test_the_head_is_printed_as_verify_takes_it(history: str) -> None:
    found = document("head")
    assert found == {"source": "s", "version": 3, "head": history.removeprefix("3:")}
    assert found["head"] == document("snapshots")["snapshots"][-1]["hash"]


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
    assert "is no head: write sha256:" in refused(2, "verify", "--head", "abc")


def test_after_pruning_verify_says_what_it_can_no_longer_show(history: str) -> None:
    shown("db", "prune", "--bodies", "1s")
    assert "2 bodies were pruned" in shown("verify", "--head", history)
    assert document("verify")["bodies_pruned"] == 2
    assert run("export", "observations")[2].startswith("2 bodies were pruned")


def test_without_a_snapshot_there_is_nothing_to_verify() -> None:
    assert "no database yet" in refused(3, "verify")
    prepare(URL)
    assert "nothing recorded yet" in refused(3, "head")


def test_evidence_is_written_and_checked_without_the_database(history: str) -> None:
    said = shown("evidence", "gpt-5", "--at", "2026-03-01T12:30:00Z", "-o", "gpt-5.json")
    assert f"up to head {history}" in said
    Path("pricetrail.db").unlink()
    told = shown("evidence", "check", "gpt-5.json", "--head", history)
    assert "gpt-5 of s at 2026-03-01T12:30:00Z" in told
    assert "$2.50 /1M" in told
    assert "proven by the saved head, of version 3" in told
    assert "that the gateway told the truth" in told.partition("only said:")[2]
    found = document("evidence", "check", "gpt-5.json", "--head", history)
    assert (found["ok"], found["problems"], found["claim"]["certainty"]) == (True, [], "gap")
    assert found["head"] == history.removeprefix("3:")
    assert "agrees with itself" in shown("evidence", "check", "gpt-5.json")


def test_options_may_stand_before_the_model(history: str) -> None:
    found = document("evidence", "--at", "2026-03-01T10:00:00Z", "-o", "old.json", "old")
    assert found["head"] == history
    assert found["bytes"] == Path("old.json").stat().st_size


def tampered(path: str, key: str, value: Any) -> None:
    bundle = json.loads(Path(path).read_text(encoding="utf-8"))
    bundle["claim"][key] = value
    Path(path).write_text(json.dumps(bundle), encoding="utf-8")


def test_a_bundle_that_does_not_fit_is_named(history: str) -> None:
    shown("evidence", "gpt-5", "-o", "gpt-5.json")
    assert "the saved head" in refused(1, "evidence", "check", "gpt-5.json", "--head", NOBODYS)
    tampered("gpt-5.json", "pricing", None)
    assert "the prices are not those" in refused(1, "evidence", "check", "gpt-5.json")
    code, out, _ = run("evidence", "check", "gpt-5.json", "--json")
    assert (code, json.loads(out)["ok"], json.loads(out)["claim"]) == (1, False, None)
    Path("gpt-5.json").write_text("{", encoding="utf-8")
    assert "not valid JSON" in refused(1, "evidence", "check", "gpt-5.json")
    assert "cannot read gone.json" in refused(2, "evidence", "check", "gone.json")


def test_evidence_is_not_made_from_a_history_that_was_changed(history: str) -> None:
    change(DEARER)
    told = refused(1, "evidence", "gpt-5", "-o", "gpt-5.json")
    assert "the history does not prove it" in told
    assert not Path("gpt-5.json").exists()


def test_evidence_never_overwrites_a_file(history: str) -> None:
    Path("mine.json").write_text("mine", encoding="utf-8")
    assert "already exists" in refused(2, "evidence", "gpt-5", "-o", "mine.json")
    assert Path("mine.json").read_text(encoding="utf-8") == "mine"
    assert "no model 'gpt-9'" in refused(3, "evidence", "gpt-9", "-o", "x.json")
