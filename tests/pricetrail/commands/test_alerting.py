"""The commands that poll and alert, against a real gateway and a real receiver on loopback."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pricetrail.demo.gateway import Gateway, Reply
from tests.pricetrail.commands.running import document, refused, run, shown
from tests.support.histories import model, tokens
from tests.support.receivers import Receiver, receiving, status

CONFIG = """
[sources.s]
url = "{gateway}"
api_key = "demo-key"

[webhooks.billing]
url = "{receiver}/billing"
secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
allow_private = true

[webhooks.rises]
url = "{receiver}/rises"
allow_private = true
directions = ["increase"]
events = ["model.repriced"]
"""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway([model(f"m-{n:02}") for n in range(12)]) as found:
        yield found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture(autouse=True)
def _configured(gateway: Gateway, receiver: Receiver) -> None:
    text = CONFIG.format(gateway=gateway.url, receiver=receiver.url)
    Path("pricetrail.toml").write_text(text, encoding="utf-8")


def cut(gateway: Gateway) -> dict[str, Any]:
    """The first model gets cheaper; what the poll says of it."""
    models = gateway.catalog
    models[0] = model("m-00", tokens("0.0000025", "0.000015"))
    gateway.catalog = models
    found: dict[str, Any] = document("poll")
    return found


def halved(gateway: Gateway) -> None:
    gateway.catalog = gateway.catalog[:6]
    assert document("poll")["polls"][0]["outcome"] == "quarantined"


def test_every_event_can_be_explained(gateway: Gateway) -> None:
    shown("poll")
    cut(gateway)
    [event] = document("events")["events"]
    found = document("explain", event["data"]["id"])
    assert [(one["webhook"], one["verdict"]) for one in found["webhooks"]] == [
        ("billing", "sent"),
        ("rises", "filtered"),
    ]
    assert found["webhooks"][1]["detail"] == "by the rule directions"
    assert "see `pricetrail events`" in refused(3, "explain", "evt_none")


def test_a_delivery_that_failed_waits_and_can_be_retried_and_replayed(
    gateway: Gateway, receiver: Receiver
) -> None:
    shown("poll")
    receiver.always = status(500)
    models = gateway.catalog
    models[0] = model("m-00", tokens("0.0000025", "0.000015"))
    gateway.catalog = models
    code, out, err = run("poll", "--json")
    assert (code, json.loads(out)["deliveries"]["retrying"]) == (1, 1)
    assert "see `pricetrail deliveries list`" in err
    [waiting] = document("deliveries", "list")["deliveries"]
    assert (waiting["state"], waiting["attempts"], waiting["last_status"]) == ("pending", 1, 500)
    receiver.always = None
    assert document("deliveries", "retry", waiting["id"])["deliveries"]["delivered"] == 1
    assert document("deliveries", "show", waiting["id"])["state"] == "delivered"
    again = document("deliveries", "replay", "--webhook", "billing", "--since", "2026-01-01")
    assert again["deliveries"]["delivered"] == 1
    assert len(set(receiver.ids)) == 1
    assert len(receiver.ids) == 3


def test_a_catalog_set_aside_is_shown_and_approved(gateway: Gateway) -> None:
    shown("poll")
    halved(gateway)
    [entry] = document("quarantine", "list")["quarantine"]
    assert (entry["state"], entry["models"], entry["source"]) == ("held", 6, "s")
    would = document("quarantine", "show", str(entry["id"]))["events"]
    assert [one["type"] for one in would] == ["model.removed"] * 6
    assert "6 removed" in shown("quarantine", "approve", str(entry["id"]))
    assert len(document("models")["data"]) == 6
    kinds = [one["type"] for one in document("events")["events"]]
    assert kinds.count("model.removed") == 6
    assert {"source.quarantined", "source.released"} <= set(kinds)


def test_a_catalog_set_aside_is_rejected_for_good(gateway: Gateway) -> None:
    shown("poll")
    halved(gateway)
    shown("quarantine", "reject", "1")
    assert document("poll")["polls"][0]["outcome"] == "quarantined"
    assert len(document("models")["data"]) == 12
    assert "was rejected already" in run("quarantine", "approve", "1")[2]


def test_a_silence_mutes_until_it_is_removed(gateway: Gateway, receiver: Receiver) -> None:
    shown("poll")
    made = document("silence", "add", "m-*", "--for", "1h", "--reason", "we know")
    assert cut(gateway)["deliveries"]["delivered"] == 0
    assert document("silence", "list")["silences"][0]["reason"] == "we know"
    shown("silence", "remove", str(made["id"]))
    assert document("silence", "list")["silences"] == []
    assert receiver.requests == []


def test_webhooks_are_listed_tested_previewed_and_backtested(
    gateway: Gateway, receiver: Receiver
) -> None:
    shown("poll")
    cut(gateway)
    found = document("webhooks", "list")["webhooks"]
    assert [(one["name"], one["delivered"]) for one in found] == [("billing", 1), ("rises", 0)]
    assert "accepted the test message" in shown("webhooks", "test", "rises")
    assert json.loads(receiver.requests[-1].body)["type"] == "pricetrail.test"
    [body] = shown("webhooks", "preview", "billing", "--version", "2").splitlines()
    assert json.loads(body) == json.loads(receiver.requests[0].body)
    tried = document("webhooks", "backtest", "rises", "--last", "1d")
    assert tried["filtered"] == {"directions": 1}


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_a_channel_that_tells_no_status_is_given_none(receiver: Receiver) -> None:
    url = receiver.url.replace("http:", "json:")
    chat = f'[webhooks.chat]\nurl = "{url}"\nformat = "apprise"\nallow_private = true\n'
    with Path("pricetrail.toml").open("a", encoding="utf-8") as file:
        file.write(chat)
    assert shown("webhooks", "test", "chat").strip() == "chat accepted the test message"
    assert len(receiver.requests) == 1


def test_a_test_message_that_is_refused_is_exit_code_1(receiver: Receiver) -> None:
    receiver.always = status(500)
    assert "did not accept the test message" in refused(1, "webhooks", "test", "rises")


def test_sources_tell_their_health(gateway: Gateway) -> None:
    shown("poll")
    gateway.reply = Reply(b"{}")
    run("poll")
    [one] = document("sources", "list")["sources"]
    assert (one["name"], one["version"], one["failures"]) == ("s", 1, 1)
    shown("sources", "pause", "s")
    assert document("sources", "list")["sources"][0]["paused"]
    shown("sources", "resume", "s")
