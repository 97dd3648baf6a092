"""Catalogs that cannot be right are set aside; announcing a removal can wait for a second poll."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.strict_json import loads
from pricetrail.jobs.polls.gateway import GatewayError
from pricetrail.storage.history import versions
from pricetrail.storage.polls import quarantine
from pricetrail.storage.polls.quarantine import SetAside
from tests.jobs.stage import Stage, listing, many, model, staged
from tests.support.payloads import data

MODELS = 20
EMPTY = listing()


@pytest.fixture
def stage(sqlite_url: str) -> Iterator[Stage]:
    with staged(sqlite_url) as made:
        yield made


@pytest.fixture
def quick(sqlite_url: str) -> Iterator[Stage]:
    """For the many cases of one rule, which no database decides."""
    with staged(sqlite_url) as made:
        yield made


def entries(stage: Stage) -> list[SetAside]:
    with stage.database.read() as connection:
        return quarantine.listed(connection)


def told(stage: Stage) -> list[tuple[str, Any]]:
    """The events about the source, each with its verdict or its quarantine's number."""
    found = stage.events("source.quarantined", "source.released")
    return [(e.type, data(e).get("verdict", data(e)["quarantine"])) for e in found]


def test_an_empty_catalog_is_set_aside_and_never_accepted_by_itself(stage: Stage) -> None:
    stage.poll(many(3))
    outcomes = {stage.poll(EMPTY, after=60).outcome for _ in range(12)}
    assert outcomes == {"quarantined"}
    assert stage.state.head_version == 1
    [entry] = entries(stage)
    assert (entry.state, entry.polls, entry.models) == ("held", 12, 0)
    assert entry.reason == "the catalog is empty, 3 models before (allow_empty)"
    assert stage.kinds() == [("source.quarantined", None)]
    assert stage.poll(many(3)).outcome == "unchanged"


def test_an_empty_catalog_is_taken_where_the_source_allows_it(stage: Stage) -> None:
    stage.poll(many(3))
    result = stage.poll(EMPTY, allow_empty=True)
    assert (result.outcome, result.counts["removed"]) == ("changed", 3)


def test_a_first_catalog_that_is_empty_is_no_baseline(stage: Stage) -> None:
    assert stage.poll(EMPTY).outcome == "quarantined"
    assert stage.poll(many(3)).version == 1
    assert told(stage) == [("source.quarantined", 1), ("source.released", "superseded")]


def test_an_empty_catalog_is_odd_for_another_account_too(stage: Stage) -> None:
    stage.poll(many(12))
    assert stage.poll(EMPTY, api_key="sk-of-another-account").outcome == "quarantined"
    assert stage.state.baseline_version == 1


@pytest.mark.parametrize("gone", [0, 1, 6, 7, 19, MODELS])
def test_more_than_a_share_gone_at_once_is_set_aside(quick: Stage, gone: int) -> None:
    quick.poll(many(MODELS))
    result = quick.poll(many(MODELS - gone))
    expected = "unchanged" if gone == 0 else "changed" if gone <= 6 else "quarantined"
    assert result.outcome == expected
    assert result.counts["removed"] == (gone if expected == "changed" else 0)


@pytest.mark.parametrize("repriced", [0, 2, 6, 7, MODELS])
def test_more_than_a_share_repriced_at_once_is_set_aside(quick: Stage, repriced: int) -> None:
    quick.poll(many(MODELS))
    result = quick.poll(many(MODELS, prompts=dict.fromkeys(range(repriced), "0.00004")))
    expected = "unchanged" if repriced == 0 else "changed" if repriced <= 6 else "quarantined"
    assert result.outcome == expected
    if expected == "quarantined":
        assert "max_repriced_percent" in (result.error or "")


def test_the_shares_are_settings(quick: Stage) -> None:
    quick.poll(many(10))
    assert quick.poll(many(9), max_removed_percent=Decimal("9.9")).outcome == "quarantined"
    assert quick.poll(many(9), max_removed_percent=Decimal(10)).outcome == "changed"
    dear = many(9, prompts=dict.fromkeys(range(9), "0.5"))
    assert quick.poll(dear, max_repriced_percent=Decimal(100)).outcome == "changed"


def test_of_fewer_than_ten_models_a_share_says_nothing(stage: Stage) -> None:
    stage.poll(many(9))
    assert stage.poll(many(1)).counts["removed"] == 8


def test_three_polls_over_half_an_hour_release_a_catalog(stage: Stage) -> None:
    stage.poll(many(MODELS))
    outcomes = [stage.poll(many(5)).outcome for _ in range(3)]
    assert outcomes == ["quarantined", "quarantined", "changed"]
    assert told(stage) == [("source.quarantined", 1), ("source.released", "confirmed")]
    removed = stage.events("model.removed")
    assert len(removed) == 15
    # It was first seen by the poll that was set aside, and that is what is said.
    assert data(removed[0])["observed"] == {
        "not_before": "2026-03-01T10:15:00Z",
        "not_after": "2026-03-01T10:30:00Z",
    }


def test_three_polls_in_less_than_half_an_hour_do_not(stage: Stage) -> None:
    stage.poll(many(MODELS))
    outcomes = [stage.poll(many(5), after=9).outcome for _ in range(5)]
    assert outcomes == ["quarantined"] * 4 + ["changed"]


