"""`pricetrail sources`: their health, and whether they are polled."""

from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway, Reply
from tests.pricetrail.commands.running import document, run, shown

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
