"""Noise makes no version, no event and no alert, in whatever way it reaches a source."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs.imports.importing import run
from pricetrail.jobs.imports.observations import Observation
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.queries import price
from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.errors import TamperedError
from pricetrail.storage.history import events, prices, versions
from pricetrail.storage.history.ignored import ignored_at
from pricetrail.storage.polls import quarantine
from pricetrail.storage.verification.verify import verify
from tests.jobs.stage import START, Stage, listing, many, model, staged
from tests.support.payloads import data


@pytest.fixture
def stage(sqlite_url: str) -> Iterator[Stage]:
    with staged(sqlite_url) as made:
        yield made


def noisy(number: int, turn: int, **more: Any) -> dict[str, Any]:
    """The same catalog, each time as a careless gateway writes it."""
    words = ["text", "image", "audio"]
    words = words[turn % 3 :] + words[: turn % 3]
    prompt = "0.000003" if turn == 0 else f"0.00000300000000000000{turn:04d}"
    created = {"created_at": f"2026-03-01T{turn % 24:02d}:00:00Z", "modalities": words}
    return listing(*(model(f"m-{n:03d}", prompt, **created | more) for n in range(number)))


IGNORE: dict[str, Any] = {"ignore": ("/created_at",)}


def verified(stage: Stage) -> bool:
    with stage.database.read() as connection:
        return verify(connection, sources.choose(connection, "pipellm")).ok


def test_a_catalog_that_differs_in_noise_alone_is_unchanged(stage: Stage) -> None:
    stage.settings = IGNORE
    assert stage.poll(noisy(12, 0)).outcome == "changed"
    assert {stage.poll(noisy(12, turn)).outcome for turn in range(1, 8)} == {"unchanged"}
    assert (stage.kinds(), stage.state.head_version) == ([], 1)
    assert verified(stage)


def test_what_is_not_ignored_any_more_is_found_though_the_text_is_the_same(stage: Stage) -> None:
    stage.poll(noisy(2, 0), **IGNORE)
    etag = Answer(200, json.dumps(noisy(2, 1)).encode(), '"noisy"', False)
    assert stage.poll(etag, **IGNORE).outcome == "unchanged"
    # It was not accepted, so it is not asked for as such either.
    assert stage.poll(etag).outcome == "changed"
    assert stage.etags[-1] is None
    assert stage.kinds() == [("model.updated", "m-000"), ("model.updated", "m-001")]


def test_a_version_made_for_another_reason_takes_the_noise_along(stage: Stage) -> None:
    stage.settings = IGNORE
    stage.poll(noisy(12, 0))
    second = noisy(12, 7)
    second["data"][0]["pricing"]["text"]["completion"] = "0.00002"
    assert stage.poll(second).counts == {"added": 0, "removed": 0, "repriced": 1, "updated": 0}
    [event] = stage.events()
    assert [change["path"] for change in data(event)["changes"]] == ["/pricing/text/completion"]
    with stage.database.read() as connection:
        served = price.ask(connection, "pipellm", "m-005")
        seen = connection.execute(select(t.price.c.amount).where(t.price.c.valid_from == 2))
        assert Decimal("0.000003000000000000000007") in set(seen.scalars())
    # The price is as of its version, and one with that of the version before.
    assert served.before.prices[1].amount == Decimal("0.000003000000000000000007")
    assert verified(stage)


def test_two_polls_that_differ_in_noise_agree_on_a_price(stage: Stage) -> None:
    stage.settings = IGNORE
    stage.poll(noisy(2, 0))
    between = stage.now + timedelta(minutes=7)
    more = noisy(3, 5)
    stage.poll(more)
    with stage.database.read() as connection:
        source = sources.choose(connection, "pipellm")
        found = price.ask(connection, "pipellm", "m-001", between)
        calm = prices.timeline(connection, source.id, "m-001").at(between)
    assert (found.certainty, calm.certainty) == ("observed", "observed")


@pytest.mark.parametrize("field", ["/architecture", "/architecture/*", "/arch*/tokens"])
def test_an_ignored_field_makes_no_event_and_its_neighbour_does(stage: Stage, field: str) -> None:
    stage.settings = {"ignore": (field,)}
    stage.poll(listing(model("a", architecture={"tokens": 1})))
    assert stage.poll(listing(model("a", architecture={"tokens": 2}))).outcome == "unchanged"
    more = listing(model("a", architecture={"tokens": 3}, note="new"))
    assert stage.poll(more).outcome == "changed"
    [event] = stage.events()
    assert [change["path"] for change in data(event)["changes"]] == ["/note"]
    assert verified(stage)


def test_verify_knows_what_was_ignored_at_each_version(stage: Stage) -> None:
    for turn, fields in enumerate([(), ("/created_at",), (), ("/note", "/created_at")]):
        catalog = noisy(3 + turn, turn, note=str(turn))
        stage.poll(catalog, ignore=fields)
    updates = [event.version for event in stage.events("model.updated")]
    assert sorted(set(updates)) == [2, 3]
    assert verified(stage)
    for changed in ('["/created_at"]', '["/pricing"]', "[1]", "[[]]", "{}", "5", "["):
        with stage.database.write() as connection:
            connection.execute(
                update(t.snapshot).where(t.snapshot.c.version == 3).values(ignored=changed)
            )
        assert not verified(stage)
    with stage.database.read() as connection, pytest.raises(TamperedError, match="damaged"):
        ignored_at(connection, stage.state.id, 3)


def test_three_polls_agree_on_a_suspicious_catalog_whatever_its_noise(stage: Stage) -> None:
    stage.settings = IGNORE
    stage.poll(noisy(20, 0))
    outcomes = [stage.poll(noisy(5, turn)).outcome for turn in range(1, 4)]
    assert outcomes == ["quarantined", "quarantined", "changed"]
    with stage.database.read() as connection:
        assert [entry.state for entry in quarantine.listed(connection)] == ["confirmed"]


def test_a_change_undone_but_for_noise_is_a_blip(stage: Stage) -> None:
    stage.webhooks = {"all": Webhook(name="all", url="http://127.0.0.1:9/")}
    stage.settings = IGNORE | {"hold": timedelta(hours=2)}
    stage.poll(noisy(3, 0))
    dearer = noisy(3, 1)
    dearer["data"][0]["pricing"]["text"]["completion"] = "0.00002"
    stage.poll(dearer)
    stage.poll(noisy(3, 2))
    stage.pass_time(hours=3)
    stage.deliverer().release()
    # Programs hear nothing of what came and went while it was held.
    assert stage.owed() == []


def test_an_import_follows_the_rule_and_recognises_its_own(stage: Stage) -> None:
    found = [
        Observation(START + timedelta(hours=turn), json.dumps(noisy(3, turn)).encode(), str(turn))
        for turn in range(5)
    ]
    stage.pass_time(hours=5)
    ignored = stage.source(**IGNORE).ignored
    first = run(stage.database, "pipellm", found, ignored=ignored)
    assert (first.versions, first.unchanged) == (1, 4)
    again = run(stage.database, "pipellm", found, ignored=ignored)
    assert (again.already_there, again.versions) == (5, 0)
    plain = run(stage.database, "other", found)
    assert plain.versions == 5


def slip(amount: str) -> dict[str, Any]:
    return many(3, prompts={1: amount})


@pytest.mark.parametrize(
    ("amount", "outcome"),
    [
        ("0.0003", "quarantined"),
        ("0.00029999999999999999", "quarantined"),
        ("3", "quarantined"),
        ("0.00000003", "quarantined"),
        ("0.000000003", "quarantined"),
        ("0.0002999999", "changed"),
        ("0.000000030001", "changed"),
        ("0", "changed"),
        ("free", "changed"),
    ],
)
def test_a_slip_of_the_unit_is_set_aside(stage: Stage, amount: str, outcome: str) -> None:
    stage.settings = {"max_price_ratio": Decimal(100)}
    stage.poll(many(3))
    result = stage.poll(slip(amount))
    assert result.outcome == outcome
    if outcome == "quarantined":
        assert "m-001 text.prompt" in (result.error or "")
        assert "max_price_ratio" in (result.error or "")
        assert [event.type for event in stage.events()] == ["source.quarantined"]


@pytest.mark.parametrize(
    ("place", "outcome"),
    [
        ("tiers/batch/text/prompt", "quarantined"),
        ("tiers/utc_1630_0030/over_32k/text/prompt", "quarantined"),
        # A share of a price is none.
        ("native/discount", "changed"),
    ],
)
def test_prices_on_a_condition_slip_like_others(stage: Stage, place: str, outcome: str) -> None:
    stage.settings = {"max_price_ratio": Decimal(100)}

    def at(amount: str) -> dict[str, Any]:
        first, *groups, leaf = place.split("/")
        below: dict[str, Any] = {leaf: amount}
        for group in reversed(groups):
            below = {group: below}
        found = many(1)
        found["data"][0]["pricing"][first] = below
        return found

    stage.poll(at("0.001"))
    assert stage.poll(at("0.2")).outcome == outcome


def test_from_nothing_and_from_zero_there_is_no_ratio(stage: Stage) -> None:
    stage.settings = {"max_price_ratio": Decimal(100)}
    stage.poll(slip("0"))
    assert stage.poll(slip("1")).outcome == "changed"
    added = listing(*many(3)["data"], model("new", "9"))
    added["data"][1] = slip("1")["data"][1]
    assert stage.poll(added).outcome == "changed"


def test_the_ratio_is_a_setting_and_polls_that_agree_are_believed(stage: Stage) -> None:
    stage.settings = {"max_price_ratio": Decimal(2)}
    stage.poll(many(3))
    assert [stage.poll(slip("0.000006")).outcome for _ in range(3)] == [
        "quarantined",
        "quarantined",
        "changed",
    ]
    with stage.database.read() as connection:
        log = [event for _, event in events.read(connection, events.EventFilter())]
        assert versions.snapshots(connection, stage.state.id)[-1].counts["repriced"] == 1
    assert [event.type for event in log] == [
        "source.quarantined",
        "source.released",
        "model.repriced",
    ]
