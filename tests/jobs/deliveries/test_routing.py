"""From events to what is owed: filters, silences, digests, batches, one message a snapshot."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import event as sql_hooks
from sqlalchemy import select

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.aliases import grouped
from pricetrail.cli import main
from pricetrail.jobs.deliveries.messages import parts_of
from pricetrail.jobs.deliveries.routing import announce
from pricetrail.jobs.imports.importing import run
from pricetrail.jobs.imports.observations import Observation
from pricetrail.jobs.polls.gateway import GatewayError
from pricetrail.storage import tables as t
from pricetrail.storage.outbox import routes, silences, webhooks
from pricetrail.storage.outbox.routes import Route
from tests.jobs.stage import START, Stage, listing, many, model, staged
from tests.support.receivers import Receiver, receiving, status


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url) as made:
        yield made


def hook(name: str, **settings: Any) -> dict[str, Webhook]:
    return {name: Webhook(name=name, url="http://127.0.0.1:9/", **settings)}


def fates(stage: Stage, event_id: str) -> list[tuple[str, str, str | None]]:
    with stage.database.read() as connection:
        found = routes.of_event(connection, event_id)
    return [(route.webhook, route.verdict, route.detail) for route in found]


def body(stage: Stage, webhook: str, place: int = 0) -> dict[str, Any]:
    delivery = stage.owed(webhook)[place]
    with stage.database.read() as connection:
        [message] = parts_of(
            connection, stage.webhooks[webhook], delivery.event_ids, delivery.blips
        )
    found: dict[str, Any] = json.loads(message.body)
    return found


def test_every_webhook_has_a_fate_for_every_event(stage: Stage) -> None:
    stage.webhooks = {
        **hook("all"),
        **hook("cuts", directions=("decrease",)),
        **hook("others", models=("b",)),
        **hook("digested", digest="0 9 * * *"),
    }
    stage.poll(listing(model("a"), model("z")))
    stage.poll(listing(model("a", "0.5"), model("z")))
    [event] = stage.events()
    [delivery] = stage.owed()
    assert fates(stage, event.id) == [
        ("all", "delivery", delivery.id),
        ("cuts", "filtered", "directions"),
        ("digested", "digest", None),
        ("others", "filtered", "models"),
    ]
    assert (delivery.webhook, delivery.event_ids, delivery.state) == ("all", [event.id], "pending")


def test_the_first_fate_of_an_event_stands(stage: Stage) -> None:
    event_id = "evt_" + "0" * 40
    first = Route(event_id, "all", routes.FILTERED, "models")
    with stage.database.write() as connection:
        routes.record(connection, [first], START)
        routes.record(connection, [Route(event_id, "all", routes.DELIVERY, "x")], START)
        assert routes.of_event(connection, event_id) == [first]


def test_a_silenced_model_is_not_announced_and_the_silence_is_named(stage: Stage) -> None:
    stage.webhooks = hook("all")
    with stage.database.write() as connection:
        until = START + timedelta(hours=1)
        number = silences.add(connection, "a*", until, "known to flap", START)
    stage.poll(listing(model("a"), model("z")))
    stage.poll(listing(model("a", "0.5"), model("z", "0.5")))
    first, second = stage.events()
    assert fates(stage, first.id) == [("all", "silenced", str(number))]
    assert [one.event_ids for one in stage.owed()] == [[second.id]]
    stage.poll(listing(model("a", "0.6"), model("z", "0.5")), after=60)
    assert len(stage.owed()) == 2


def test_a_silence_that_was_removed_mutes_nothing(stage: Stage) -> None:
    stage.webhooks = hook("all")
    with stage.database.write() as connection:
        number = silences.add(connection, "*", START + timedelta(days=9), "quiet", START)
        silences.remove(connection, number, START)
    stage.poll(many(2))
    stage.poll(many(3))
    assert len(stage.owed()) == 1


def test_a_silence_that_a_clock_far_ahead_made_mutes_nothing(stage: Stage) -> None:
    stage.webhooks = hook("all")
    ahead = START + timedelta(days=30 * 365)
    with stage.database.write() as connection:
        silences.add(connection, "*", ahead + timedelta(hours=2), "quiet", ahead)
    stage.poll(many(2))
    stage.poll(many(3))
    assert len(stage.owed()) == 1


def test_silences_are_about_models_not_about_the_source(stage: Stage) -> None:
    stage.webhooks = hook("all")
    with stage.database.write() as connection:
        silences.add(connection, "*", START + timedelta(days=9), "quiet", START)
    stage.poll(many(2))
    for _ in range(3):
        stage.poll(GatewayError("HTTP 503"))
    assert len(stage.owed()) == 1


def test_json_is_one_message_an_event(stage: Stage) -> None:
    stage.webhooks = hook("all")
    stage.poll(many(3))
    stage.poll(many(5, prompts={0: "0.5"}))
    assert [one.event_ids for one in stage.owed()] == [[event.id] for event in stage.events()]
    assert len(stage.owed()) == 3


def test_a_batch_is_one_message_a_snapshot(stage: Stage) -> None:
    stage.webhooks = hook("all", batch=True)
    stage.poll(many(3))
    stage.poll(many(5, prompts={0: "0.5"}))
    stage.poll(many(5))
    first, second = stage.owed()
    assert [len(first.event_ids), len(second.event_ids)] == [3, 1]
    shown = body(stage, "all")
    assert shown["type"] == "catalog.changed"
    assert [one["type"] for one in shown["data"]["events"]] == [
        "model.added",
        "model.added",
        "model.repriced",
    ]


@pytest.mark.parametrize("chat", ["slack", "discord", "teams"])
def test_people_get_one_message_a_snapshot(stage: Stage, chat: str) -> None:
    stage.webhooks = hook("all", format=chat)
    stage.poll(many(3))
    for number in (5, 6, 7):
        stage.poll(many(number))
    assert [len(one.event_ids) for one in stage.owed()] == [2, 1, 1]


def test_what_happens_to_the_source_is_told_by_itself(stage: Stage) -> None:
    stage.webhooks = hook("all", format="slack")
    stage.poll(many(3))
    for _ in range(3):
        stage.poll(GatewayError("HTTP 503"))
    stage.poll(many(5))
    types = {event.id: event.type for event in stage.events()}
    assert [[types[one] for one in delivery.event_ids] for delivery in stage.owed()] == [
        ["source.failing"],
        ["source.recovered"],
        ["model.added", "model.added"],
    ]


def test_the_same_events_are_owed_once(stage: Stage) -> None:
    stage.webhooks = hook("all")
    stage.poll(many(2))
    stage.poll(many(4))
    with stage.database.write() as connection:
        assert announce(connection, stage.webhooks, stage.events(), stage.now) == 0
    assert len(stage.owed()) == 2


def test_a_digest_is_planned_and_sent_once_as_one_message(stage: Stage) -> None:
    stage.webhooks = hook("daily", format="slack", digest="0 9 * * 1-5", timezone="Europe/Berlin")
    stage.poll(many(3))
    with stage.database.read() as connection:
        assert webhooks.state(connection, "daily").digest_at is None
    for number in (4, 5, 6):
        stage.poll(many(number))
    # The stage begins on a Sunday; on Monday it is 9 in Berlin at 8 UTC.
    with stage.database.read() as connection:
        planned = webhooks.state(connection, "daily").digest_at
    assert planned == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert stage.deliverer().release() == 0
    assert stage.owed() == []
    stage.now = planned
    assert [stage.deliverer().release() for _ in range(3)] == [1, 0, 0]
    [delivery] = stage.owed()
    assert delivery.event_ids == [event.id for event in stage.events()]
    assert [fates(stage, event.id) for event in stage.events()] == [
        [("daily", "digest", delivery.id)]
    ] * 3


def test_the_next_digest_holds_what_came_since(stage: Stage) -> None:
    stage.webhooks = hook("daily", format="slack", digest="@daily")
    stage.poll(many(3))
    stage.poll(many(4))
    stage.pass_time(days=1)
    stage.deliverer().release()
    stage.poll(many(5))
    stage.pass_time(days=1)
    stage.deliverer().release()
    assert [one.event_ids for one in stage.owed()] == [[event.id] for event in stage.events()]


def test_a_digest_planned_by_a_clock_that_was_ahead_is_planned_anew(stage: Stage) -> None:
    stage.webhooks = hook("daily", format="slack", digest="@daily")
    stage.poll(many(3))
    stage.poll(many(4))
    with stage.database.write() as connection:
        webhooks.plan_digest(connection, "daily", stage.now + timedelta(days=10_000))
    stage.deliverer().release()
    stage.pass_time(days=1)
    assert stage.deliverer().release() == 1


def test_blips_respect_filters_and_silences(stage: Stage) -> None:
    stage.settings = {"hold": timedelta(hours=1)}
    stage.webhooks = {
        **hook("all", format="slack"),
        **hook("others", format="slack", models=("b*",)),
    }
    stage.poll(listing(model("a"), model("z")))
    stage.poll(listing(model("a", "0.5"), model("z")))
    stage.poll(listing(model("a"), model("z")))
    stage.pass_time(hours=2)
    stage.deliverer().release()
    assert [one.webhook for one in stage.owed()] == ["all"]
    for event in stage.events():
        assert [verdict for _, verdict, _ in fates(stage, event.id)] == ["blip", "filtered"]


def test_min_monthly_usd_lets_through_what_it_cannot_judge(stage: Stage) -> None:
    stage.webhooks = hook("dear", min_monthly_usd=Decimal(10))
    stage.poll(listing(model("a"), model("z")))
    stage.poll(listing(model("a", "0.5"), model("z")))
    assert len(stage.owed()) == 1


def test_an_import_announces_nothing(stage: Stage) -> None:
    stage.webhooks = hook("all")
    observations = [
        Observation(START + timedelta(hours=n), json.dumps(many(3 + n)).encode(), f"line {n}")
        for n in range(3)
    ]
    stage.pass_time(hours=2)
    run(stage.database, "pipellm", observations)
    assert [kind for kind, _ in stage.kinds()] == ["model.added"] * 2
    assert stage.owed() == []
    assert [fates(stage, event.id) for event in stage.events()] == [[], []]


def test_a_message_is_the_same_at_every_attempt(stage: Stage) -> None:
    with receiving() as receiver:
        url = receiver.url
        stage.webhooks = {"all": Webhook(name="all", url=url, allow_private=True, batch=True)}
        stage.poll(many(3))
        stage.poll(many(5))
        first = body(stage, "all")
        stage.poll(many(9))
        assert body(stage, "all") == first
        stage.deliver()
        assert json.loads(receiver.requests[0].body) == first


# 824 million tokens at half a dollar a million more: $412.
USAGE = "time,model,prompt_tokens\n2026-02-10,gpt-5,424000000\n2026-02-28,gpt-5,400000000\n"


@pytest.fixture
def slack() -> Iterator[Receiver]:
    with receiving() as receiver:
        receiver.always = status(200, b"ok")
        yield receiver


def slack_hook(receiver: Receiver, name: str = "prices", **settings: Any) -> Webhook:
    return Webhook(name=name, url=receiver.url, format="slack", allow_private=True, **settings)


@pytest.fixture
def used(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A stage whose database has usage of `gpt-5`."""
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", database_url)
    Path("usage.csv").write_text(USAGE, encoding="utf-8")
    for _ in range(2):  # the same file twice counts once
        result = CliRunner().invoke(main, ["usage", "import", "usage.csv"])
        assert result.exit_code == 0, result.output
    with staged(database_url) as made:
        yield made


