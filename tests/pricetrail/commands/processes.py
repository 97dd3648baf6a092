"""Commands each in a process of its own, and observations to import."""

from pathlib import Path
from typing import Any

from pricetrail.catalog.strict_json import dumps
from tests.support.forks import COMMAND_LINE, Forked
from tests.support.histories import catalog, model, tokens


def pricetrail(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    with Forked(COMMAND_LINE, *arguments) as process:
        out, err = process.communicate()
        return process.wait(), out, err


def done(*arguments: str) -> str:
    """What a command that succeeds prints."""
    code, out, err = pricetrail(*arguments)
    assert code == 0, err
    return out


def process_refused(code: int, *arguments: str) -> str:
    """The one line of a command that fails."""
    found, out, err = pricetrail(*arguments)
    assert found == code, out + err
    assert "Traceback" not in err
    return err.strip().splitlines()[-1]


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
