"""Sources and webhooks in numbers: as they were recorded, whatever was pruned, at any length."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text, update

from pricetrail.jobs import maintenance
from pricetrail.jobs.imports.importing import run as import_all
from pricetrail.jobs.imports.observations import Observation
from pricetrail.jobs.polls.gateway import GatewayError
from pricetrail.queries import metrics
from pricetrail.queries.metrics import MetricsAnswer, PriceMetric, SourceMetrics, WebhookMetrics
from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import deliveries, webhooks
from pricetrail.storage.outbox.deliveries import NewDelivery
from pricetrail.storage.schema import prepare
from tests.conftest import Recording
from tests.jobs.stage import START, Stage, listing, many, staged
from tests.jobs.stage import model as served
from tests.support.histories import at, build, catalog, failed, model, quarantined, tokens
from tests.support.slots import set_slot

NOW = at("18:00")
NO_EVENTS = {
    "model.added": 0,
    "model.removed": 0,
    "model.repriced": 0,
    "model.updated": 0,
    "model.sunset": 0,
    "catalog.schema_changed": 0,
    "source.failing": 0,
    "source.recovered": 0,
    "source.quarantined": 0,
    "source.released": 0,
}


def recorded(database: Database) -> None:
    """A source that fares well, one that does not, and two webhooks."""
    odd = tokens("0.0000000000000000000025", "free")
    build(
        database,
        "well",
        [("10:00", catalog(model("a"))), ("11:00", catalog(model("a", odd), model("b")))],
    )
    build(database, "ill", [("12:00", catalog(model("a")))])
    failed(database, "ill", "13:00")
    failed(database, "ill", "14:00")
    quarantined(database, "ill", "15:00")
    failed(database, "ill", "16:00")
    with database.write() as connection:
        set_slot(connection, "well", at("18:15"))
        sources.remember_schedules(
            connection, {sources.choose(connection, "ill").id: ("[]", at("17:00"))}
        )
        deliveries.enqueue(connection, [NewDelivery("d", "main", ("e",))], at("17:58"))
        webhooks.count_delivered(connection, "main", 7, at("10:00"))
        webhooks.count_delivered(connection, "other", 1, at("10:00"))


@pytest.fixture
def database(with_history: Callable[[Recording], str]) -> Iterator[Database]:
    found = Database(with_history(recorded))
    yield found
    found.close()


def ask(database: Database, *, prices: bool = False) -> MetricsAnswer:
    with database.read() as transaction:
        return metrics.ask(transaction, NOW, prices, {"well": {"team": "search"}})


def test_sources_and_webhooks_are_told_in_numbers(database: Database) -> None:
    answer = ask(database)
    ill, well = answer.sources
    assert well == SourceMetrics(
        name="well",
        polls={"changed": 2, "unchanged": 0, "failed": 0, "quarantined": 0},
        events=NO_EVENTS | {"model.added": 1, "model.repriced": 1},
        last_good=at("11:00"),
        next_poll=at("18:15"),
        models=2,
        version=2,
        failures=0,
        quarantined=0,
        overdue=0,
        labels={"team": "search"},
    )
    assert ill.labels == {}
    assert ill.polls == {"changed": 1, "unchanged": 0, "failed": 3, "quarantined": 1}
    assert (ill.last_good, ill.next_poll, ill.failures, ill.overdue) == (at("12:00"), None, 1, 1)
    none = {"pending": 0, "leased": 0, "delivered": 0, "dead": 0, "cancelled": 0}
    assert answer.webhooks == (
        WebhookMetrics("main", none | {"pending": 1, "delivered": 7}, timedelta(minutes=2)),
        WebhookMetrics("other", none | {"delivered": 1}, timedelta(0)),
    )
    assert answer.prices is None


# No SQL of its own: what it asks is asked on both databases above.
@pytest.mark.parametrize("with_history", ["sqlite"], indirect=True)
def test_beyond_so_many_sources_they_are_added_up_by_label(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "MOST_SOURCES", 1)
    build(database, "kept", [("09:00", catalog(model("a"), model("b"), model("c")))])
    with database.write() as transaction:
        labels = '{"labels": {"team": "search"}}'
        transaction.execute(
            update(t.source).where(t.source.c.name == "kept").values(settings=labels)
        )
    monkeypatch.setattr(metrics, "MOST_SOURCES", 2)
    others, search = ask(database).sources
    assert (others.name, others.labels, others.overdue, others.models) == ("*", {}, 1, 1)
    assert search == SourceMetrics(
        name="team=search",
        polls={"changed": 3, "unchanged": 0, "failed": 0, "quarantined": 0},
        events=NO_EVENTS | {"model.added": 1, "model.repriced": 1},
        last_good=at("09:00"),
        next_poll=at("18:15"),
        models=5,
        version=3,
        failures=0,
        quarantined=0,
        overdue=0,
        labels={"team": "search"},
    )


def test_where_labels_are_as_many_all_sources_are_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "MOST_SOURCES", 1)
    answer = ask(database, prices=True)
    [together] = answer.sources
    assert together == SourceMetrics(
        name="*",
        polls={"changed": 3, "unchanged": 0, "failed": 3, "quarantined": 1},
        events=NO_EVENTS | {"model.added": 1, "model.repriced": 1},
        last_good=at("11:00"),
        next_poll=at("18:15"),
        models=3,
        version=3,
        failures=1,
        quarantined=0,
        overdue=1,
    )
    assert answer.prices is not None
    assert list(answer.prices) == []


# No SQL of its own: what it asks is asked on both databases above.
@pytest.mark.parametrize("with_history", ["sqlite"], indirect=True)
def test_prices_are_those_in_force_and_exact(database: Database) -> None:
    prices = ask(database, prices=True).prices
    assert prices is not None
    assert list(prices) == [
        PriceMetric(source, name, f"/pricing/text/{path}", Decimal(amount))
        for source, name, path, amount in [
            ("ill", "a", "completion", "0.000015"),
            ("ill", "a", "prompt", "0.000003"),
            # What stands there beside it is no amount.
            ("well", "a", "prompt", "0.0000000000000000000025"),
            ("well", "b", "completion", "0.000015"),
            ("well", "b", "prompt", "0.000003"),
        ]
    ]


def test_an_empty_database_has_none(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    answer = ask(database)
    assert (answer.sources, answer.webhooks) == ((), ())
    database.close()


@contextmanager
def asked(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """The statements that the database is asked meanwhile, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        seen.append((statement, given))

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def test_no_table_that_grows_with_history_is_gone_through(database: Database) -> None:
    with asked(database) as statements:
        ask(database)
    postgres = database.engine.dialect.name == "postgresql"
    explain = "EXPLAIN" if postgres else "EXPLAIN QUERY PLAN"
    plans = []
    with database.read() as connection:
        if postgres:
            # So few rows are gone through whatever the indexes.
            connection.execute(text("SET LOCAL enable_seqscan = off"))
        for statement, given in statements:
            if statement.startswith(("SELECT", "WITH")):
                rows = connection.exec_driver_sql(f"{explain} {statement}", given).all()
                plans += [str(row[-1]) for row in rows]
    named = {word for line in plans for word in line.split()}
    assert named & {"poll", "coverage", "event", "price", "model_version", "attempt"} == set()
    assert [line for line in plans if "Seq Scan" in line and "delivery" in line] == []
    assert [line for line in plans if "SCAN delivery" in line and " ix_delivery_" not in line] == []
    for index in ("ix_delivery_undelivered", "ix_delivery_open", "snapshot"):
        assert any(index in line for line in plans), index


