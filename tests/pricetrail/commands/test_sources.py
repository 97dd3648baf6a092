"""`pricetrail sources`: their health, and whether they are polled."""

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