def change(used: Stage) -> None:
    used.poll(listing(model("gpt-5", "0.000003"), model("other", "0.000003"), model("rest")))
    used.poll(listing(model("gpt-5", "0.0000035"), model("other", "0.09"), model("rest")))


def test_a_message_says_what_the_change_costs_a_month_costliest_first(
    used: Stage, slack: Receiver
) -> None:
    used.webhooks = {"prices": slack_hook(slack)}
    change(used)
    assert used.deliver().delivered == 1
    (request,) = slack.requests
    body = json.dumps(json.loads(request.body), ensure_ascii=False)
    assert "about +$412 a month at your last 30 days' usage" in body
    sections = body[body.index("Repriced") :]
    # `other` rose by far more percent, but nobody here uses it.
    assert sections.index("gpt-5") < sections.index("other")


def test_a_webhook_can_want_only_what_costs_enough(used: Stage, slack: Receiver) -> None:
    used.webhooks = {
        "dear": slack_hook(slack, "dear", min_monthly_usd=Decimal("412.01")),
        "enough": slack_hook(slack, "enough", min_monthly_usd=Decimal(412)),
    }
    change(used)
    owed = {delivery.webhook: len(delivery.event_ids) for delivery in used.owed()}
    assert owed == {"enough": 1}


def test_usage_under_another_name_counts_for_the_model(used: Stage, slack: Receiver) -> None:
    aliases = grouped({"m": ["gpt-5", "router/gpt-5"]})
    used.webhooks = {
        "joined": slack_hook(slack, "joined", min_monthly_usd=Decimal(412), aliases=aliases),
        "apart": slack_hook(slack, "apart", min_monthly_usd=Decimal(1)),
    }
    used.poll(listing(model("router/gpt-5", "0.000003"), model("rest")))
    used.poll(listing(model("router/gpt-5", "0.0000035"), model("rest")))
    assert [one.webhook for one in used.owed()] == ["joined"]
    used.deliver()
    assert b"about +$412 a month" in slack.requests[0].body
    # What the source lists itself counts for itself.
    used.poll(listing(model("router/gpt-5", "0.000003"), model("gpt-5"), model("rest")))
    [event] = [event for event in used.events("model.repriced") if event.version == 3]
    assert ("joined", "filtered", "min_monthly_usd") in fates(used, event.id)


