"""Sources of the database beside those of the configuration, in every command that asks."""

import base64
import os
from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway
from pricetrail.settings.sealing import VARIABLE
from tests.pricetrail.commands.running import document, refused, run, shown
from tests.support.histories import model
from tests.support.receivers import Receiver

pytestmark = pytest.mark.usefixtures("configured")

CONFIG = Path("pricetrail.toml")


@pytest.fixture
def shop(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """A source `shop` of the database, labelled, at the same gateway as `s` of the file."""
    monkeypatch.setenv("SHOP_KEY", "demo-key")
    pairs = ["--set", "labels.team=search"]
    shown("sources", "add", "shop", "--url", gateway.url, "--api-key", "env:SHOP_KEY", *pairs)


def origins() -> dict[str, str | None]:
    return {one["name"]: one["from"] for one in document("sources", "list")["sources"]}


def add_to_file(text: str) -> None:
    CONFIG.write_text(f"{CONFIG.read_text(encoding='utf-8')}\n{text}", encoding="utf-8")


@pytest.mark.usefixtures("shop")
def test_both_kinds_are_polled_and_say_where_they_are_from() -> None:
    polls = document("poll")["polls"]
    assert [(one["source"], one["outcome"]) for one in polls] == [
        ("s", "changed"),
        ("shop", "changed"),
    ]
    assert [one["source"] for one in document("poll", "shop")["polls"]] == ["shop"]
    assert origins() == {"s": "configuration", "shop": "database"}
    assert document("coverage", "--source", "shop")["source"] == "shop"
    shown("sources", "pause", "shop")
    assert [one["paused"] for one in document("sources", "list")["sources"]] == [False, True]
    shown("sources", "resume", "shop")


def test_the_database_alone_is_enough(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    CONFIG.unlink()
    assert "no source is configured" in refused(2, "poll")
    monkeypatch.setenv("SHOP_KEY", "demo-key")
    shown("sources", "add", "shop", "--url", gateway.url, "--api-key", "env:SHOP_KEY")
    assert [one["source"] for one in document("poll")["polls"]] == ["shop"]
    assert document("config", "check")["sources"] == 1


@pytest.mark.usefixtures("shop")
def test_a_faulty_one_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_KEY")
    code, out, err = run("poll")
    assert code == 2
    assert "baseline" in out
    [line] = err.splitlines()[-1:]
    assert line == (
        "pricetrail: source shop in the database: api_key: the environment variable SHOP_KEY is "
        "not set: set it, or write file:PATH"
    )
    assert run("poll", "s")[0] == 0
    code, out, _ = run("config", "check")
    assert (code, "error: source shop in the database: api_key" in out) == (2, True)
    assert "source shop in the database: api_key" in run("doctor", "--offline")[1]


@pytest.mark.usefixtures("shop")
def test_what_left_the_configuration_asks_nobody_for_a_source() -> None:
    shown("poll")
    text = CONFIG.read_text(encoding="utf-8")
    CONFIG.write_text(text.replace("[sources.s]", "[sources.new]"), encoding="utf-8")
    shown("sources", "remove", "shop", "--keep-history")
    shown("poll", "new")
    assert origins() == {"new": "configuration", "s": None, "shop": None}
    assert document("coverage")["source"] == "new"
    # What it left is still there, by its name.
    assert document("coverage", "--source", "shop")["source"] == "shop"
    shown("sources", "add", "s", "--api-key", "env:KEY")
    assert "--source (new, s)" in refused(2, "coverage")


@pytest.mark.usefixtures("shop")
def test_a_source_is_dropped_with_its_history_or_without() -> None:
    shown("poll")
    said = shown("sources", "remove", "shop", "--keep-history")
    assert said == "shop is polled no more; what was recorded of it stays\n"
    assert document("sources", "remove", "shop", "--keep-history") == {
        "source": "shop",
        "dropped": False,
    }
    assert "take [sources.s] out of it" in refused(2, "sources", "remove", "s", "--keep-history")
    shown("sources", "add", "other", "--api-key", "env:KEY")
    shown("sources", "remove", "other", "--keep-history")
    assert list(origins()) == ["s", "shop"]
    _, _, err = run("sources", "remove", "shop", "--yes")
    assert (list(origins()), err) == (["s"], "")


@pytest.mark.usefixtures("shop")
def test_a_rename_needs_nothing_in_the_file() -> None:
    shown("poll")
    code, _, err = run("sources", "rename", "shop", "market")
    assert (code, err) == (0, "")
    assert origins() == {"market": "database", "s": "configuration"}
    assert [one["source"] for one in document("poll", "market")["polls"]] == ["market"]
    assert "choose another name" in refused(2, "sources", "rename", "market", "s")


@pytest.mark.usefixtures("shop")
def test_what_is_in_both_is_the_configurations_and_said_so() -> None:
    add_to_file('[sources.shop]\napi_key = "demo-key"\nschedule = "@daily"\n')
    told = "sources.shop: is in the database as well: this one holds"
    assert told in run("sources", "list")[2]
    assert told in shown("config", "check")
    assert told in run("doctor", "--offline")[1]
    assert origins()["shop"] == "configuration"
    # The file's has no url of the gateway's.
    assert document("sources", "show", "shop")["settings"][0]["from"] == "default"
    said = shown("sources", "remove", "shop", "--keep-history")
    assert said == "shop is the configuration's alone now\n"
    assert "as well" not in shown("config", "check")


@pytest.mark.usefixtures("shop")
def test_a_secret_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with Gateway([model("m")], key="sk-pl4in") as gateway:
        _expect_no_secret(gateway, monkeypatch)


def _expect_no_secret(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, base64.b64encode(os.urandom(32)).decode())
    row = f"plain,{gateway.url}?token=qu3ry,sk-pl4in,https://127.0.0.1:9/p1ng\n"
    Path("f.csv").write_text(f"name,url,api_key,ping\n{row}", encoding="utf-8")
    said = shown("sources", "apply", "f.csv", "--yes") + shown("sources", "show", "plain")
    said += "".join(map(str, run("poll"))) + "".join(map(str, run("config", "show")))
    said += "".join(map(str, run("doctor"))) + shown("sources", "list", "--json")
    said += shown("sources", "show", "plain", "--json") + "".join(map(str, run("config", "check")))
    held = Path("pricetrail.db").read_bytes()
    for secret in ("qu3ry", "sk-pl4in", "p1ng"):
        assert secret not in said
        assert secret.encode() not in held
    assert "sealed:***" in said
    assert document("poll", "plain")["polls"][0]["outcome"] == "unchanged"


@pytest.mark.usefixtures("shop")
def test_labels_of_the_database_count_in_filters(gateway: Gateway, receiver: Receiver) -> None:
    table = f'[webhooks.one]\nurl = "{receiver.url}/one"\nallow_private = true'
    add_to_file(f'{table}\nsources = ["team=search"]\n')
    assert "neither a source nor a label" not in shown("config", "check")
    shown("poll")
    gateway.catalog = [*gateway.catalog, model("brand-new")]
    run("poll")
    events = document("events", "--type", "model.added")["events"]
    fates = {
        event["data"]["source"]: [
            fate["verdict"]
            for fate in document("explain", event["data"]["id"])["webhooks"]
            if fate["webhook"] == "one"
        ]
        for event in events
    }
    assert fates["s"] == ["filtered"]
    assert fates["shop"] != ["filtered"]


@pytest.mark.usefixtures("shop")
def test_those_that_are_due_are_polled_wherever_they_are_kept() -> None:
    polls = document("poll", "--due")["polls"]
    assert sorted(one["source"] for one in polls) == ["s", "shop"]
    assert document("poll", "--due")["polls"] == []
    CONFIG.unlink()
    assert shown("poll", "--due") == "nothing is due\n"
