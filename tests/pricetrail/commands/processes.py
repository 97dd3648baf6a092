"""Commands each in a process of its own, and observations to import."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from pricetrail.catalog.strict_json import dumps
from tests.support.histories import catalog, model, tokens

ROOT = Path(__file__).resolve().parents[3]


def pricetrail(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "pricetrail", *arguments],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )


def done(*arguments: str) -> str:
    result = pricetrail(*arguments)
    assert result.returncode == 0, result.stderr
    return result.stdout


def process_refused(code: int, *arguments: str) -> str:
    """The one line of a command that fails."""
    result = pricetrail(*arguments)
    assert result.returncode == code, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    return result.stderr.strip().splitlines()[-1]


def observed(day: int, *models: dict[str, Any]) -> str:
    payload = dumps(catalog(*models))
    return f'{{"observed_at":"2026-11-{day:02}T10:00:00Z","payload":{payload}}}\n'


def three_versions() -> str:
    """Three versions; a name in it is a formula to a spreadsheet."""
    lines = [
        observed(1, model("a", tokens("0.000003", "0.00001")), model("=cmd()")),
        observed(2, model("a", tokens("0.0000025", "0.00001")), model("=cmd()")),
        observed(4, model("a", tokens("0.0000025", "0.00001"))),
    ]
    Path("history.jsonl").write_text("".join(lines), encoding="utf-8")
    return "history.jsonl"