def test_two_polls_far_apart_do_not(stage: Stage) -> None:
    stage.poll(many(MODELS))
    assert [stage.poll(many(5), after=600).outcome for _ in range(2)] == ["quarantined"] * 2


@pytest.mark.parametrize("between", [GatewayError("HTTP 503"), many(4)])
def test_a_row_that_is_broken_begins_anew(stage: Stage, between: Any) -> None:
    stage.poll(many(MODELS))
    for _ in range(2):
        assert stage.poll(many(5)).outcome == "quarantined"
    assert stage.poll(between).outcome != "changed"
    outcomes = [stage.poll(many(5)).outcome for _ in range(3)]
    assert outcomes == ["quarantined", "quarantined", "changed"]


def test_a_catalog_that_was_got_over_is_superseded(stage: Stage) -> None:
    stage.poll(many(MODELS))
    stage.poll(many(5))
    stage.poll(many(MODELS))
    stage.poll(many(MODELS))
    assert told(stage) == [("source.quarantined", 1), ("source.released", "superseded")]
    assert [entry.state for entry in entries(stage)] == ["superseded"]
    assert stage.poll(many(5)).outcome == "quarantined"
    assert told(stage)[2:] == [("source.quarantined", 2)]


def test_an_odd_catalog_that_goes_on_changing_is_one_incident(stage: Stage) -> None:
    stage.poll(many(MODELS))
    for left in (5, 4, 3, 5):
        assert stage.poll(many(left)).outcome == "quarantined"
    assert told(stage) == [("source.quarantined", 1)]
    states = [entry.state for entry in entries(stage)]
    assert states == ["superseded", "superseded", "superseded", "held"]


def test_a_set_aside_poll_is_no_failure_and_changes_no_price(stage: Stage) -> None:
    stage.poll(many(MODELS))
    for _ in range(5):
        stage.poll(EMPTY)
    assert stage.events("source.failing") == []
    assert stage.state.failures == 0
    with stage.database.read() as connection:
        entry = quarantine.get(connection, 1)
        assert loads(quarantine.body_of(connection, entry.id).decode()) == EMPTY


def test_the_same_incident_has_the_same_ids_on_every_database(
    sqlite_url: str, postgres_url: str
) -> None:
    found = []
    for url in (sqlite_url, postgres_url):
        with staged(url) as stage:
            stage.poll(many(MODELS))
            for _ in range(3):
                stage.poll(many(5))
            found.append([event.id for event in stage.events()])
    assert found[0] == found[1]
    assert len(set(found[0])) == 17


def test_gone_once_is_not_announced_with_two_confirming_polls(stage: Stage) -> None:
    stage.webhooks = {"all": Webhook(name="all", url="http://127.0.0.1:9/")}
    stage.settings = {"confirm_removals": 2}
    stage.poll(listing(model("a"), model("b")))
    stage.poll(listing(model("a")))
    stage.deliverer().release()
    stage.poll(listing(model("a"), model("b")))
    stage.deliverer().release()
    assert stage.owed() == []
    # History has it nevertheless.
    assert stage.kinds() == [("model.removed", "b"), ("model.added", "b")]
    with stage.database.read() as connection:
        assert [one.models for one in versions.snapshots(connection, stage.state.id)] == [2, 1, 2]


@pytest.mark.parametrize("release_between", [True, False])
def test_gone_twice_is_announced_once(stage: Stage, release_between: bool) -> None:
    stage.webhooks = {"all": Webhook(name="all", url="http://127.0.0.1:9/")}
    stage.settings = {"confirm_removals": 2}
    stage.poll(listing(model("a"), model("b")))
    for _ in range(2):
        stage.poll(listing(model("a")))
        if release_between:
            stage.deliverer().release()
    stage.poll(listing(model("a"), model("b")))
    stage.deliverer().release()
    announced = [event_id for one in stage.owed() for event_id in one.event_ids]
    assert announced == [event.id for event in stage.events("model.removed", "model.added")]
    assert len(announced) == 2


def test_a_failed_poll_confirms_no_removal(stage: Stage) -> None:
    stage.webhooks = {"all": Webhook(name="all", url="http://127.0.0.1:9/")}
    stage.settings = {"confirm_removals": 2}
    stage.poll(listing(model("a"), model("b")))
    stage.poll(listing(model("a")))
    stage.poll(GatewayError("HTTP 503"))
    stage.deliverer().release()
    assert stage.owed() == []
    stage.poll(json.dumps(listing(model("a"))).encode())
    assert stage.deliverer().release() == 1


def test_gone_once_and_back_otherwise_is_announced_as_what_it_is_now(stage: Stage) -> None:
    stage.webhooks = {"all": Webhook(name="all", url="http://127.0.0.1:9/")}
    stage.settings = {"confirm_removals": 2}
    stage.poll(listing(model("a"), model("b")))
    stage.poll(listing(model("a")))
    stage.poll(listing(model("a"), model("b", "0.5")))
    stage.poll(listing(model("a"), model("b", "0.5")))
    stage.deliverer().release()
    [added] = stage.events("model.added")
    assert [one.event_ids for one in stage.owed()] == [[added.id]]
