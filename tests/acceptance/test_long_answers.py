"""Answers that somebody stops reading, or that do not fit: each command in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pricetrail.commands.running import made_up_history

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
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


def started(*arguments: str, stdout: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "pricetrail", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


@pytest.mark.parametrize("command", LONG, ids=" ".join)
def test_a_reader_that_has_seen_enough_hears_no_complaint(command: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    process = started(*command, stdout=writing)
    os.close(writing)
    os.close(reading)
    _, err = process.communicate(timeout=120)
    assert err == ""


@pytest.mark.parametrize("command", LONG, ids=" ".join)
def test_an_output_on_a_full_disk_is_one_line(command: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        process = started(*command, stdout=full.fileno())
        _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert err.startswith("pricetrail: ")
    assert len(err.splitlines()) == 1
    assert "No space left" in err or "disk is full" in err
