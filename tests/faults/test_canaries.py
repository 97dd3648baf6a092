"""Secrets in every setting, a gateway and a receiver that repeat them: found nowhere (fault 50)."""

import json
import signal
import time
from pathlib import Path

import pytest

from tests.acceptance.everything import said_by_all
from tests.faults.canaries import (
    KEY,
    KNOWN,
    WORDS,
    at_work,
    found,
    listing,
    refusals,
    repeating,
    rows,
    served_by_all,
    titles,
)
from tests.pricetrail.commands.running import run
from tests.support.forks import COMMAND_LINE, Forked
from tests.support.histories import model
from tests.support.receivers import Receiver
from tests.support.sockets import RawServer

pytestmark = pytest.mark.slow

CONFIG = """
database_url = "env:DATABASE"

[sources.s]
url = "{gateway}?token={QUERY}"
api_key = "env:KEY"
failing_after = 1
schedule = "every 10s"
ping = "{receiver}/{PATH}?token={TOKEN}"

[sources.behind]
url = "{gateway}?token={QUERY}"
api_key = "file:key"
auth = "x-api-key"
proxy = "http://me:canary%3Aproxy%2F91c2@127.0.0.1:{port}"
ping = "http://canary:{TOKEN}@127.0.0.1:1/{PATH}"

[web]
port = 0
tokens = {{ team = "env:WEB" }}

[webhooks.json]
url = "{receiver}/{PATH}?token={TOKEN}"
secrets = ["whsec_{SECRET}"]
allow_private = true

[webhooks.slack]
url = "{receiver}/services/{PATH}/{TOKEN}"
format = "slack"
allow_private = true

[webhooks.discord]
url = "{receiver}/api/webhooks/{PATH}/{TOKEN}"
format = "discord"
allow_private = true
"""


def configure(gateway: RawServer, receiver: Receiver) -> None:
    Path("key").write_text(KEY + "\n", encoding="utf-8")
    text = CONFIG.format(gateway=gateway.url(), port=gateway.port, receiver=receiver.url, **WORDS)
    Path("pricetrail.toml").write_text(text, encoding="utf-8")


def said(*arguments: str) -> str:
    _, out, err = run("--log-level", "debug", *arguments)
    assert found(out + err) == [], arguments
    return out + err


def test_no_canary_is_found_anywhere(
    repeating_gateway: RawServer, repeating_receiver: Receiver, canary_url: str
) -> None:
    gateway, receiver, url = repeating_gateway, repeating_receiver, canary_url
    configure(gateway, receiver)
    for source in KNOWN:
        # What is said of a refusal is the same whatever keeps it: on a server once.
        refused = refusals() if source == "behind" or url.startswith("sqlite") else ()
        for answers, outcome in (
            (repeating(source), "changed"),
            (repeating(source, "!"), "changed"),
            (listing(model("m1"), model("m2")), "quarantined"),
            *((refusal, "failed") for refusal in refused),
        ):
            gateway.scripts = [answers]
            assert outcome in said("poll", source)
    said("deliver")
    for name in ("json", "slack", "discord"):
        said("webhooks", "test", name)
        said("webhooks", "preview", name)
    said("doctor", "--offline")
    said("config", "check")
    said("config", "show", "--json")
    assert len(receiver.requests) > 5
    for request in receiver.requests:
        assert found(request.body.decode()) == []
    for source in KNOWN:
        listed = json.loads(run("models", "--json", "--source", source)[1])["data"]
        assert len(listed) > 40
        for version in ("1", "2"):
            assert "***" in said("snapshots", "show", version, "--raw", "--source", source)
        for what in ("prices", "events", "snapshots", "observations"):
            said("export", what, "--source", source)
    for command, told in said_by_all(listed[0]["id"], "behind"):
        assert found(told) == [], command
    for address, told in served_by_all(listed[0]["id"], "behind"):
        assert found(told) == [], address
    assert found(rows(url)) == []


def test_a_service_logs_no_canary(
    repeating_gateway: RawServer, repeating_receiver: Receiver, canary_url: str
) -> None:
    gateway, receiver, url = repeating_gateway, repeating_receiver, canary_url
    configure(gateway, receiver)
    gateway.scripts = [repeating("s"), *refusals()]
    with Forked(COMMAND_LINE, "--log-level", "debug", "run", "--web") as process:
        for _ in range(600):
            if len(gateway.requests) >= 2:
                break
            time.sleep(0.05)
        assert found(titles(process.pid) + at_work(url)) == []
        process.send_signal(signal.SIGTERM)
        printed, logged = process.communicate()
    assert len(gateway.requests) >= 2
    assert "GET" in {request.method for request in receiver.requests}
    assert "source s" in logged or "s:" in logged or "poll" in logged, logged
    assert found(printed + logged) == []
    assert found(rows(url)) == []
