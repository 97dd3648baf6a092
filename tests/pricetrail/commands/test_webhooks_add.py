"""`pricetrail webhooks add` and `remove`: kept in the database, beside those of the file."""

import base64
import json
import os
import secrets
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pricetrail.cli import main
from pricetrail.demo.gateway import Gateway
from pricetrail.settings.sealing import VARIABLE
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import kept_webhooks
from tests.pricetrail.commands.running import URL, document, refused, run, shown
from tests.support.histories import model
from tests.support.receivers import Receiver

pytestmark = pytest.mark.usefixtures("configured")

CONFIG = Path("pricetrail.toml")
FROM_FILE = dict.fromkeys(("billing", "rises"), "configuration")


def settings(name: str) -> str:
    database = Database(URL)
    with database.read() as transaction:
        found = kept_webhooks.settings_of(transaction, name)
    database.close()
    return found or ""


def write(name: str, text: str) -> None:
    database = Database(URL)
    with database.write() as transaction:
        kept_webhooks.drop(transaction, name)
        assert kept_webhooks.add(transaction, name, text)
    database.close()


@pytest.fixture
def hook(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A webhook `kept` of the database, at the same receiver as the file's."""
    monkeypatch.setenv("HOOK_URL", receiver.url)
    shown("webhooks", "add", "kept", "--url", "env:HOOK_URL", "--set", "allow_private=yes")


def origins() -> dict[str, str | None]:
    return {one["name"]: one["from"] for one in document("webhooks", "list")["webhooks"]}


def change(gateway: Gateway) -> None:
    gateway.catalog = [*gateway.catalog, model(f"new-{len(gateway.catalog)}")]


def typed(text: str, *arguments: str) -> Any:
    return CliRunner().invoke(main, ["webhooks", "add", *arguments], input=text)


def test_one_is_added_with_any_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("U", "https://r.example/h")
    pairs = ['sources=["team=search"]', "min_percent=5", "batch=yes", 'secrets=["env:S"]']
    given = [word for pair in pairs for word in ("--set", pair)]
    code, said, err = run("webhooks", "add", "w2", "--url", "env:U", "--format", "json", *given)
    assert (code, said) == (
        0,
        "w2 is kept in the database; to try it: pricetrail webhooks test w2\n",
    )
    assert "not to be had on this machine, but needed where it delivers: env:S" in err
    assert "'team=search' is neither a source nor a label of one" in err
    assert settings("w2") == (
        '{"batch":true,"format":"json","min_percent":"5","secrets":["env:S"],'
        '"sources":["team=search"],"url":"env:U"}'
    )
    assert document("webhooks", "add", "w3", "--url", "env:U") == {"webhook": "w3", "added": True}
    assert "is in the database already" in refused(2, "webhooks", "add", "w3", "--url", "env:U")


def test_no_secret_is_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    canary = secrets.token_hex(12)
    monkeypatch.setenv(VARIABLE, base64.b64encode(os.urandom(32)).decode())
    result = typed(
        f"https://hooks.slack.com/services/T/B/{canary}\n", "w2", "--url-stdin", "--format", "slack"
    )
    assert result.exit_code == 0, result.output
    said = [result.output]
    assert settings("w2").startswith('{"format":"slack","url":"sealed:')
    for arguments in (
        ["webhooks", "list"],
        ["webhooks", "list", "--json"],
        ["webhooks", "preview", "w2"],
        ["config", "show"],
        ["config", "show", "--json"],
        ["config", "check"],
        ["doctor", "--offline"],
        ["poll"],
        ["explain", "--last"],
        ["deliveries", "list"],
        ["webhooks", "add", "w2", "--url", f"https://r.example/{canary}"],
        ["webhooks", "add", "w9", "--url", "env:U", "--set", f'secrets=["whsec_{canary}"]'],
        ["db", "reseal"],
    ):
        said += map(str, run(*arguments))
    monkeypatch.delenv(VARIABLE)
    for arguments in (["config", "check"], ["deliver"], ["webhooks", "test", "w2"]):
        said += map(str, run(*arguments))
    assert "webhook w2 in the database: url: is encrypted" in "".join(said)
    assert canary not in "".join(said)
    assert canary.encode() not in Path("pricetrail.db").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a"], "where is the address of a? Write --url env:NAME"),
        (["a", "--url", "https://c4nary.example"], "url: others on this machine can read"),
        (["a", "--url", "env:U", "--set", "secrets=c4nary"], "secrets: others on this machine"),
        (["a", "--url", "env:U", "--url-stdin"], "both give the address"),
        (["a", "--url", "env:U", "--set", "formt=x"], "did you mean format?"),
        (["a", "--url", "env:U", "--set", "format=carrier"], "webhook a: format: "),
        (["a", "--url", "env:U", "--set", "labels.team=x"], "unknown key"),
        (["billing", "--url", "env:U"], "webhook billing: is in pricetrail.toml already"),
    ],
)
def test_what_cannot_be_kept_is_refused(arguments: list[str], said: str) -> None:
    line = refused(2, "webhooks", "add", *arguments)
    assert said in line
    assert "c4nary" not in line


def test_a_plain_address_is_refused_where_nothing_encrypts_it() -> None:
    result = typed("https://r.example/c4nary\n", "a", "--url-stdin")
    assert (result.exit_code, "c4nary" in result.output) == (2, False)
    assert "would be kept in plain text: write env:NAME or file:PATH" in result.output


