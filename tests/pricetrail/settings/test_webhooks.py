"""A webhook's table: every problem at once, and what it is owed where it is faulty."""

from pathlib import Path
from typing import Any

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.settings.files import Raw
from pricetrail.settings.webhooks import webhook_of
from pricetrail.settings.where import Where

WHERE = Where(Raw("p.toml", {}, Path(), from_file=True), "webhooks", "w")
SLACK = "https://hooks.slack.com/services/T/B/canary"
DISCORD = "https://discord.com/api/webhooks/1/canary"
TEAMS = "https://contoso.webhook.office.com/webhookb2/canary"
PLAIN = "https://billing.example.com/canary"


def made(**table: Any) -> tuple[Webhook, list[str]]:
    webhook, problems = webhook_of(WHERE, table, {"SLACK": SLACK}, secrets=True)
    said = [f"{problem.key.removeprefix('webhooks.w.')}: {problem.text}" for problem in problems]
    assert "canary" not in "".join(said)
    assert webhook.faults == tuple(map(str, problems))
    return webhook, said


@pytest.mark.parametrize(
    ("url", "given", "right"),
    [
        (SLACK, None, "slack"),
        ("env:SLACK", None, "slack"),
        (SLACK, "json", "slack"),
        (SLACK, "discord", "slack"),
        (SLACK, "teams", "slack"),
        (DISCORD, None, "discord"),
        (DISCORD, "slack", "discord"),
        (TEAMS, None, "teams"),
        (TEAMS, "json", "teams"),
        ("https://x.logic.azure.com/workflows/canary", None, "teams"),
        ("tgram://canary/1", None, "apprise"),
        ("tgram://canary/1", "slack", "apprise"),
    ],
)
def test_an_address_of_another_format_is_an_error_that_names_the_right_one(
    url: str, given: str | None, right: str
) -> None:
    webhook, said = made(url=url, **({} if given is None else {"format": given}))
    [problem] = said
    assert problem.startswith("format: ")
    assert f'write format = "{right}"' in problem
    assert webhook.format == right


@pytest.mark.parametrize(
    ("url", "given"),
    [
        (SLACK, "slack"),
        (DISCORD, "discord"),
        (f"{DISCORD}/slack", "slack"),
        (TEAMS, "teams"),
        ("https://x.logic.azure.com/workflows/x", "json"),
        ("https://mattermost.example.com/hooks/x", "slack"),
        (PLAIN, "json"),
        (PLAIN, None),
    ],
)
def test_an_address_of_its_format_is_right(url: str, given: str | None) -> None:
    webhook, said = made(url=url, **({} if given is None else {"format": given}))
    assert said == []
    assert webhook.format == (given or "json")


def test_every_problem_is_told_at_once_and_filters_that_can_be_read_stay() -> None:
    webhook, said = made(
        url="env:NOT_SET",
        secrets=["short"],
        min_percent="1%",
        directions=["up", "increase", "down"],
        ordering="loose",
        timezone="Mars/X",
        digest="*/90 * * * *",
        modles=["x"],
        models=["gpt-*"],
    )
    assert [problem.partition(":")[0] for problem in said] == [
        *("url", "min_percent", "modles", "ordering", "directions", "secrets", "timezone"),
        "digest",
    ]
    assert "not 'up', 'down'" in said[4]
    assert webhook.models == ("gpt-*",)
    assert (webhook.min_percent, webhook.directions, webhook.digest) == (None, (), None)


@pytest.mark.parametrize(
    ("given", "meant"), [("slak", "slack"), ("Discord", "discord"), ("irc", "json")]
)
def test_a_format_that_is_none_is_owed_what_it_may_have_meant(given: str, meant: str) -> None:
    webhook, said = made(url=PLAIN, format=given)
    assert said[0].startswith("format: must be one of json, ")
    assert webhook.format == meant


def test_where_no_secret_is_needed_the_rest_is_still_looked_at() -> None:
    table = {"url": "env:NOT_SET", "secrets": "env:NOT_SET", "format": "json"}
    webhook, problems = webhook_of(WHERE, table, {}, secrets=False)
    assert (problems, webhook.faults, webhook.url) == ([], (), "")
    _, problems = webhook_of(WHERE, table | {"url": SLACK}, {}, secrets=False)
    assert [problem.key for problem in problems] == ["webhooks.w.format"]
