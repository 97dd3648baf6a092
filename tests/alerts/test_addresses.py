"""Chats are known by their addresses."""

import pytest

from pricetrail.alerts.addresses import formats_of
from pricetrail.alerts.channels import CHANNELS

_FLOW = "https://prod-12.westeurope.logic.azure.com:443/workflows/ab/triggers/manual/paths/invoke"


@pytest.mark.parametrize(
    ("url", "usual"),
    [
        ("https://hooks.slack.com/services/T/B/x", "slack"),
        ("https://HOOKS.slack.com./triggers/T/1/x", "slack"),
        ("https://hooks.slack-gov.com/services/T/B/x", "slack"),
        ("https://discord.com/api/webhooks/1/x", "discord"),
        ("https://ptb.discord.com/api/webhooks/1/x?thread_id=5", "discord"),
        ("https://discordapp.com/api/webhooks/1/x", "discord"),
        ("https://discord.com/api/webhooks/1/x/slack", "slack"),
        ("https://contoso.webhook.office.com/webhookb2/x", "teams"),
        ("https://outlook.office.com/webhook/x", "teams"),
        (_FLOW, "teams"),
        ("https://x.environment.api.powerplatform.com:443/powerautomate/x", "teams"),
        ("tgram://token/chat", "apprise"),
        ("mailto://user:pass@example.com", "apprise"),
    ],
)
def test_a_chats_address_names_its_format(url: str, usual: str) -> None:
    assert formats_of(url)[0] == usual
    assert "apprise" in formats_of(url)
    assert ("json" in formats_of(url)) == (url == _FLOW or "powerplatform" in url)


@pytest.mark.parametrize(
    "url",
    [
        *("https://example.com/hooks.slack.com", "https://hooks.slack.com.example.org/x"),
        *(
            "https://notdiscord.com/api/webhooks/1/x",
            "http://127.0.0.1:8080/x",
            "",
            "x",
            "http://[",
        ),
    ],
)
def test_another_address_says_nothing(url: str) -> None:
    assert formats_of(url) == ()


def test_what_is_named_first_is_a_format() -> None:
    for url in ("https://hooks.slack.com/", "https://discord.com/", _FLOW, "tgram://x"):
        assert formats_of(url)[0] in CHANNELS
