"""Dates of retirement through polls: told once, and again 30, 7 and 1 days before, once each."""

import json
import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.events import Event
from pricetrail.catalog.merkle import hash_text
from pricetrail.catalog.times import rfc3339, utc
from pricetrail.jobs.imports.importing import run
from pricetrail.jobs.imports.observations import Observation
from pricetrail.jobs.polls.gateway import Answer, GatewayError
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.source import Source
from pricetrail.storage import sources
from pricetrail.storage.errors import StaleHolderError
from pricetrail.storage.outbox import silences
from pricetrail.storage.verification.verify import verify
from tests.jobs.stage import Stage, listing, many, model, staged
from tests.support.payloads import data

DAY = 24 * 60
DATE = "2026-04-20"


@pytest.fixture
def stage(sqlite_url: str) -> Iterator[Stage]:
    with staged(sqlite_url) as made:
        yield made


@pytest.fixture
def stage_on_both(database_url: str) -> Iterator[Stage]:
    with staged(database_url) as made:
        yield made


def dated(date: object, **more: Any) -> dict[str, Any]:
    """Twelve models, one of which is to be retired."""
    return listing(*many(12)["data"], model("m", sunset_at=date, **more))


def told(stage: Stage) -> list[tuple[str, int, str | None, int | None]]:
    """When it was said, as which reminder, of which date, and how many days were left."""
    return [
        (f"{event.at:%m-%d %H:%M}", said["reminder"], said["at"] and said["at"][:10], left)
        for event in stage.events("model.sunset")
        for said in [data(event)["sunset"]]
        for left in [said["days_left"]]
    ]


def test_it_is_said_when_it_appears_and_again_as_it_comes_near(stage_on_both: Stage) -> None:
    stage = stage_on_both
    stage.poll(many(12))
    stage.poll(listing(*many(12)["data"], model("m")))
    stage.poll(dated(DATE))
    for days in (19, 1, 1, 21, 1, 1, 5, 1, 1, 1):
        stage.poll(after=days * DAY)
    assert told(stage) == [
        ("03-01 10:45", 0, DATE, 50),
        ("03-21 10:45", 30, DATE, 30),
        ("04-13 10:45", 7, DATE, 7),
        ("04-19 10:45", 1, DATE, 1),
    ]


def test_what_was_missed_is_said_once_by_its_most_urgent_reminder(stage: Stage) -> None:
    stage.poll(dated(DATE))
    stage.poll(after=46 * DAY)
    stage.poll(after=10)
    stage.poll(after=10 * DAY)
    # A baseline makes no event, but what comes to pass after it is said.
    assert told(stage) == [("04-16 10:15", 7, DATE, 4)]
    assert [event.version for event in stage.events()] == [1]


def test_a_date_that_is_near_or_past_when_it_appears_is_said_once(stage: Stage) -> None:
    stage.poll(dated(None))
    stage.poll(dated("2026-03-05"))
    stage.poll(dated("2026-02-01"))
    for _ in range(6):
        stage.poll(after=DAY)
    assert told(stage) == [
        ("03-01 10:30", 0, "2026-03-05", 4),
        ("03-01 10:45", 0, "2026-02-01", -28),
    ]


def test_a_model_that_is_gone_or_no_longer_to_be_retired_is_not_said_again(stage: Stage) -> None:
    stage.poll(dated(DATE))
    stage.poll(dated(None), after=10 * DAY)
    stage.poll(after=30 * DAY)
    assert told(stage) == [("03-11 10:15", 0, None, None)]
    stage.poll(dated("2026-05-20"))
    stage.poll(many(12))
    stage.poll(after=35 * DAY)
    assert len(told(stage)) == 2


