"""Whoever needs no secret is not asked for one; whoever does, is."""

import json
from pathlib import Path

import pytest

from pricetrail.settings import SettingsError, load, load_without_secrets
from tests.pricetrail.commands.running import document, made_up_history, refused, run, shown
from tests.support.histories import catalog, model

CONFIG = """
[sources.s]
api_key = "env:NOT_SET"
url = "env:NOT_SET"
ignore = ["/created"]
[webhooks.chat]
url = "file:not-there"
format = "slack"
models = ["gpt-*"]
[webhooks.billing]
url = "https://billing.example/"
secrets = ["env:NOT_SET_EITHER"]
"""


@pytest.fixture
def configured() -> None:
    Path("pricetrail.toml").write_text(CONFIG, encoding="utf-8")
    made_up_history()


@pytest.mark.usefixtures("configured")
def test_what_is_no_secret_is_read_as_ever() -> None:
    with pytest.raises(SettingsError, match="NOT_SET"):
        load(None, {})
    found = load_without_secrets(None, {})
    assert found.sources["s"].ignore == ("/created",)
    assert found.webhooks["chat"].models == ("gpt-*",)
    assert found.webhooks["billing"].secrets == ()
    there = load_without_secrets(None, {"NOT_SET": "https://gateway.example/"})
    assert there.sources["s"].url == "https://gateway.example/"


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('[sources.s]\napi_key = "k"\ncolour = "red"', "unknown key"),
        ('[sources.s]\napi_key = "k"\ntimezone = "env:NOT_SET"', "NOT_SET is not set"),
        ('[webhooks.w]\nurl = "https://x.example"\nevents = ["none"]', "events"),
        ('sources = "s"', "write a table"),
    ],
)
def test_what_is_wrong_otherwise_is_refused_still(table: str, problem: str) -> None:
    Path("pricetrail.toml").write_text(table, encoding="utf-8")
    with pytest.raises(SettingsError, match=problem):
        load_without_secrets(None, {})


@pytest.mark.usefixtures("configured")
def test_commands_that_neither_poll_nor_deliver_need_no_secret() -> None:
    [event, *_] = document("events")["events"]
    fates = document("explain", event["data"]["id"])["webhooks"]
    assert {fate["webhook"] for fate in fates} == {"chat", "billing"}
    line = {"observed_at": "2026-03-02T10:00:00Z", "payload": catalog(model("gpt-5"))}
    Path("seen.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert "observations" in shown("import", "seen.jsonl", "--source", "other", "--notify")
    assert "chat" in shown("webhooks", "list")
    assert shown("webhooks", "preview", "chat")
    assert "messages" in shown("webhooks", "backtest", "chat")
    for command in ("models", "coverage", "head", "snapshots", "quarantine", "deliveries"):
        group = ["list"] if command in ("quarantine", "deliveries") else []
        source = [] if group else ["--source", "s"]
        code, _, problem = run(command, *group, *source)
        assert code == 0, problem


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("command", ["poll", "deliver", "webhooks test chat"])
def test_whoever_polls_or_delivers_is_told_what_is_missing(command: str) -> None:
    assert "not" in refused(2, *command.split())
    assert "pricetrail.toml: " in refused(2, *command.split())


def test_whoever_delivers_needs_no_key_of_a_source() -> None:
    made_up_history()
    text = '[sources.s]\napi_key = "env:NOT_SET"\n'
    Path("pricetrail.toml").write_text(text, encoding="utf-8")
    shown("deliver")
