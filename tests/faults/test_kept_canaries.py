"""Secrets that the database keeps, put in by every way in and wrong in every way: found nowhere."""

import base64
import csv
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from pricetrail.cli import main
from pricetrail.settings.sealing import VARIABLE
from tests.acceptance.everything import said_by_all
from tests.faults.canaries import (
    KEY,
    PASSWORD,
    PATH,
    QUERY,
    SECRET,
    TOKEN,
    found,
    refusals,
    repeating,
    rows,
    served_by_all,
)
from tests.pricetrail.commands.running import run
from tests.support.postgres import Postgres
from tests.support.receivers import Receiver
from tests.support.secrets import traces
from tests.support.sockets import RawServer

pytestmark = pytest.mark.slow

FIRST, SECOND = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))


def said(*arguments: str, typed: str = "", code: int | None = 0) -> str:
    """All that a command says; `code` None: whatever becomes of it."""
    words = ["--log-level", "debug", *arguments]
    result = CliRunner().invoke(main, words, input=typed, prog_name="pricetrail")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert code is None or result.exit_code == code, (arguments, result.output)
    return hidden(arguments, result.stdout + result.stderr)


def hidden(asked: object, told: str) -> str:
    """The text, in which no canary is, nor a key that encrypts them."""
    assert found(told) == [], asked
    assert [one for key in (FIRST, SECOND) for one in traces(key, told)] == [], asked
    return told


def files(gateway: RawServer) -> dict[str, str]:
    """Lists of sources with secrets in plain text: two that are right, and more that are not."""
    url = f"{gateway.url()}?token={QUERY}"
    table = f'[sources.behind]\nurl = "{url}"\napi_key = "{KEY}"\n'
    columns = ("name", "url", "api_key", "ping")
    with Path("fleet.csv").open("w", newline="", encoding="utf-8") as file:
        ping = f"http://canary:{TOKEN}@127.0.0.1:1/{PATH}"
        csv.writer(file).writerows([columns, ("other", url, KEY, ping)])
    return {
        "fleet.toml": f"{table}failing_after = 1\n",
        "fleet.csv": Path("fleet.csv").read_text(encoding="utf-8"),
        "no-key.toml": f'{table}schedule = "{KEY}"\n',
        "no-number.toml": f'{table}failing_after = "{KEY}"\n',
        "no-table.toml": f'sources = "{KEY}"\n',
        "no-toml.toml": f'{table}api_key = "{KEY}"\n',
        "open.toml": f'[sources.s]\nurl = "{url}\napi_key = "{KEY}\n',
        "no-header.csv": f"s,{url},{KEY}\n",
        "too-many.csv": f"name,api_key\ns,{KEY},{KEY}\n",
        "twice.csv": f"name,api_key\ns,{KEY}\ns,{KEY}\n",
        "no-list.csv": f'name,api_key,keep\ns,{KEY},"[{KEY}"\n',
        "no-address.csv": f"name,api_key,url\ns,{KEY},{KEY}?token={QUERY}\n",
        "unclosed.csv": f'name,api_key\ns,"{KEY}\n',
    }


def keep(gateway: RawServer, receiver: Receiver) -> None:
    """The sources `s`, `behind` and `other` and three webhooks, each by another way in."""
    address = f"{receiver.url}/{PATH}?token={TOKEN}"
    own = ("--set", "allow_private=true", "--set", "secrets=env:SIGNS")
    said("sources", "add", "s", "--key-stdin", typed=f"{KEY}\n", code=2)
    os.environ[VARIABLE] = FIRST
    os.environ["ADDRESS"] = f"{gateway.url()}?token={QUERY}"
    for key in ("api_key", "url", "ping", "schedule", "labels.team", "nokey"):
        said("sources", "add", "s", "--set", f"{key}={KEY}", typed=f"{KEY}\n", code=None)
        said("webhooks", "add", "s", "--set", f"{key}={address}", typed=address, code=None)
    said("sources", "add", "s", "--url", "env:ADDRESS", "--key-stdin", typed=f"{KEY}\n")
    for name, text in files(gateway).items():
        Path(name).write_text(text, encoding="utf-8")
        right = name.startswith("fleet")
        said("sources", "apply", name, "--dry-run", code=0 if right else None)
        said("sources", "apply", name, "--json", "--yes", code=0 if right else None)
    said("webhooks", "add", "json", "--url-stdin", *own, typed=f"{address}\n")
    said("webhooks", "add", "slack", "--url", "file:hook", "--format", "slack", *own[:2])
    said("webhooks", "add", "wrong", "--url-stdin", typed=f"{address} {KEY}\n", code=None)


