"""What became of one event at each webhook: of those that decided, and those that did not."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.catalog.events import Event
from pricetrail.queries import explain
from pricetrail.queries.explain import ExplainAnswer, ask, ask_last
from pricetrail.storage import kept_sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import events, versions
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.kept_sources import Kept
from pricetrail.storage.outbox import deliveries, leases, routes, silences
from pricetrail.storage.outbox import webhooks as states
from pricetrail.storage.outbox.deliveries import DEAD, DELIVERED, NewDelivery
from pricetrail.storage.outbox.leases import Attempt
from pricetrail.storage.outbox.routes import Route
from pricetrail.storage.polls import held_changes
from pricetrail.storage.polls.held_changes import Held
from pricetrail.storage.sources import choose
from tests.queries.documents import document
from tests.support.histories import at, build, catalog, hourly, model, tokens

NOW = at("12:00")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """One event: the model `a` gets cheaper."""
    opened = Database(database_url)
    prices = [catalog(model("a", tokens(price, "0.5"))) for price in ("0.2", "0.1")]
    build(opened, "s", hourly("10:00", prices))
    yield opened
    opened.close()


def repriced(database: Database) -> Event:
    with database.read() as transaction:
        [(_, event)] = events.read(transaction, EventFilter())
    return event


def explained(database: Database, *webhooks: str, **settings: Any) -> ExplainAnswer:
    hooks = [Webhook(name=name, url="http://127.0.0.1", **settings) for name in webhooks]
    with database.read() as transaction:
        return ask(transaction, repriced(database).id, hooks)


def fates(answer: ExplainAnswer) -> dict[str, tuple[str, str | None]]:
    return {fate.webhook: (fate.verdict, fate.detail) for fate in answer.fates}


def route(database: Database, *made: tuple[str, str, str | None]) -> None:
    event = repriced(database).id
    with database.write() as transaction:
        routes.record(transaction, [Route(event, *one) for one in made], NOW)


def test_each_verdict_is_told_in_words(database: Database) -> None:
    with database.write() as transaction:
        end = NOW + timedelta(days=7)
        muted = silences.add(transaction, "a*", end, "we know", NOW)
        over = silences.add(transaction, "*", end, "a trial", NOW)
        silences.remove(transaction, over, NOW)
        states.plan_digest(transaction, "planned", at("23:00"))
    route(
        database,
        ("rule", routes.FILTERED, "min_percent"),
        ("mute", routes.SILENCED, str(muted)),
        ("muted", routes.SILENCED, str(over)),
        ("unmuted", routes.SILENCED, "9"),
        ("daily", routes.DIGEST, None),
        ("planned", routes.DIGEST, None),
        ("flap", routes.BLIP, None),
    )
    assert fates(explained(database)) == {
        "daily": ("digest", "waits for the next digest"),
        "flap": ("blip", "undone within the hold: no alert of its own"),
        "mute": ("silenced", f"silence {muted} (a*, until 2026-03-08T12:00:00Z): we know"),
        "muted": ("silenced", f"silence {over} (*, removed at 2026-03-01T12:00:00Z): a trial"),
        "planned": ("digest", "waits for the next digest, at 2026-03-01T23:00:00Z"),
        "rule": ("filtered", "by the rule min_percent: the largest change is 50 %"),
        "unmuted": ("silenced", "silence 9"),
    }


def test_a_filter_says_what_it_compared(database: Database) -> None:
    route(database, ("w", routes.FILTERED, "min_percent"))
    words = {
        Decimal("66.6"): "min_percent 66.6: the largest change is 50 %",
        Decimal(5): "min_percent 5: the largest change is 50 % (the settings were others then)",
    }
    for least, said in words.items():
        answer = explained(database, "w", min_percent=least)
        assert fates(answer) == {"w": ("filtered", f"by the rule {said}")}


def test_the_last_event_is_that_of_a_model_a_source_or_all(database: Database) -> None:
    prices = [catalog(model("a", tokens(price, "0.5")), model("b")) for price in ("7", "8")]
    build(database, "t", hourly("11:00", prices))
    with database.read() as transaction:

        def last(source: str | None, name: str | None) -> tuple[str, str | None]:
            found = ask_last(transaction, source, name, [])
            return found.source, found.model

        assert [last(None, None), last(None, "a"), last("t", None)] == [("t", "a")] * 3
        assert [last("s", None), last("s", "a")] == [("s", "a")] * 2
        for source, name, words in [
            ("u", None, "no source 'u'"),
            ("s", "b", "no model 'b'"),
            (None, "c", "no model 'c'"),
            (None, "b", "nothing happened to b"),
        ]:
            with pytest.raises(NotFoundError, match=words):
                ask_last(transaction, source, name, [])


def test_a_message_is_told_by_what_became_of_it(database: Database) -> None:
    names = ("sent", "dead", "waits", "leased")
    with database.write() as transaction:
        owed = [NewDelivery(f"d-{name}", name, ("e",)) for name in names]
        deliveries.enqueue(transaction, owed, NOW)
        later = NOW + timedelta(minutes=1)
        taken = {
            name: leases.claim(
                transaction, name, ordered=True, token="t", now=NOW, lease_until=later
            )[0]
            for name in ("sent", "dead", "leased")
        }
        gone = Attempt(taken["dead"], DEAD, NOW, status=410, error="410: gone")
        leases.record_attempt(transaction, [Attempt(taken["sent"], DELIVERED, NOW), gone])
    carried = [(name, routes.DELIVERY, f"d-{name}") for name in names]
    route(database, *carried, ("old", routes.DELIVERY, "d-9"), ("mail", routes.DIGEST, "d-sent"))
    noon = "2026-03-01T12:00:00Z"
    assert fates(explained(database)) == {
        "dead": ("dead", "d-dead after 1 attempt: 410: gone"),
        "leased": ("being sent", "d-leased"),
        "mail": ("sent", f"in the digest of {noon}, d-sent at {noon}"),
        "old": ("pruned", "d-9"),
        "sent": ("sent", f"d-sent at {noon}"),
        "waits": ("waiting", "d-waits"),
    }


def test_a_configured_webhook_that_never_decided_is_told_too(database: Database) -> None:
    route(database, ("b", routes.FILTERED, "models"))
    assert fates(explained(database, "c", "a", "b")) == {
        "a": ("none", "not owed: imported, or the webhook was added, or given this source, later"),
        "b": ("filtered", "by the rule models: the model is a (the settings were others then)"),
        "c": ("none", "not owed: imported, or the webhook was added, or given this source, later"),
    }


@pytest.mark.parametrize(
    ("blip", "what"), [(False, "announced then if it lasts"), (True, "undone; one line is due")]
)
def test_a_change_that_is_held_says_until_when(database: Database, blip: bool, what: str) -> None:
    with database.write() as transaction:
        source = choose(transaction, "s").id
        row = versions.model_id(transaction, source, "a")
        event = repriced(database).id
        states = (b"\x01" * 32, b"\x02" * 32)
        held = Held(source, row, 2, [event], *states, at("18:00"), 4, blip=blip)
        held_changes.add(transaction, held)
    assert fates(explained(database, "w")) == {"w": ("held", f"until 2026-03-01T18:00:00Z: {what}")}


def test_of_too_many_sources_a_model_needs_one_named(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(database, "t", hourly("10:00", [catalog(model("a"))]))
    monkeypatch.setattr(explain, "_MOST_SOURCES", 1)
    with database.read() as transaction, pytest.raises(InvalidInputError, match="source"):
        ask_last(transaction, None, "a", [])


def test_the_event_is_named_with_its_model(database: Database) -> None:
    route(database, ("b", routes.FILTERED, "models"))
    event = repriced(database)
    answer = explained(database)
    assert answer.at == at("11:00")
    assert document(answer) == {
        "event": {"id": event.id, "type": "model.repriced", "source": "s", "model": "a"},
        "webhooks": [
            {
                "webhook": "b",
                "verdict": "filtered",
                "detail": "by the rule models: the model is a",
                "delivery": None,
            }
        ],
    }


def test_an_event_that_is_not_there_is_nothing_to_answer_from(database: Database) -> None:
    with database.read() as transaction, pytest.raises(NotFoundError, match="no event 'evt_none'"):
        ask(transaction, "evt_none", [])


def test_of_another_source_it_is_told_by_what_is_configured_and_kept_now(
    database: Database,
) -> None:
    with database.write() as transaction:
        kept_sources.add(transaction, [Kept("s", '{"labels":{"team":"search"}}')], NOW)
    for sources, said in (
        (("other",), "other"),
        (("!s*",), "!s*"),
        (("team=ads",), "team=ads"),
    ):
        [fate] = explained(database, "w", sources=sources).fates
        assert (fate.verdict, fate.rule) == ("filtered", "sources")
        assert fate.detail == f"by the rule sources {said}: the source is s"
    [fate] = explained(database, "w", sources=("team=search",)).fates
    assert (fate.verdict, fate.rule) == ("none", None)
