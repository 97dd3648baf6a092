"""What a webhook's settings must be, and what they are where nothing is said."""

from decimal import Decimal
from typing import Any

import pytest

from pricetrail.alerts.webhooks import PEOPLES_TYPES, WebhookError, check_settings
from pricetrail.catalog.events import TYPES, UPDATED
from tests.alerts.made import hook


@pytest.mark.parametrize(
    ("format_name", "settings", "problem"),
    [
        ("json", {"ordering": "loose"}, "ordering: must be one of strict, none, not 'loose'"),
        ("json", {"directions": ("up",)}, "directions: must be one of increase, "),
        ("json", {"directions": ("up", "none", "dn")}, "directions: must be one of increase, "),
        ("json", {"min_percent": Decimal(-1)}, "min_percent: write a number of zero or more"),
        ("json", {"min_percent": Decimal("NaN")}, "min_percent: write a number"),
        ("json", {"min_monthly_usd": Decimal("Infinity")}, "min_monthly_usd: write a number"),
        ("json", {"secrets": ("whsec_YWJj",)}, "secrets: a webhook secret is 24 to 64 bytes"),
        (
            "json",
            {"secrets": ("whsec_" + "YWJj" * 8, "whsec_" + "YWJj" * 22)},
            "secrets: a webhook",
        ),
        ("json", {"secrets": ("s3cret",)}, "secrets: a webhook secret starts with whsec_"),
        ("json", {"timezone": "Mars/Olympus"}, "timezone: 'Mars/Olympus' is unknown"),
        ("json", {"timezone": "../etc/passwd"}, "timezone: "),
        ("slack", {"batch": True}, 'batch: only format = "json" or "cloudevents" has it'),
        (
            "slack",
            {"secrets": ("whsec_YQ==",)},
            'secrets: only format = "json" or "cloudevents" is signed',
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    format_name: str, settings: dict[str, Any], problem: str
) -> None:
    with pytest.raises(WebhookError) as caught:
        check_settings(hook(format_name, **settings))
    assert str(caught.value).startswith(problem)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"events": ("model.*", "!model.updated")},
        {"secrets": ("whsec_" + "YWJj" * 8, "whsec_" + "YWJj" * 9)},
        {"min_percent": Decimal(0), "timezone": "Europe/Berlin", "batch": True},
    ],
)
def test_settings_that_work_pass(settings: dict[str, Any]) -> None:
    check_settings(hook(**settings))


def test_each_format_has_its_own_defaults() -> None:
    assert (hook("json").ordering, hook("json").events) == ("strict", TYPES)
    assert (hook("slack").ordering, hook("slack").events) == ("none", PEOPLES_TYPES)
    assert UPDATED not in PEOPLES_TYPES


def test_a_webhook_does_not_show_its_secrets() -> None:
    shown = repr(hook(url="https://x.example/T0/B0/canary", secrets=("whsec_canary",)))
    assert "canary" not in shown


@pytest.mark.parametrize("name", ["", "Europe", "Mars/Olympus", "/etc/localtime", "a\x00b"])
def test_a_time_zone_is_one_that_is_known(name: str) -> None:
    with pytest.raises(WebhookError, match=r"^timezone: .* write one such as Europe/Berlin$"):
        check_settings(hook(timezone=name))


@pytest.mark.parametrize("kind", TYPES)
def test_every_event_type_can_be_chosen_and_left_out(kind: str) -> None:
    check_settings(hook(events=(kind,)))
    check_settings(hook(events=(f"!{kind}",)))