def test_programs_get_an_event_or_a_snapshot_a_message_and_no_blip(stage: Stage) -> None:
    stage.settings |= {"hold": timedelta(hours=1)}
    stage.webhooks = {
        **hook("events", format="cloudevents"),
        **hook("batches", format="cloudevents", batch=True),
        **hook("alerts", format="alertmanager"),
        **hook("digests", format="alertmanager", digest="0 9 * * *"),
    }
    deliverer = stage.deliverer()
    stage.poll(listing(model("a"), model("b")))
    # One comes and goes, two come and stay, two more come later.
    stage.poll(listing(model("a"), model("b"), model("flap")))
    stage.poll(listing(model("a"), model("b"), model("c"), model("d")))
    stage.poll(listing(*(model(name) for name in "abcdef")))
    stage.pass_time(hours=2)
    deliverer.release()
    assert [len(owed.event_ids) for owed in stage.owed("events")] == [1, 1, 1, 1]
    for name in ("batches", "alerts"):
        assert [len(owed.event_ids) for owed in stage.owed(name)] == [2, 2]
    assert stage.owed("digests") == []
    stage.pass_time(hours=24)
    deliverer.release()
    assert [len(owed.event_ids) for owed in stage.owed("digests")] == [2, 2]


def test_labels_route_what_was_held_and_what_is_told_of_a_source(stage: Stage) -> None:
    stage.settings |= {"hold": timedelta(hours=1)}
    for name, team in (("ours", "search"), ("theirs", "ads")):
        labels = {"pipellm": {"team": "search"}}
        stage.webhooks |= hook(name, sources=(f"team={team}",), labels=labels)
    stage.poll(listing(model("a")))
    stage.poll(listing(model("a"), model("b")))
    stage.pass_time(hours=2)
    stage.deliverer().release()
    for _ in range(3):
        stage.poll(GatewayError("HTTP 503"))
    added, failing = stage.events()
    assert (added.type, failing.type) == ("model.added", "source.failing")
    for event in (added, failing):
        by_name = {name: (fate, why) for name, fate, why in fates(stage, event.id)}
        assert by_name["ours"][0] == "delivery"
        # Nothing is written down of what its `sources` leave out.
        assert "theirs" not in by_name