STEPS = st.lists(
    st.sampled_from(["same", "other", "fewer", "failed", "empty", "import", "prune", "deliver"]),
    min_size=3,
    max_size=12,
)


def step(stage: Stage, name: str, number: int) -> None:
    """One thing that may happen to a source."""
    if name == "failed":
        stage.poll(GatewayError("no"))
    elif name == "import":
        body = b'{"object":"list","data":[],"total":0}'
        seen = Observation(stage.now - timedelta(days=number + 1), body, "here")
        import_all(stage.database, f"imported-{number}", [seen])
    elif name == "prune":
        kept = timedelta(minutes=1)
        stage.pass_time(minutes=30)
        maintenance.prune(stage.database, polls=kept, bodies=kept, deliveries=kept)
    elif name == "deliver":
        with stage.database.write() as connection:
            webhooks.count_delivered(connection, "main", 1, at("10:00"))
    else:
        prices = {0: f"0.{number + 1}"} if name == "other" else {}
        found = {"same": None, "empty": listing(), "fewer": listing(served("m-000"))}
        stage.poll(found.get(name, many(4, prompts=prices)) if number else many(4))


def counters(answer: MetricsAnswer) -> Mapping[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    for source in answer.sources:
        found |= {(source.name, "polls", kind): n for kind, n in source.polls.items()}
        found |= {(source.name, "events", kind): n for kind, n in source.events.items()}
    for webhook in answer.webhooks:
        found[webhook.name, "deliveries", "delivered"] = webhook.deliveries["delivered"]
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(steps=STEPS)
def test_no_counter_ever_falls(steps: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    url = f"sqlite:///{tmp_path_factory.mktemp('counters') / 'test.db'}"
    prepare(url)
    with staged(url) as stage:
        stage.now = START
        before: Mapping[tuple[str, ...], int] = {}
        polls = 0
        for number, name in enumerate(["same", *steps]):
            step(stage, name, number)
            polls += name in ("same", "other", "fewer", "failed", "empty")
            after = counters(ask(stage.database))
            assert [key for key, value in before.items() if after.get(key, 0) < value] == []
            before = after
        of_source = [
            n for (source, what, _), n in before.items() if (source, what) == ("pipellm", "polls")
        ]
        assert sum(of_source) == polls
