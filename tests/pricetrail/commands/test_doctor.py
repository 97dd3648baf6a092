"""`pricetrail doctor`: a line for each thing that polls and deliveries stand on."""

import json
import re
import sqlite3
from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway, Reply
from tests.pricetrail.commands.running import document, run, shown
from tests.support.receivers import Receiver

pytestmark = pytest.mark.usefixtures("configured")


def test_before_the_first_poll_nothing_fails_and_nothing_is_made(receiver: Receiver) -> None:
    Path("pricetrail.toml").chmod(0o600)
    code, out, err = run("doctor")
    assert (code, err) == (0, "")
    assert [line.partition("  ")[0] for line in out.splitlines()].count("fail") == 0
    assert "warn  database: " in out
    assert receiver.requests == []
    assert not Path("pricetrail.db").exists()


def test_each_thing_is_a_line(receiver: Receiver) -> None:
    Path("pricetrail.toml").chmod(0o600)
    shown("poll")
    receiver.requests.clear()
    answer = document("doctor", "--max-age", "1h")
    assert answer["ok"]
    assert [check["check"] for check in answer["checks"]] == [
        "configuration",
        "database",
        "integrity",
        "disk",
        "write-ahead log",
        "consistency",
        "polls of s",
        "deliveries to billing",
        "deliveries to rises",
        "files",
        "gateway of s",
        "catalog of s",
        "clock beside s",
        "receiver of billing",
        "receiver of rises",
    ]
    assert {check["verdict"] for check in answer["checks"]} == {"pass"}
    assert receiver.requests == []


def test_where_nothing_is_configured_that_is_said_and_fails_a_monitor() -> None:
    Path("pricetrail.toml").unlink()
    code, out, _ = run("doctor", "--offline")
    assert code == 0
    assert "no source is configured: run `pricetrail init`" in out
    assert run("doctor", "--offline", "--max-age", "1h")[0] == 1


@pytest.mark.parametrize("has_moved", [False, True])
def test_a_new_name_in_the_configuration_is_told_from_a_new_source(
    gateway: Gateway, has_moved: bool
) -> None:
    shown("poll")
    if has_moved:
        _configure(gateway.url, gateway.url.replace("127.0.0.1", "localhost"))
        shown("poll")
    _configure("sources.s]", "sources.t]")
    assert "run `pricetrail sources rename s t` first" in run("doctor", "--offline")[1].replace(
        "\n", " "
    )
    code, _, err = run("poll", "--quiet")
    assert code == 0
    assert "t begins a new history; s, which is not in the configuration any more" in err
    assert run("poll", "--quiet") == (0, "", "")


def _configure(before: str, after: str) -> None:
    """Write something else into the configuration, in place of what it says."""
    file = Path("pricetrail.toml")
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def test_a_failure_is_exit_code_1_and_said_in_json(gateway: Gateway) -> None:
    shown("poll")
    gateway.reply = Reply(b"<html>")
    code, out, err = run("doctor", "--json")
    assert code == 1
    failed = {check["check"] for check in json.loads(out)["checks"] if check["verdict"] == "fail"}
    assert failed == {"gateway of s", "files"}
    assert err.strip().endswith("2 of 14 checks failed")


def test_what_does_not_fit_together_fails_with_the_remedy() -> None:
    Path("pricetrail.toml").chmod(0o600)
    shown("poll")
    with sqlite3.connect("pricetrail.db") as connection:
        connection.execute("UPDATE source SET head_version = 2")
    code, out, _ = run("doctor", "--offline")
    assert code == 1
    assert "fail  consistency: source s: its version 2 is not there" in out
    assert "`pricetrail verify` tells whether the history still stands" in out.replace("\n", " ")


def test_a_key_that_everybody_may_read_is_told_wherever_it_is_named(gateway: Gateway) -> None:
    Path("pricetrail.toml").chmod(0o600)
    shown("poll")
    Path("key").write_text("demo-key", encoding="utf-8")
    Path("key").chmod(0o644)
    shown("sources", "add", "t", "--url", gateway.url, "--api-key", "file:key")
    code, out, _ = run("doctor", "--offline")
    said = "the file of api_key of source t in the database holds a secret and everybody may read"
    assert (code, said in " ".join(out.split())) == (1, True)
    Path("key").chmod(0o600)
    assert "the file of" not in run("doctor", "--offline")[1]


def test_offline_nobody_is_asked(gateway: Gateway, receiver: Receiver) -> None:
    Path("pricetrail.toml").chmod(0o600)
    shown("poll")
    before = gateway.requests
    assert "gateway" not in shown("doctor", "--offline", "--max-age", "1h")
    assert gateway.requests == before
    code, out, _ = run("doctor", "--offline", "--max-age", "0s")
    assert code == 1
    assert re.search(r"fail  polls of s: last good one \d+ s ago, more than 0 s", out)


def test_what_is_wrong_with_the_configuration_is_told_and_the_rest_still_looked_at() -> None:
    path = Path("pricetrail.toml")
    good = path.read_text(encoding="utf-8")
    path.chmod(0o600)
    shown("poll")
    faults = '[sources.t]\napi_key = "env:NO"\n[webhooks.x]\nurl = "env:NO"\nmodels = []\n'
    path.write_text(good + faults, encoding="utf-8")
    code, out, _ = run("doctor", "--offline")
    assert code == 1
    told = [line for line in out.splitlines() if "  configuration: " in line]
    assert [line.split()[0] for line in told] == ["fail", "fail", "warn"]
    assert "webhooks.x.url: the environment variable NO is not set" in told[1]
    assert "pass  polls of s" in out
    path.write_text("[[", encoding="utf-8")
    code, out, _ = run("doctor")
    assert code == 1
    assert out.startswith("fail  configuration: pricetrail.toml: line 1, column 3: not TOML")
