"""`pricetrail sources`: their health, and whether they are polled."""

from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway, Reply
from pricetrail.storage.database import Database
from tests.pricetrail.commands.running import document, refused, run, shown
from tests.support.histories import build, catalog, failed, model

pytestmark = pytest.mark.usefixtures("configured")


def test_sources_tell_their_health(gateway: Gateway) -> None:
    shown("poll")
    gateway.reply = Reply(b"{}")
    run("poll")
    [one] = document("sources", "list")["sources"]
    assert (one["name"], one["version"], one["failures"]) == ("s", 1, 1)
    assert "1 poll failed" in shown("sources", "list")
    shown("sources", "pause", "s")
    assert "paused" in shown("sources", "list")
    assert document("sources", "list")["sources"][0]["paused"]
    shown("sources", "resume", "s")


def test_sources_are_shown_with_their_labels() -> None:
    shown("poll")
    assert "labels" not in shown("sources", "list")
    config = Path("pricetrail.toml")
    labels = '[sources.s]\nlabels = { team = "search", env = "env:STAGE" }'
    text = config.read_text(encoding="utf-8").replace("[sources.s]", labels)
    config.write_text(text, encoding="utf-8")
    # What cannot be read here is told by whoever needs it.
    assert document("sources", "list")["sources"][0]["labels"] == {}
    config.write_text(text.replace("env:STAGE", "prod"), encoding="utf-8")
    assert document("sources", "list")["sources"][0]["labels"] == {"team": "search", "env": "prod"}
    assert "team=search, env=prod" in shown("sources", "list")


def test_of_many_sources_those_that_fail_are_shown_first_and_any_is_found() -> None:
    shown("poll")
    database = Database("sqlite:///pricetrail.db")
    for name in ("a", "b", "z"):
        build(database, name, [("2026-03-01", catalog(model("m")))])
    failed(database, "z", "2026-03-02")
    database.close()
    code, out, err = run("sources", "list", "--limit", "1")
    assert (code, [line.split()[0] for line in out.splitlines()]) == (0, ["name", "z"])
    assert "… and 3 more: narrow it with --name or --label, or raise --limit" in err
    assert [one["name"] for one in document("sources", "list", "--name", "[!a]")["sources"]] == []
    found = document("sources", "list", "--name", "?", "--limit", "2")
    assert ([one["name"] for one in found["sources"]], found["total"]) == (["a", "b"], 4)
    assert document("sources", "list", "--label", "team=search")["sources"] == []
    assert "write NAME=VALUE, such as team=search" in refused(2, "sources", "list", "--label", "x")
