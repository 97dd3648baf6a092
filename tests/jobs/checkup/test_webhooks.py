"""Whether receivers can be reached, and that nothing is sent to them."""

import socket
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs.checkup import webhooks
from pricetrail.queries.webhooks import WebhookEntry
from tests.support.receivers import receiving

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ENTRY = WebhookEntry("w", "json", False, None, None, None, 0, 7, 0)


def said(hook: Webhook) -> str:
    [finding] = webhooks.look(hook, NOW)
    return f"{finding.verdict} {finding.text}"


def test_a_receiver_is_reached_without_a_message() -> None:
    with receiving() as receiver:
        hook = Webhook(name="w", url=f"{receiver.url}/canary", allow_private=True)
        assert said(hook) == "pass can be reached; no message was sent"
        assert receiver.requests == []
        inside = said(replace(hook, allow_private=False))
    assert inside.startswith("fail cannot be reached: ")
    assert "allow_private" in inside
    assert "canary" not in inside


def test_one_that_does_not_listen_fails() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/canary"
        text = said(Webhook(name="w", url=url, allow_private=True))
    assert text.startswith("fail cannot be reached: the connection was refused: check its url")
    assert "canary" not in text


def test_what_opens_its_own_connections_is_not_looked_at() -> None:
    text = said(Webhook(name="w", url="mailto://canary@example.com", format="apprise"))
    assert text == "pass not looked at: `pricetrail webhooks test w` sends a message"


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (ENTRY, "pass nothing is waiting"),
        (replace(ENTRY, waiting=1), "pass 1 message waiting"),
        (replace(ENTRY, dead=2), "warn 2 messages were given up"),
        (replace(ENTRY, failing_since=NOW, waiting=3), "warn failing since 2026-03-01T00:00:00Z"),
        (replace(ENTRY, paused=True, why="HTTP 410"), "fail paused (HTTP 410): once fixed, run"),
    ],
)
def test_what_is_owed_is_told(entry: WebhookEntry, text: str) -> None:
    finding = webhooks.owed(entry)
    assert f"{finding.verdict} {finding.text}".startswith(text)
