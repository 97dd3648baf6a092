"""`pricetrail webhooks`: listed, tested, previewed and backtested."""

import json
from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway
from tests.pricetrail.commands.polling import cut
from tests.pricetrail.commands.running import document, refused, shown
from tests.support.receivers import Receiver, status

pytestmark = pytest.mark.usefixtures("configured")


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


def test_a_test_message_that_is_refused_is_exit_code_1(receiver: Receiver) -> None:
    receiver.always = status(500)
    assert "did not accept the test message" in refused(1, "webhooks", "test", "rises")


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_a_channel_that_tells_no_status_is_given_none(receiver: Receiver) -> None:
    url = receiver.url.replace("http:", "json:")
    chat = f'[webhooks.chat]\nurl = "{url}"\nformat = "apprise"\nallow_private = true\n'
    with Path("pricetrail.toml").open("a", encoding="utf-8") as file:
        file.write(chat)
    assert shown("webhooks", "test", "chat").strip() == "chat accepted the test message"
    assert len(receiver.requests) == 1