def test_a_reminder_bears_witness_and_says_which_model(stage: Stage) -> None:
    stage.poll(dated(DATE))
    stage.poll(dated(DATE, display_name="Old One"), after=30 * DAY)
    said = stage.events("model.sunset")
    [event] = said
    payload = data(event)
    assert payload["model"] == {"id": "m", "display_name": "Old One", "type_target": "openai"}
    assert (payload["direction"], payload["changes"]) == ("none", [])
    assert payload["head"]["version"] == event.version == 1
    assert "snapshot" not in payload
    assert "observed" not in payload
    assert payload["head"]["hash"] == hash_text(event.head or b"")
    assert (event.of_snapshot, event.model, event.window) == (False, "m", (None, event.at))


def test_polls_that_fail_or_are_set_aside_say_it_too_and_a_clock_in_doubt_does_not(
    stage: Stage,
) -> None:
    stage.poll(dated(DATE))
    assert stage.poll(GatewayError("HTTP 503"), after=22 * DAY).outcome == "failed"
    assert stage.poll(listing(model("m")), after=22 * DAY).outcome == "quarantined"
    assert [(at, which) for at, which, *_ in told(stage)] == [
        ("03-23 10:15", 30),
        ("04-14 10:15", 7),
    ]
    body = json.dumps(dated(DATE)).encode()
    # A clock that is five days ahead of the gateway's is not believed, nor is what it would say.
    right = stage.now + timedelta(minutes=5)
    wrong = Answer(200, body, None, date=right)
    assert stage.poll(wrong, after=5 * DAY).outcome == "failed"
    assert len(told(stage)) == 2
    stage.now = right
    assert stage.poll(Answer(200, body, None, date=right), after=0).outcome in (
        "changed",
        "unchanged",
    )
    assert len(told(stage)) == 2
    later = right + timedelta(days=5)
    stage.poll(Answer(200, body, None, date=later), after=5 * DAY)
    assert [which for _, which, *_ in told(stage)] == [30, 7, 1]


def test_a_clock_that_is_set_back_says_nothing_a_second_time(stage: Stage) -> None:
    stage.poll(dated(DATE))
    stage.poll(after=20 * DAY)
    assert [which for _, which, *_ in told(stage)] == [30]
    first = stage.events("model.sunset")
    stage.now -= timedelta(hours=20)
    for _ in range(3):
        stage.poll(Answer(200, json.dumps(dated(DATE)).encode(), None, date=stage.now), after=0)
        stage.pass_time(hours=8)
    assert stage.events("model.sunset") == first


def test_only_one_of_two_polls_at_once_says_it(stage_on_both: Stage) -> None:
    stage = stage_on_both
    stage.poll(dated(DATE))
    stage.pass_time(days=21)
    second = stage.poller()
    body = json.dumps(dated(DATE)).encode()

    def meanwhile(_source: Source, _etag: str | None, **_limits: Any) -> Answer:
        assert second.poll(stage.source()).outcome == "unchanged"
        return Answer(200, body, None)

    first = Poller(stage.database, stage.webhooks, fetch=meanwhile)
    with suppress(StaleHolderError):
        first.poll(stage.source())
    assert [which for _, which, *_ in told(stage)] == [30]


def test_the_same_date_of_many_models_is_one_message_for_people_and_one_each_for_programs(
    stage: Stage,
) -> None:
    hook = Webhook(name="p", url="http://localhost/p")
    chat = Webhook(name="chat", url="http://localhost/c", format="slack")
    none = Webhook(name="none", url="http://localhost/n", models=("!m*", "*"))
    stage.webhooks |= {"p": hook, "chat": chat, "none": none}
    names = [f"m-{n:03d}" for n in range(3)]
    retired = [model(name, sunset_at=DATE) for name in names]
    stage.poll(listing(*many(12)["data"][3:], *retired))
    with stage.database.write() as connection:
        silences.add(connection, "m-002", stage.now + timedelta(days=90), "known", stage.now)
    stage.settings["hold"] = timedelta(hours=1)
    stage.poll(after=21 * DAY)
    events = {event.model: event.id for event in stage.events("model.sunset")}
    assert list(events) == names
    owed = {
        name: [list(one.event_ids) for one in stage.owed(name)] for name in ("p", "chat", "none")
    }
    assert owed["p"] == [[events["m-000"]], [events["m-001"]]]
    assert owed["chat"] == [[events["m-000"], events["m-001"]]]
    assert owed["none"] == []


