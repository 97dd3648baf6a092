"""What a change costs by the usage that was imported: said to people, and routed by."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pricetrail.alerts.webhooks import Webhook
from pricetrail.cli import main
from tests.jobs.stage import Stage, listing, model, staged
from tests.support.receivers import Receiver, receiving, status

# 824 million tokens at half a dollar a million more: $412.
USAGE = "time,model,prompt_tokens\n2026-02-10,gpt-5,424000000\n2026-02-28,gpt-5,400000000\n"


@pytest.fixture
def slack() -> Iterator[Receiver]:
    with receiving() as receiver:
        receiver.always = status(200, b"ok")
        yield receiver


def hook(receiver: Receiver, name: str = "prices", **settings: Any) -> Webhook:
    return Webhook(name=name, url=receiver.url, format="slack", allow_private=True, **settings)


@pytest.fixture
def stage(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A stage whose database has usage of `gpt-5`."""
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", database_url)
    Path("usage.csv").write_text(USAGE, encoding="utf-8")
    for _ in range(2):  # the same file twice counts once
        result = CliRunner().invoke(main, ["usage", "import", "usage.csv"])
        assert result.exit_code == 0, result.output
    with staged(database_url) as made:
        yield made


def change(stage: Stage) -> None:
    stage.poll(listing(model("gpt-5", "0.000003"), model("other", "0.000003"), model("rest")))
    stage.poll(listing(model("gpt-5", "0.0000035"), model("other", "0.09"), model("rest")))


def test_a_message_says_what_the_change_costs_a_month_costliest_first(
    stage: Stage, slack: Receiver
) -> None:
    stage.webhooks = {"prices": hook(slack)}
    change(stage)
    assert stage.deliver().delivered == 1
    (request,) = slack.requests
    body = json.dumps(json.loads(request.body), ensure_ascii=False)
    assert "about +$412 a month at your last 30 days' usage" in body
    sections = body[body.index("Repriced") :]
    # `other` rose by far more percent, but nobody here uses it.
    assert sections.index("gpt-5") < sections.index("other")


def test_a_webhook_can_want_only_what_costs_enough(stage: Stage, slack: Receiver) -> None:
    stage.webhooks = {
        "dear": hook(slack, "dear", min_monthly_usd=Decimal("412.01")),
        "enough": hook(slack, "enough", min_monthly_usd=Decimal(412)),
    }
    change(stage)
    owed = {delivery.webhook: len(delivery.event_ids) for delivery in stage.owed()}
    assert owed == {"enough": 1}
