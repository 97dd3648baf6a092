"""`pricetrail evidence`: a bundle is written, and checked without the database."""

import json
from pathlib import Path
from typing import Any

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
