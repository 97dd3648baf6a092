"""`pricetrail webhooks`: listed, tested, previewed and backtested."""

import json
from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway
from tests.pricetrail.commands.polling import cut
from tests.pricetrail.commands.running import document, refused, run, shown
from tests.support.histories import model, tokens
from tests.support.receivers import Receiver, status

pytestmark = pytest.mark.usefixtures("configured")


def test_webhooks_are_listed_tested_previewed_and_backtested(
    gateway: Gateway, receiver: Receiver
) -> None:
    shown("poll")
    cut(gateway)
    found = document("webhooks", "list")["webhooks"]
    assert [(one["name"], one["delivered"]) for one in found] == [("billing", 1), ("rises", 0)]
    assert document("webhooks", "test", "rises") == {
        "webhook": "rises",
        "accepted": True,
        "status": 204,
        "error": None,
    }
    assert "accepted the test message" in shown("webhooks", "test", "rises")
    assert json.loads(receiver.requests[-1].body)["type"] == "pricetrail.test"
    [body] = shown("webhooks", "preview", "billing", "--version", "2").splitlines()
    assert json.loads(body) == json.loads(receiver.requests[0].body)
    tried = document("webhooks", "backtest", "rises", "--last", "1d")
    assert tried["filtered"] == {"directions": 1}


def test_a_test_message_that_is_refused_is_exit_code_1(receiver: Receiver) -> None:
    receiver.always = status(500)
    assert "did not accept the test message" in refused(1, "webhooks", "test", "rises")
    code, out, _ = run("webhooks", "test", "rises", "--json")
    assert (code, json.loads(out)["accepted"], json.loads(out)["status"]) == (1, False, 500)


def test_a_receiver_that_is_down_is_seen_in_the_list(gateway: Gateway, receiver: Receiver) -> None:
    shown("poll")
    receiver.always = status(503)
    models = gateway.catalog
    models[0] = model("m-00", tokens("0.0000025", "0.000015"))
    gateway.catalog = models
    assert run("poll")[0] == 1
    billing, _ = document("webhooks", "list")["webhooks"]
    assert (billing["state"], billing["waiting"]) == ("failing", 1)
    assert "503" in billing["last_error"]
    assert billing["next_try"] > billing["last_error_at"]
    told = shown("webhooks", "list")
    assert "billing is failing since" in told
    assert "503" in told
    receiver.always = status(200)
    assert document("deliveries", "retry", "--webhook", "billing")["due"] == 1
    billing, _ = document("webhooks", "list")["webhooks"]
    assert (billing["state"], billing["waiting"]) == ("on", 0)
    assert "is failing" not in shown("webhooks", "list")
    resumed = document("webhooks", "resume", "billing")
    assert (resumed["webhook"], resumed["resumed"]) == ("billing", False)
    assert resumed["deliveries"] == {"delivered": 0, "retrying": 0, "dead": 0}


def test_a_paused_webhook_is_named_wherever_it_keeps_messages_back(
    gateway: Gateway, receiver: Receiver
) -> None:
    shown("poll")
    receiver.scripts = [status(410)]
    gateway.catalog = [*gateway.catalog, model("new")]
    assert run("poll")[0] == 1
    for command in (
        ("deliver",),
        ("deliveries", "retry", "--webhook", "billing"),
        ("webhooks", "test", "billing"),
    ):
        code, _, err = run(*command)
        said = "billing is paused, and 1 message waits for it: once fixed, run "
        assert (code, err) == (0, f"{said}`pricetrail webhooks resume billing`\n")
    [pause] = document("events", "--type", "webhook.paused")["events"]
    told = shown("explain", pause["data"]["id"][:16])
    assert "billing  none     not owed: told by those that were not paused" in told
    assert "rises    sent     dlv_" in told
    assert shown("webhooks", "resume", "billing") == "billing resumed\ndeliveries: 1 delivered\n"
    assert run("deliver") == (0, "0 delivered, 0 retrying, 0 dead\n", "")


def test_where_there_is_nothing_yet_that_is_said_and_not_an_empty_table(gateway: Gateway) -> None:
    key, gateway.key = gateway.key, "another"
    assert run("poll")[0] == 1
    said = "no catalog has been recorded yet: run `pricetrail poll`"
    assert refused(3, "price", "m-00").endswith(said)
    gateway.key = key
    shown("poll")
    assert shown("events") == "nothing has changed since the first poll\n"
    assert shown("silence", "list") == "no silence is in force\n"
    assert shown("webhooks", "backtest", "rises").startswith("0 messages: nothing happened")
    assert refused(3, "diff", "latest~1", "latest").endswith(
        "s has one version so far: nothing has changed since"
    )
    for name in ("pricetrail.toml", "pricetrail.db"):
        Path(name).unlink()
    assert shown("webhooks", "list").startswith("no webhook is configured: add one")
    assert not Path("pricetrail.db").exists()


def test_a_webhook_that_there_is_none_of_is_named_with_those_there_are() -> None:
    shown("poll")
    for verb in ("test", "preview", "backtest", "resume"):
        said = refused(2, "webhooks", verb, "nope")
        assert "no webhook 'nope' is configured; there are: billing, rises" in said
    for command in (
        ("deliveries", "list", "--webhook", "nope"),
        ("deliveries", "retry", "--webhook", "nope"),
        ("deliveries", "replay", "--webhook", "nope", "--since", "2026-03-01"),
    ):
        assert "no webhook 'nope' here; there are: billing, rises" in refused(3, *command), command


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_a_channel_that_tells_no_status_is_given_none(receiver: Receiver) -> None:
    url = receiver.url.replace("http:", "json:")
    chat = f'[webhooks.chat]\nurl = "{url}"\nformat = "apprise"\nallow_private = true\n'
    with Path("pricetrail.toml").open("a", encoding="utf-8") as file:
        file.write(chat)
    assert shown("webhooks", "test", "chat").strip() == "chat accepted the test message"
    assert len(receiver.requests) == 1
