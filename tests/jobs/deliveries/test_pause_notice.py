"""That a webhook is paused is said over those that still work: over chats before programs."""

from collections.abc import Iterator

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.event_details import Notice
from pricetrail.catalog.events import Event
from pricetrail.jobs.deliveries.pause_notice import announce_pause
from pricetrail.storage.outbox import webhooks
from tests.jobs.stage import Stage, many, staged

FORMATS = {"broken": "json", "program": "json", "chat": "slack", "other": "discord"}
HOOKS = {
    name: Webhook(name=name, url="http://127.0.0.1:9/", format=format_name)
    for name, format_name in FORMATS.items()
}


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url) as made:
        yield made


def told(stage: Stage, hooks: dict[str, Webhook], *paused: str) -> tuple[Event | None, set[str]]:
    """Pause webhooks, and tell of `broken`: the event, and who is to hear of it."""
    with stage.database.write() as connection:
        for name in ("broken", *paused):
            webhooks.failed(connection, name, stage.now)
            webhooks.disable(connection, name, "HTTP 410", stage.now)
        event = announce_pause(connection, hooks, "broken", "HTTP 410", stage.now)
    return event, {delivery.webhook for delivery in stage.owed()}


def test_an_alertmanager_is_a_way_to_people(stage: Stage) -> None:
    stage.poll(many(2))
    kinds = {"broken": "json", "program": "cloudevents", "alerts": "alertmanager"}
    hooks = {name: Webhook(name=name, url="http://x/", format=kind) for name, kind in kinds.items()}
    assert told(stage, hooks)[1] == {"alerts"}


def test_it_goes_to_the_chats_and_names_the_remedy(stage: Stage) -> None:
    stage.poll(many(2))
    event, hearers = told(stage, HOOKS)
    assert hearers == {"chat", "other"}
    assert event is not None
    assert event.details == Notice(
        "The webhook broken is paused: HTTP 410. What it is owed is kept; "
        "once fixed: pricetrail webhooks resume broken",
        "broken",
        "HTTP 410",
    )
    assert stage.events()[-1] == event


@pytest.mark.parametrize(
    ("paused", "hearers"),
    [
        (("chat",), {"other"}),
        (("chat", "other"), {"program"}),
        (("chat", "other", "program"), set()),
    ],
)
def test_only_who_still_works_hears_of_it(
    stage: Stage, paused: tuple[str, ...], hearers: set[str]
) -> None:
    stage.poll(many(2))
    assert told(stage, HOOKS, *paused)[1] == hearers


def test_without_any_source_there_is_nothing_to_tell_it_of(stage: Stage) -> None:
    assert told(stage, HOOKS) == (None, set())


def test_the_same_pause_is_told_once(stage: Stage) -> None:
    stage.poll(many(2))
    told(stage, {"chat": HOOKS["chat"]})
    [delivery] = stage.owed("chat")
    assert [event.id for event in stage.events("webhook.paused")] == delivery.event_ids
