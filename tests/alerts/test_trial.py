"""The test message says what the webhook gets, in every format."""

from decimal import Decimal
from typing import Any

import pytest

from pricetrail.alerts.channels import CHANNELS, render
from pricetrail.alerts.plaintext import text_of
from pricetrail.alerts.report import report
from pricetrail.alerts.trial import test_event as trial
from pricetrail.alerts.webhooks import SIGNED
from pricetrail.catalog.events import TYPES
from tests.alerts.made import NASTY, NOW, body, hook

EVERYTHING: dict[str, Any] = {
    "sources": ("pipellm", "open*"),
    "events": ("model.repriced", "model.removed"),
    "models": ("gpt-*", "!gpt-4*"),
    "type_targets": ("openai",),
    "directions": ("increase", "mixed"),
    "fields": ("text.*",),
    "min_percent": Decimal("1.50"),
    "min_monthly_usd": Decimal(10),
    "digest": "0 9 * * 1-5",
    "timezone": "Europe/Berlin",
}
SAMPLE = "▼ claude-sonnet-4.5 — prompt $3.00 → $2.50 /1M (−16.7%) · prompt above 200k"


def text(**settings: Any) -> str:
    return text_of(report([trial(hook("slack", **settings), NOW)]), 3000)


def test_without_filters_it_says_that_all_of_it_comes() -> None:
    assert text().startswith(
        "Test message for prices\n"
        "\n"
        "This is a test message from pricetrail:\n"
        "The webhook prices works. Nothing has changed, and there is nothing to do.\n"
        "\n"
        "What this webhook gets (format slack):\n"
        "• Sources: all\n"
        "• Events: all types but model.updated\n"
        "• Models and prices: all\n"
        "• When: as soon as a poll sees a change\n"
        "\n"
        "A change looks like this (made up):\n" + SAMPLE
    )


def test_every_rule_in_force_is_said() -> None:
    for fact in (
        "• Sources: pipellm, open*\n• Events: model.repriced, model.removed\n",
        "• Models: gpt-*, !gpt-4*\n• Families (type_target): openai\n",
        "• Directions: increase, mixed\n• Prices: text.*\n",
        "• Smallest change in percent: 1.5\n• Smallest cost a month, in USD: 10\n",
        "• Rules on prices apply to model.repriced only; other events pass them\n",
        "• When: gathered into one message at 0 9 * * 1-5 (Europe/Berlin)\n",
    ):
        assert fact in text(**EVERYTHING)
    assert "Rules on" not in text(models=("gpt-*",))
    assert "Events: all types\n" in text(events=TYPES)
    many = tuple(f"m{place}" for place in range(20))
    assert ", m10, m11 and 8 more\n" in text(models=many)


def test_a_program_gets_the_rules_and_a_sample_marked_as_a_test() -> None:
    [message] = render(hook(**EVERYTHING), [trial(hook(**EVERYTHING), NOW)])
    document = body(message)
    assert document["type"] == "pricetrail.test"
    assert document["type"] not in TYPES
    data = document["data"]
    assert (data["test"], data["webhook"], data["format"]) == (True, "prices", "json")
    assert data["rules"] == {
        **{key: [*value] for key, value in EVERYTHING.items() if isinstance(value, tuple)},
        "min_percent": "1.5",
        "min_monthly_usd": "10",
        "digest": "0 9 * * 1-5",
        "timezone": "Europe/Berlin",
    }
    assert data["sample"]["type"] == "model.repriced"
    assert data["sample"]["changes"][0]["percent"] == "-16.67"
    assert message.webhook_id == data["id"]


@pytest.mark.parametrize("name", CHANNELS)
def test_every_format_marks_it_as_a_test(name: str) -> None:
    webhook = hook(name, name="".join(NASTY)[:40])
    [message] = render(webhook, [trial(webhook, NOW)])
    told = message.body.decode()
    assert "est message" in told
    assert "claude-sonnet-4.5" in told
    assert ("made up" in told) == (name not in SIGNED)
