"""`pricetrail demo`, as a newcomer runs it: no key, no configuration, in any environment."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from pricetrail.cli import main

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]

# Each of these would break or mislead a command that looked at it.
HOSTILE = {
    "PRICETRAIL_CONFIG": "/nowhere/pricetrail.toml",
    "PRICETRAIL_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:1/none",
    "PRICETRAIL_SCHEDUL": "misspelt",
    "PRICETRAIL_DEADLINE": "0s",
    "PIPELLM_API_KEY": "sk-canary\n",
    "HTTP_PROXY": "http://127.0.0.1:1",
    "HTTPS_PROXY": "http://127.0.0.1:1",
    "ALL_PROXY": "http://127.0.0.1:1",
    "SSL_CERT_FILE": "/nowhere/ca.pem",
    "TZ": "Pacific/Kiritimati",
    "LC_ALL": "C",
}


@contextmanager
def demo(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The demo in a process of its own, in a hostile environment."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pricetrail", "demo", *options],
        cwd=folder,
        env=os.environ | HOSTILE | {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_it_tells_its_story_whatever_the_environment_says(tmp_path: Path) -> None:
    (tmp_path / "pricetrail.toml").write_text('database_url = "nonsense', encoding="utf-8")
    with demo(tmp_path) as process:
        shown, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (0, "")
    for fact in FACTS:
        assert fact in shown
    assert "canary" not in shown
    # Its database and folder are gone, and nothing else was made.
    assert [path.name for path in tmp_path.iterdir()] == ["pricetrail.toml"]


FACTS = [
    "61 models",
    "poll: version 1, the baseline: 61 models",
    "poll: unchanged, still version 1",
    "umber-m3-preview — prompt $0.35 /1M · completion $1.40 /1M",
    "cantor-4.5-plain — prompt $3.00 → $2.50 /1M (−16.7%)",
    "prompt above 200k $4.00 → $5.00 /1M (+25%)",
    "video with audio $0.16 per second",
    "completion $15.00 → $18.00 /1M (+20%)",
    "cache read $0.30 → $0.25 /1M (−16.7%)",
    "poll: quarantined, still version 6",
    "no longer visible  cantor-3-swift",
    "prompt became free (was $0.05 /1M)",
    "│ demo: prices changed for cantor-4.5-plain",
    '"type": "model.repriced"',
    '"percent": "-16.67"',
    "webhook-signature: v1,",
    "The receiver checked the signature: it is genuine.",
    "$ pricetrail price cantor-4.5-plain\n",
    "$ pricetrail history cantor-4.5-plain\n",
    "python -m pricetrail demo --keep",
    "python -m pricetrail init",
]


def test_what_is_kept_answers_and_what_is_served_ends_with_a_signal(tmp_path: Path) -> None:
    """One process for both options: it plays the story, serves, and is told to stop."""
    with demo(tmp_path, "--keep", "--serve") as process:
        assert process.stdout is not None
        address = _line_with(process, "   address  ").split()[-1]
        key = _line_with(process, "   key      ").split()[-1]
        asked = urllib.request.Request(address, headers={"x-api-key": key})
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(asked, timeout=10) as answer:
            assert b'"total":62' in answer.read()
        page = _line_with(process, "   page     ").split()[-1]
        with direct.open(page, timeout=30) as answer:
            assert b"<main" in answer.read()
        process.send_signal(signal.SIGTERM)
        shown, told = process.communicate(timeout=60)
    assert (process.returncode, told) == (0, "")
    assert "stopped\n" in shown
    _follow(re.findall(r"PRICETRAIL_DATABASE_URL=(\S+) \S*python -m pricetrail (.+)", shown))


def _line_with(process: subprocess.Popen[str], start: str) -> str:
    assert process.stdout is not None
    return next(line for line in process.stdout if line.startswith(start))


def _follow(hints: list[tuple[str, str]]) -> None:
    """Every command that was proposed works on the database that was kept."""
    expected = {
        "history cantor-4.5-plain": "prompt $3.00 → $2.50 /1M (−16.7%)",
        "price cantor-4.5-plain": "$18.00 /1M",
        "diff baseline latest": "umber-m3-preview",
        "events": "cantor-3-swift",
    }
    assert {question for _, question in hints} == expected.keys()
    for url, question in hints:
        result = CliRunner().invoke(
            main, question.split(), env={"PRICETRAIL_DATABASE_URL": url}, prog_name="pricetrail"
        )
        assert (result.exit_code, result.stderr) == (0, "")
        assert expected[question] in result.stdout


def test_a_database_that_is_there_already_is_not_touched() -> None:
    kept = Path("pricetrail-demo.db")
    kept.write_bytes(b"mine")
    result = CliRunner().invoke(main, ["demo", "--keep"], prog_name="pricetrail")
    assert result.exit_code == 2
    assert result.stderr == (
        "pricetrail: pricetrail-demo.db already exists here: remove it, or run without --keep\n"
    )
    assert result.stdout == ""
    assert kept.read_bytes() == b"mine"


def test_a_place_that_cannot_be_written_to_is_said_in_one_line() -> None:
    Path("pricetrail-demo.db").symlink_to("gone/elsewhere.db")
    result = CliRunner().invoke(main, ["demo", "--keep"], prog_name="pricetrail")
    assert result.exit_code == 1
    assert "does its folder exist" in result.stderr
    assert result.stderr.count("\n") == 1
