"""Commands run in this process, on a made-up history in the current folder."""

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from click.testing import CliRunner

from pricetrail.cli import main
from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from tests.support.histories import build, catalog, failed, model, tokens

URL = "sqlite:///pricetrail.db"
DEAR, CHEAP = tokens("0.000003", "0.000015"), tokens("0.0000025", "0.000015")


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command."""
    result = CliRunner().invoke(main, list(arguments), prog_name="pricetrail")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def shown(*arguments: str) -> str:
    """What a command that succeeds prints."""
    code, out, err = run(*arguments)
    assert code == 0, err
    return out


def document(*arguments: str) -> Any:
    """The one JSON document of a command that succeeds."""
    return json.loads(shown(*arguments, "--json"))


def refused(code: int, *arguments: str) -> str:
    """The one line of a command that fails."""
    found, out, err = run(*arguments)
    assert (found, out) == (code, ""), err
    return err.strip().splitlines()[-1]


def made_up_history() -> None:
    """Six polls on 2026-03-01: version 1 at 10:00 and 11:00, 2 at 12:00, a failure, 3 at 14:00."""
    Path("pricetrail.db").write_bytes(_made_up())


@cache
def _made_up() -> bytes:
    """The database with it: written once in each process of the tests."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "made-up.db"
        url = f"sqlite:///{file}"
        prepare(url)
        database = Database(url)
        first = catalog(model("gpt-5", DEAR), model("old"))
        build(database, "s", [("10:00", first), ("11:00", first)])
        build(database, "s", [("12:00", catalog(model("gpt-5", CHEAP), model("old")))])
        failed(database, "s", "13:00")
        last = catalog(model("gpt-5", CHEAP, display_name="GPT 5"), model("new"))
        build(database, "s", [("14:00", last), ("15:00", last)])
        database.close()
        return file.read_bytes()


def eventful(database: Database) -> None:
    """Five polls on 2026-03-01: models that come, go and change, and a failure in between."""
    first = catalog(model("B"), model("a"), model("ä"))
    build(database, "s", [("10:00", first), ("11:00", first)])
    failed(database, "s", "12:00")
    second = catalog(
        model("a", tokens("0.0000025", "1e-7", audio={"x": Decimal("0.1")})), model("ä")
    )
    build(database, "s", [("13:00", second), ("14:00", first)])
