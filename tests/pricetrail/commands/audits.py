"""What the tests of `audit`, `whatif` and `usage` share: a small history and the command line."""

import csv
import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from click.testing import CliRunner, Result

from pricetrail.cli import main
from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from tests.support.histories import build, catalog, model, tokens

TIER = {"over_200k": {"text": {"prompt": "0.000006"}}}
CHEAP = tokens("0.000003", "0.000015", cache={"read": "0.0000003"}, tiers=TIER)
DEAR = tokens("0.000004", "0.000015", cache={"read": "0.0000003"}, tiers=TIER)
IMAGES = {"kind": "generation", "generation": {"image": {"per_image": "0.04"}}}


def history(url: str) -> None:
    """`gpt-5` gets dearer between 11:00 and 12:00; `draw` makes images; last poll at 13:00."""
    Path(url.removeprefix("sqlite:///")).write_bytes(_history())


@cache
def _history() -> bytes:
    """The database with it: written once in each process of the tests."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "audits.db"
        prepare(f"sqlite:///{file}")
        database = Database(f"sqlite:///{file}")
        cheap = catalog(model("gpt-5", CHEAP), model("draw", IMAGES))
        dear = catalog(model("gpt-5", DEAR), model("draw", IMAGES))
        build(
            database,
            "pipellm",
            [("10:00", cheap), ("11:00", cheap), ("12:00", dear), ("13:00", dear)],
        )
        database.close()
        return file.read_bytes()


def usage(
    name: str, *rows: str, columns: str = "time,model,prompt_tokens,completion_tokens"
) -> str:
    """A CSV file; a row's time may be `10:30`, of 2026-03-01."""
    lines = [columns]
    for row in rows:
        moment, _, rest = row.partition(",")
        lines.append(f"2026-03-01T{moment}:00Z,{rest}" if len(moment) == 5 else row)
    Path(name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return name


def run(*arguments: str, code: int = 0) -> Result:
    """One command, which ends as it should."""
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == code, (result.output, result.exception)
    return result


def document(*arguments: str) -> dict[str, Any]:
    """What a command says with `--json`."""
    found: dict[str, Any] = json.loads(run(*arguments, "--json").stdout)
    return found


def table(name: str) -> list[dict[str, str]]:
    """A CSV file's rows."""
    with Path(name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
