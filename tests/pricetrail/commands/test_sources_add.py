"""`pricetrail sources add`: one source, its secret never on the command line."""

import base64
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pricetrail.cli import main
from pricetrail.settings.sealing import VARIABLE
from pricetrail.storage import kept_sources
from pricetrail.storage.database import Database
from tests.pricetrail.commands.running import URL, document, refused, shown

pytestmark = pytest.mark.usefixtures("configured")


def settings(name: str) -> str:
    database = Database(URL)
    with database.read() as transaction:
        found = kept_sources.settings_of(transaction, name)
    database.close()
    return found or ""


def typed(text: str, *arguments: str) -> Any:
    return CliRunner().invoke(main, ["sources", "add", *arguments], input=text)


def test_one_is_added_with_any_key() -> None:
    pairs = ["labels.team=search", 'keep=["/p"]', "schedule=0 * * * *", "confirm_removals=2"]
    given = [word for pair in pairs for word in ("--set", pair)]
    said = shown(
        "sources", "add", "shop", "--url", "https://g.example/v1", "--api-key", "env:K", *given
    )
    assert said == "shop is kept in the database; to poll it now: pricetrail poll shop\n"
    assert settings("shop") == (
        '{"api_key":"env:K","confirm_removals":2,"keep":["/p"],"labels":{"team":"search"},'
        '"schedule":"0 * * * *","url":"https://g.example/v1"}'
    )
    assert document("sources", "add", "open", "--set", "auth=none") == {
        "source": "open",
        "added": True,
    }
    assert "is in the database already" in refused(
        2, "sources", "add", "shop", "--api-key", "env:K"
    )


def test_a_key_that_is_typed_is_encrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, base64.b64encode(os.urandom(32)).decode())
    result = typed("sk-c4nary\n", "shop", "--key-stdin")
    assert (result.exit_code, "c4nary" in result.output) == (0, False)
    assert settings("shop").startswith('{"api_key":"sealed:')
    assert b"c4nary" not in Path("pricetrail.db").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a"], "where is the key of a? Write --api-key env:NAME"),
        (
            ["a", "--api-key", "sk-c4nary"],
            "api_key: others on this machine can read a command line",
        ),
        (["a", "--api-key", "env:K", "--set", "ping=https://c4nary"], "ping: others on this"),
        (["a", "--api-key", "env:K", "--url", "https://g/?t=c4nary"], "url: others on this"),
        (["a", "--api-key", "env:K", "--set", "hold"], "--set takes KEY=VALUE"),
        (["a", "--api-key", "env:K", "--set", "shedule=x"], "did you mean schedule?"),
        (["a", "--api-key", "env:K", "--set", "keep.x=1"], "--set keep.x: unknown key"),
        (["a", "--api-key", "env:K", "--set", "api_key=env:L"], "api_key is given twice"),
        (["a", "--api-key", "env:K", "--key-stdin"], "both give the key"),
        (["a", "--api-key", "env:K", "--set", "hold=soon"], "source a: hold: not a duration"),
        (["s", "--api-key", "env:K"], "source s: is in pricetrail.toml already"),
        (["a\nb", "--api-key", "env:K"], "name: is 1 to 100 characters"),
    ],
)
def test_what_cannot_be_kept_is_refused(arguments: list[str], said: str) -> None:
    line = refused(2, "sources", "add", *arguments)
    assert said in line
    assert "c4nary" not in line