@pytest.fixture
def kept(
    repeating_gateway: RawServer,
    repeating_receiver: Receiver,
    canary_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """A database that keeps them, of a configuration that names none."""
    for name, value in ((VARIABLE, ""), ("ADDRESS", ""), ("SIGNS", f"whsec_{SECRET}")):
        monkeypatch.setenv(name, value)
    Path("hook").write_text(f"{repeating_receiver.url}/services/{PATH}/{TOKEN}\n", encoding="utf-8")
    text = 'database_url = "env:DATABASE"\n\n[web]\nport = 0\ntokens = { team = "env:WEB" }\n'
    Path("pricetrail.toml").write_text(text, encoding="utf-8")
    keep(repeating_gateway, repeating_receiver)
    return canary_url


def test_no_kept_canary_is_found_anywhere(
    repeating_gateway: RawServer, repeating_receiver: Receiver, kept: str
) -> None:
    names = [one["name"] for one in json.loads(said("sources", "list", "--json"))["sources"]]
    assert names == ["behind", "other", "s"]
    for change in ("", "!"):
        repeating_gateway.scripts = [repeating("s", change)]
        assert said("poll", code=None).count(": changed") == len(names)
    for refusal in list(refusals())[::3]:
        repeating_gateway.scripts = [refusal]
        assert "failed" in said("poll", "other", code=None)
    said("poll", "--due", code=None)
    said("deliver", code=None)
    assert len(repeating_receiver.requests) > 5
    for request in repeating_receiver.requests:
        hidden(request.path, request.body.decode())
    for name in names:
        assert "sealed:***" in said("sources", "show", name)
        said("sources", "show", name, "--json")
    for hook in ("json", "slack"):
        said("webhooks", "test", hook, code=None)
        said("webhooks", "preview", hook)
    said("doctor", code=None)
    said("config", "check")
    said("config", "show", "--json")
    listed = json.loads(run("models", "--json", "--source", "behind")[1])["data"]
    for command, told in said_by_all(listed[0]["id"], "behind"):
        hidden(command, told)
    for address, told in served_by_all(listed[0]["id"], "behind"):
        hidden(address, told)
    hidden("rows", rows(kept))


def test_none_is_found_while_keys_are_exchanged_and_sources_move_and_go(
    kept: str, postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    for keys in ("", SECOND, f"{SECOND},{KEY}", f"{KEY},{FIRST}", "file:nowhere"):
        monkeypatch.setenv(VARIABLE, keys)
        said("db", "reseal", code=None)
        said("poll", code=None)
        said("doctor", "--offline", code=None)
    monkeypatch.setenv(VARIABLE, f"{SECOND},{FIRST}")
    assert "encrypted" in said("db", "reseal")
    monkeypatch.setenv(VARIABLE, SECOND)
    said("poll", "other", code=None)
    target = postgres_server.url("nowhere") + f"&password={PASSWORD}"
    said("db", "migrate-to", target, code=None)
    said("sources", "rename", "other", "shop")
    said("sources", "apply", "fleet.toml", "--prune", "--yes")
    said("sources", "remove", "shop", "--yes", code=None)
    said("webhooks", "remove", "json")
    hidden("rows", rows(kept))
