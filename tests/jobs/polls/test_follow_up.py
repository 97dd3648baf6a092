"""What follows from polls: messages bear witness to the head, and failing is said again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.merkle import hash_text
from pricetrail.jobs.polls.gateway import Answer, GatewayError
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.source import Source
from pricetrail.storage import sources
from pricetrail.storage.history import versions
from tests.jobs.stage import Stage, listing, many, model, staged
from tests.support.payloads import data


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url) as made:
        yield made


def heads(stage: Stage) -> dict[int, str]:
    """The head of every version."""
    with stage.database.read() as connection:
        source = sources.choose(connection, "pipellm")
        return {
            row.version: hash_text(row.hash) for row in versions.snapshots(connection, source.id)
        }


def test_every_message_carries_the_head_of_its_version(stage: Stage) -> None:
    stage.poll(many(12))
    stage.poll(many(12, prompts={3: "0.000009"}))
    for _ in range(3):
        stage.poll(GatewayError("HTTP 503"))
    stage.poll(many(13, prompts={3: "0.000009"}))
    stage.poll(listing(model("only")))
    stage.poll(many(13, prompts={3: "0.000009"}))
    known, events = heads(stage), stage.events()
    assert {event.type for event in events} == {
        "model.repriced",
        "model.added",
        "source.failing",
        "source.recovered",
        "source.quarantined",
        "source.released",
    }
    for event in events:
        payload = data(event)
        carried = payload.get("snapshot") or payload["head"]
        assert (carried["version"], carried["hash"]) == (event.version, known[event.version])


def test_before_the_first_version_there_is_no_head_to_carry(stage: Stage) -> None:
    for _ in range(3):
        stage.poll(GatewayError("HTTP 503"))
    [failing] = stage.events()
    assert "head" not in data(failing)


def told(stage: Stage) -> list[tuple[str, int, int, int]]:
    """When `source.failing` was said, how many polls had failed and were missed, which time."""
    return [
        (f"{event.at:%d. %H:%M}", said["failures"], said["missed"], said["reminder"])
        for event in stage.events("source.failing")
        for said in [data(event)]
    ]


def test_failing_is_said_again_while_it_lasts(stage: Stage) -> None:
    stage.settings |= {"remind_every": timedelta(hours=1)}
    stage.poll(many(12))
    stage.poll(GatewayError("HTTP 503"), after=75)
    for _ in range(11):
        stage.poll(GatewayError("HTTP 503"))
    assert told(stage) == [("01. 12:00", 3, 4, 0), ("01. 13:00", 7, 4, 1), ("01. 14:00", 11, 4, 2)]
    assert len({event.id for event in stage.events("source.failing")}) == 3
    # A catalog that is set aside is no end of it, and no reason to say it.
    assert stage.poll(listing(model("only")), after=120).outcome == "quarantined"
    stage.poll(GatewayError("HTTP 504"), after=30)
    assert told(stage)[3:] == [("01. 16:45", 13, 12, 3)]
    stage.poll(many(12), after=45)
    [recovered] = stage.events("source.recovered")
    assert (data(recovered)["failed_polls"], data(recovered)["missed_polls"]) == (13, 14)
    # The next time is another: it begins anew.
    for _ in range(3):
        stage.poll(GatewayError("HTTP 503"))
    assert told(stage)[4:] == [("01. 18:15", 3, 0, 0)]


def test_once_is_enough_where_that_is_wished(stage: Stage) -> None:
    for _ in range(9):
        stage.poll(GatewayError("HTTP 503"), after=1440, remind_every=timedelta(0))
    assert told(stage) == [("04. 10:00", 3, 190, 0)]


def test_a_day_of_polls_that_come_a_little_sooner_is_a_day(stage: Stage) -> None:
    stage.settings |= {"schedule": "0 10 * * *"}
    for _ in range(6):
        stage.poll(GatewayError("HTTP 503"), after=1440 - 0.5)
    assert [reminder for *_, reminder in told(stage)] == [0, 1, 2, 3]


def test_a_clock_that_jumps_brings_no_flood(stage: Stage) -> None:
    stage.settings |= {"remind_every": timedelta(hours=1)}
    for _ in range(3):
        stage.poll(GatewayError("HTTP 503"))
    ahead = timedelta(days=10)
    stage.now += ahead
    for _ in range(3):
        stage.poll(GatewayError("HTTP 503"))
    assert [reminder for *_, reminder in told(stage)] == [0, 1]
    stage.now -= ahead
    for _ in range(5):
        stage.poll(GatewayError("HTTP 503"))
    # From when the clock is right again, an hour.
    assert [reminder for *_, reminder in told(stage)] == [0, 1, 2]


def test_incidents_that_a_clock_set_back_dates_alike_are_told_each(stage: Stage) -> None:
    stage.webhooks["main"] = Webhook(name="main", url="https://example.com/", format="json")
    stage.settings |= {"failing_after": 1, "check_date": False}
    stage.poll(many(12))
    stage.now -= timedelta(hours=5)
    for _ in range(4):
        stage.poll(GatewayError("HTTP 503"))
        stage.poll(many(12))
    ids = [event.id for event in stage.events("source.failing", "source.recovered")]
    assert len(set(ids)) == 8
    assert [one for owed in stage.owed() for one in owed.event_ids] == ids


def test_of_two_replicas_at_once_one_reminds(stage: Stage) -> None:
    stage.settings |= {"remind_every": timedelta(hours=1)}
    for _ in range(3):
        stage.poll(GatewayError("HTTP 503"))
    stage.pass_time(minutes=60)
    other = stage.poller()

    def overtaken(_source: Source, _etag: str | None, **_limits: Any) -> Answer:
        other.poll(stage.source())
        raise GatewayError("HTTP 503")

    Poller(stage.database, {}, fetch=overtaken).poll(stage.source())
    assert [reminder for *_, reminder in told(stage)] == [0, 1]
