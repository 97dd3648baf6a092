"""Answers that somebody stops reading, or that do not fit: each command in a process of its own."""

import os
from pathlib import Path

import pytest

from tests.pricetrail.commands.running import made_up_history
from tests.support.forks import COMMAND_LINE, Forked

pytestmark = pytest.mark.slow

USAGE = "time,model,prompt_tokens\n" + "2026-03-01T10:30:00Z,gpt-5,1000\n" * 50
LONG = (
    ("events", "--json"),
    ("history", "gpt-5", "--json"),
    ("snapshots", "--json"),
    ("models", "--json"),
    ("coverage", "--json"),
    ("audit", "usage.csv", "--json"),
    ("audit", "usage.csv", "--out", "/dev/stdout"),
    ("export",),
    ("export", "events", "--format", "jsonl"),
    ("export", "observations", "-o", "/dev/stdout"),
)


@pytest.fixture(autouse=True)
def _history() -> None:
    made_up_history()
    Path("usage.csv").write_text(USAGE, encoding="utf-8")


@pytest.mark.parametrize("command", LONG, ids=" ".join)
def test_a_reader_that_has_seen_enough_hears_no_complaint(command: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with Forked(COMMAND_LINE, *command, stdout=writing) as process:
        os.close(writing)
        _, err = process.communicate()
    assert err == ""


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", [*LONG, ("--help",), ("price", "--help")], ids=" ".join)
def test_an_output_on_a_full_disk_is_one_line(
    command: tuple[str, ...], unbuffered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    with (
        Path("/dev/full").open("wb") as full,
        Forked(COMMAND_LINE, *command, stdout=full.fileno()) as process,
    ):
        _, err = process.communicate()
    assert process.returncode == 1
    assert err.startswith("pricetrail: ")
    assert len(err.splitlines()) == 1
    assert "No space left" in err or "disk is full" in err
