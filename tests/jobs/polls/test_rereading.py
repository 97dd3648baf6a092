"""Polls in another dialect, and what becomes of them when it is read otherwise by now."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pricetrail.catalog.dialects import xai
from pricetrail.catalog.dialects.registry import AS_SERVED, ReadBy
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.queries import evidence
from pricetrail.storage.errors import UnprovenError
from pricetrail.storage.history import readings, versions
from pricetrail.storage.types import AnyRow
from pricetrail.storage.verification.verify import Verdict, verify
from tests.jobs.stage import Stage, listing, model, staged
from tests.support.dialects import entry, native, spoken


@pytest.fixture
def stage(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    spoken(monkeypatch)
    with staged(database_url, settings={"dialect": "xai"}) as stage:
        yield stage


def rows(stage: Stage) -> list[AnyRow]:
    with stage.database.read() as connection:
        last = stage.state.head_version
        return [
            versions.get_version(connection, stage.state.id, number)
            for number in range(1, last + 1)
        ]


def labels(stage: Stage) -> list[str | None]:
    return [row.dialect for row in rows(stage)]


def listed(stage: Stage, version: int) -> list[dict[str, Any]]:
    with stage.database.read() as connection:
        text = versions.listing_at(connection, stage.state.id, version)
    found: list[dict[str, Any]] = json.loads(text)["data"]
    return found


def checked(stage: Stage) -> Verdict:
    with stage.database.read() as connection:
        verdict = verify(connection, stage.state)
    assert verdict.first_break is None
    return verdict


def test_a_list_of_another_dialect_is_polled_compared_and_verified(stage: Stage) -> None:
    assert stage.poll(native(entry("a"), entry("b", "10"))).baseline
    assert stage.poll(native(entry("b", "10"), entry("a"))).outcome == "unchanged"
    assert stage.poll(native(entry("a", "2"), entry("b", "10.00"))).counts["repriced"] == 1
    (event,) = stage.events()
    (change,) = event.changes
    assert (change.path, change.unit) == ("/pricing/text/prompt", "USD/token")
    assert (change.old, change.new) == (Decimal("0.0000025"), Decimal("0.000002"))
    assert labels(stage) == ["xai/1", "xai/1"]
    assert checked(stage).snapshots == 2


def test_what_is_no_list_of_the_dialect_fails_the_poll_and_the_catalog_stays(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.poll(native(entry("a")))
    nested = b'{"models":' + b"[" * 100_000
    for body in (b"{}", b"<html>", b'{"models":[{"in":1}]}', b'{"models":[3]}', nested):
        assert stage.poll(body).outcome == "failed"
    assert "listed twice" in str(stage.poll(native(entry("a"), entry("a", "3"))).error)
    twice = b'{"models":[{"name":"a","in":1,"in":2}]}'
    assert "twice" in str(stage.poll(twice).error)
    many = native(*(entry(f"m{n}") for n in range(5)))
    assert "max_models" in str(stage.poll(many, max_models=4).error)
    assert stage.state.head_version == 1


def test_a_later_version_of_a_dialect_makes_a_baseline_and_loses_no_change(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stage.poll(native(entry("a", cached=Decimal("0.5")), entry("b")))
    spoken(monkeypatch, 2)
    with caplog.at_level("INFO", "pricetrail.polls"):
        polled = stage.poll(native(entry("a", cached=Decimal("0.25")), entry("b")))
    assert "version 1 was read again by xai/2: version 2 is a new baseline" in caplog.text
    assert (polled.outcome, polled.version, polled.counts["repriced"]) == ("changed", 3, 1)
    assert labels(stage) == ["xai/1", "xai/2", "xai/2"]
    assert listed(stage, 2)[0]["pricing"]["cache"] == {"read": "0.0000005"}
    (event,) = stage.events()
    (change,) = event.changes
    assert (change.path, change.old) == ("/pricing/cache/read", Decimal("0.0000005"))
    first, again, _ = rows(stage)
    assert (event.version, event.not_before) == (3, first.not_after)
    assert (again.added, again.removed, again.repriced, again.updated) == (0, 0, 0, 0)
    checked(stage)
    assert stage.poll().outcome == "unchanged"


def test_an_unchanged_list_is_read_anew_at_once_and_then_costs_nothing_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = native(entry("a", cached=1))
    stage.served = Answer(200, body, '"tag"', False)
    stage.poll()
    for version, number in ((2, 2), (3, 3)):
        spoken(monkeypatch, version)
        assert (stage.poll().outcome, stage.state.head_version) == ("unchanged", number)
        # Its answer is read, and no 304 taken for one.
        assert stage.etags[-1] is None
    stage.poll()
    assert stage.etags[-1] == '"tag"'
    assert stage.events() == []
    assert labels(stage) == ["xai/1", "xai/2", "xai/3"]
    checked(stage)


def test_a_later_version_that_reads_the_same_makes_no_version(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.poll(native(entry("a")))
    spoken(monkeypatch, 2)
    stage.poll()
    assert labels(stage) == ["xai/1"]
    assert readings.read_by(stage.state) == ReadBy("xai/2")
    assert stage.poll(native(entry("a", "3"))).counts["repriced"] == 1
    assert labels(stage) == ["xai/1", "xai/2"]
    checked(stage)


def test_what_changed_unseen_before_is_dated_from_when_it_was_last_seen(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.poll(native(entry("a", cached=1)))
    seen = rows(stage)[0].not_after
    # Version 1 sees no change here, and of the texts only the last is remembered.
    assert stage.poll(native(entry("a", cached=2))).outcome == "unchanged"
    spoken(monkeypatch, 2)
    stage.poll()
    (event,) = stage.events()
    assert (event.type, event.not_before) == ("model.repriced", seen)
    checked(stage)


def test_versions_of_a_dialect_that_is_gone_are_verified_by_what_was_made_of_them(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version, price in ((1, "1"), (2, "2"), (9, "3")):
        spoken(monkeypatch, min(version, 3))
        stage.poll(native(entry("a", price, cached=Decimal(price)), entry("b")))
        stage.poll(native(entry("a", price, cached=Decimal("0.1"))))
    assert labels(stage) == ["xai/1"] * 2 + ["xai/2"] * 3 + ["xai/3"] * 3
    assert checked(stage).bodies_pruned == 0
    monkeypatch.setattr(xai, "VERSION", 77)
    checked(stage)


def test_fields_to_keep_are_a_reading_of_their_own(stage: Stage) -> None:
    kept = {"kind": {"text": True}}
    body = native(entry("a", architecture=kept, pricing="theirs"))
    stage.poll(body)
    assert "architecture" not in listed(stage, 1)[0]
    stage.poll(keep=("/architecture/kind", "/nothing/here"))
    assert listed(stage, 2)[0]["architecture"] == kept
    assert stage.events() == []
    stage.poll(keep=("/nothing/here", "/architecture/kind"))
    assert stage.state.head_version == 2
    moved = native(entry("a", architecture={"kind": {"text": False}}))
    assert stage.poll(moved, keep=("/nothing/here", "/architecture/kind")).counts["updated"] == 1
    checked(stage)


def test_another_dialect_that_reads_the_accepted_body_goes_on_from_it(stage: Stage) -> None:
    """Somebody corrects a source that was configured wrongly."""
    both = listing(model("a")) | {"models": [entry("a")]}
    text = json.dumps(both, default=str).encode()
    stage.poll(text, dialect="pipellm")
    assert labels(stage) == [None]
    stage.poll(text)
    assert labels(stage) == [None, "xai/1"]
    assert stage.events() == []
    stage.poll(text, dialect="pipellm")
    assert (labels(stage), stage.events()) == ([None, "xai/1", None], [])
    assert readings.read_by(stage.state) == AS_SERVED
    checked(stage)


def test_another_dialect_that_cannot_read_the_accepted_body_begins_anew(stage: Stage) -> None:
    """The gateway moved: its address and its dialect."""
    stage.poll(listing(*(model(f"m{n}") for n in range(20))), dialect="pipellm")
    polled = stage.poll(native(entry("a"), entry("m1")))
    assert (polled.outcome, polled.baseline, polled.version) == ("changed", True, 2)
    assert stage.events() == []
    assert stage.poll(native(entry("a", "9"), entry("m1"))).counts["repriced"] == 1
    checked(stage)


def test_a_body_that_the_dialect_cannot_read_is_no_reason_to_begin_anew(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.poll(native(entry("a")))
    spoken(monkeypatch, 9)
    assert stage.poll().outcome == "failed"
    assert stage.poll().outcome == "failed"
    assert labels(stage) == ["xai/1"]
    spoken(monkeypatch, 2)
    assert stage.poll().outcome == "unchanged"
    checked(stage)


def test_what_was_read_anew_and_not_seen_since_proves_what_was_seen_before(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list was not well that day: what was accepted was read anew, and nothing is seen yet."""
    stage.poll(native(entry("a", cached=1)))
    stage.poll()
    seen = stage.now
    spoken(monkeypatch, 2)
    assert stage.poll(b"{}").outcome == "failed"
    assert labels(stage) == ["xai/1", "xai/2"]
    for late in (timedelta(0), timedelta(minutes=5)):
        with stage.database.read() as connection, pytest.raises(UnprovenError, match="seen since"):
            evidence.ask(connection, None, "a", stage.now + late)
    for earlier in (None, seen, seen + timedelta(minutes=5)):
        with stage.database.read() as connection:
            assert evidence.ask(connection, None, "a", earlier).head.version == 2
    stage.poll(native(entry("a", cached=1)))
    with stage.database.read() as connection:
        assert evidence.ask(connection, None, "a", stage.now).head.version == 2