def test_an_imported_history_is_said_by_the_polls_after_it(stage: Stage) -> None:
    body = json.dumps(dated(DATE)).encode()
    run(stage.database, "pipellm", [Observation(stage.now - timedelta(days=30), body, "x")])
    assert told(stage) == []
    stage.settings["confirm_removals"] = 1
    stage.poll(dated(DATE), after=25 * DAY)
    assert told(stage) == [("03-26 10:00", 30, DATE, 25)]


class Plain:
    """What should be said, worked out plainly: a list of all that was said."""

    def __init__(self) -> None:
        self.said: list[tuple[datetime, int, datetime | None]] = []
        self.listed = self.begun = False
        self.date: datetime | None = None
        self.since: datetime | None = None
        self.reminded: set[tuple[datetime, int]] = set()

    def poll(self, at: datetime, listed: bool | None, date: datetime | None) -> None:
        """A poll; `listed` is None where it failed."""
        if listed is not None:
            if not listed:
                date = None
            if date != self.date:
                if self.begun and listed and self.listed:
                    self.said.append((at, 0, date))
                self.date, self.since = date, at
            self.listed, self.begun = listed, True
        if self.date is None or at >= self.date:
            return
        due = [k for k in (1, 7, 30) if self.since and self.since < self.date - timedelta(k) <= at]
        if due and (self.date, due[0]) not in self.reminded:
            # What is more urgent is all that is left to be said.
            self.reminded |= {(self.date, k) for k in due}
            self.said.append((at, due[0], self.date))


def random_series(stage: Stage, seed: int) -> list[tuple[datetime, int, datetime | None]]:
    """Poll at random times a catalog whose date comes, moves and goes; what should be said."""
    chance, plain = random.Random(seed), Plain()
    date: datetime | None = None
    listed = True
    for _ in range(40):
        dice = chance.random()
        if dice < 0.25:
            away = timedelta(
                days=chance.choice([-2, 0, 1, 3, 8, 31, 40, 60]), hours=chance.randrange(24)
            )
            date = (stage.now + away).replace(minute=0)
        elif dice < 0.32:
            date = None
        elif dice < 0.4:
            listed = not listed
        failed = chance.random() < 0.15
        text = None if date is None else rfc3339(date)
        served: Any = dated(text) if listed else many(12)
        after = chance.choice([10, 60, 600, DAY, 3 * DAY, 9 * DAY, 25 * DAY]) * chance.uniform(
            0.5, 1.5
        )
        stage.poll(GatewayError("HTTP 503") if failed else served, after=round(after))
        plain.poll(stage.now, None if failed else listed, date)
    return plain.said


@pytest.mark.parametrize("seed", range(3))
def test_random_dates_and_polls_are_told_as_a_plain_model_says(sqlite_url: str, seed: int) -> None:
    with staged(sqlite_url) as stage:
        stage.webhooks["p"] = Webhook(name="p", url="http://localhost/p")
        expected = random_series(stage, seed)
        events = stage.events("model.sunset")
        assert [summary(event) for event in events] == expected
        assert len({event.id for event in events if event.reminder}) == sum(
            bool(reminder) for _, reminder, _ in expected
        )
        owed = [event_id for one in stage.owed("p") for event_id in one.event_ids]
        assert sorted(owed) == sorted(event.id for event in stage.events())
        with stage.database.read() as connection:
            assert verify(connection, sources.choose(connection, None)).ok


def summary(event: Event) -> tuple[datetime, int, datetime | None]:
    said = data(event)["sunset"]
    return event.at.astimezone(UTC), said["reminder"], said["at"] and utc(said["at"])