@pytest.mark.parametrize("many_", [0, 300])
def test_webhooks_of_other_sources_cost_a_change_no_statement_and_no_row(
    stage: Stage, many_: int
) -> None:
    stage.webhooks = {**hook("ours"), **hook("labelled", sources=("team=search",))}
    for number in range(many_):
        name = f"w{number}"
        others = (f"account-{number}",) if number % 2 else (f"team={number}", "!pipe*")
        stage.webhooks |= hook(name, sources=others, digest="0 9 * * *" if number % 3 else None)
    stage.poll(listing(model("a")))
    statements: list[str] = []

    def note(*given: Any) -> None:
        statements.append(given[2])

    sql_hooks.listen(stage.database.engine, "before_cursor_execute", note)
    stage.poll(listing(model("a", "0.5"), model("b")))
    sql_hooks.remove(stage.database.engine, "before_cursor_execute", note)
    # Written for each webhook, and asked for its labels.
    assert sum("INTO routing" in one for one in statements) == 1
    assert sum("INTO delivery" in one for one in statements) == 1
    assert sum('"labels":' in one or "settings" in one for one in statements) <= 1
    with stage.database.read() as connection:
        rows = connection.execute(select(t.routing.c.webhook)).scalars().all()
    assert rows == ["ours"] * 2


def test_an_undone_change_is_told_to_those_whose_source_it_is(stage: Stage) -> None:
    stage.settings |= {"hold": timedelta(hours=1)}
    stage.webhooks = {
        **hook("chat", format="slack"),
        **hook("program"),
        **hook("elsewhere", format="slack", sources=("!pipellm",)),
    }
    stage.poll(listing(model("a")))
    stage.poll(listing(model("a", "0.5")), after=5)
    stage.poll(listing(model("a")), after=5)
    stage.pass_time(hours=2)
    stage.deliverer().release()
    assert [len(stage.owed(name)) for name in stage.webhooks] == [1, 0, 0]
    there, back = stage.events()
    for event in (there, back):
        assert fates(stage, event.id) == [("chat", "blip", None), ("program", "blip", None)]