@pytest.mark.usefixtures("hook")
def test_both_kinds_get_what_happens_and_say_where_they_are_from(
    gateway: Gateway, receiver: Receiver
) -> None:
    assert origins() == FROM_FILE | {"kept": "database"}
    shown("poll")
    before = len(receiver.requests)
    change(gateway)
    shown("poll")
    assert len(receiver.requests) - before == 2
    assert "from" in shown("webhooks", "list")
    found = document("config", "check")
    assert (found["ok"], found["webhooks"]) == (True, 3)
    keys = {one["key"]: one for one in document("config", "show")["settings"]}
    assert (keys["webhooks.kept.url"]["value"], keys["webhooks.kept.url"]["from"]) == (
        "env:HOOK_URL",
        "database",
    )
    assert {one["webhook"] for one in document("explain", "--last")["webhooks"]} == {
        "billing",
        "rises",
        "kept",
    }
    assert "accepted the test message" in shown("webhooks", "test", "kept")
    shown("webhooks", "preview", "kept")
    assert "1 message" in shown("webhooks", "backtest", "kept")


@pytest.mark.usefixtures("hook")
def test_labels_of_kept_sources_count(
    gateway: Gateway, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", "demo-key")
    for name, team in (("shop", "search"), ("other", "ads")):
        pairs = ["--set", f"labels.team={team}", "--api-key", "env:SHOP_KEY"]
        shown("sources", "add", name, "--url", gateway.url, *pairs)
    pairs = ["--set", 'sources=["team=search"]', "--set", "allow_private=yes"]
    code, _, err = run("webhooks", "add", "search", "--url", "env:HOOK_URL", *pairs)
    assert (code, err) == (0, "")
    shown("poll")
    change(gateway)
    shown("poll")
    sent = document("deliveries", "list", "--webhook", "search")["deliveries"]
    assert len(sent) == 1
    fates = {
        one["webhook"]: one["verdict"]
        for one in document("explain", "--last", "--source", "other")["webhooks"]
    }
    assert (fates["search"], fates["kept"]) == ("filtered", "sent")


@pytest.mark.usefixtures("hook")
def test_a_faulty_one_is_owed_its_messages_and_stops_no_other(
    gateway: Gateway, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown("poll")
    url = os.environ["HOOK_URL"]
    monkeypatch.delenv("HOOK_URL")
    change(gateway)
    code, _, err = run("poll")
    assert code == 1
    assert "webhook kept in the database: url: the environment variable HOOK_URL is not set" in err
    states = {it["name"]: it for it in document("webhooks", "list")["webhooks"]}
    assert (states["kept"]["waiting"], states["billing"]["waiting"]) == (1, 0)
    code, out, _ = run("config", "check")
    assert (code, "error: webhook kept in the database: url" in out) == (2, True)
    assert "webhook kept in the database: url" in run("doctor", "--offline")[1]
    monkeypatch.setenv("HOOK_URL", url)
    assert document("deliver")["deliveries"]["delivered"] == 1
    write("kept", "[]")
    change(gateway)
    code, _, err = run("poll")
    assert "kept in the database: cannot be read: `pricetrail webhooks remove kept`" in err
    assert "1 message that was waiting cancelled" in shown("webhooks", "remove", "kept")


@pytest.mark.usefixtures("hook")
def test_what_a_removed_one_is_owed_is_cancelled(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ["--url", "env:HOOK_URL", "--set", "digest=@daily", "--set", "allow_private=yes"]
    shown("webhooks", "add", "daily", *given)
    shown("poll")
    monkeypatch.delenv("HOOK_URL")
    change(gateway)
    run("poll")
    assert shown("webhooks", "remove", "kept") == (
        "kept is removed: 1 message that was waiting cancelled\n"
    )
    assert document("webhooks", "remove", "daily") == {
        "webhook": "daily",
        "removed": True,
        "cancelled": 0,
        "gathered": 1,
    }
    owed = document("deliveries", "list", "--webhook", "kept")["deliveries"]
    assert [one["state"] for one in owed] == ["cancelled"]
    fates = {one["webhook"]: one["detail"] for one in document("explain", "--last")["webhooks"]}
    assert fates["daily"] == "gathered for a digest, when the webhook was removed"
    assert "no webhook 'kept' is kept in the database" in run("webhooks", "remove", "kept")[2]
    assert "take [webhooks.billing] out of it" in refused(2, "webhooks", "remove", "billing")


@pytest.mark.usefixtures("hook")
def test_one_in_both_is_the_files() -> None:
    text = CONFIG.read_text(encoding="utf-8")
    CONFIG.write_text(f'{text}\n[webhooks.kept]\nurl = "https://r.example/x"\n', encoding="utf-8")
    said = "webhooks.kept: is in the database as well: this one holds"
    assert said in run("webhooks", "list")[2]
    assert said in run("config", "check")[1]
    assert said in run("doctor", "--offline")[1]
    assert origins() == FROM_FILE | {"kept": "configuration"}
    assert shown("webhooks", "remove", "kept") == "kept is the configuration's alone now\n"
    assert settings("kept") == ""


@pytest.mark.usefixtures("hook")
def test_reseal_covers_them(monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
    monkeypatch.setenv(VARIABLE, old)
    assert typed("https://r.example/h\n", "s2", "--url-stdin").exit_code == 0
    monkeypatch.setenv(VARIABLE, f"{new},{old}")
    before = json.loads(settings("s2"))["url"]
    assert document("db", "reseal") == {"resealed": 1}
    assert json.loads(settings("s2"))["url"] != before
    monkeypatch.setenv(VARIABLE, new)
    assert document("config", "check")["ok"]
