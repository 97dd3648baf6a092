"""Events about a source: what they say, and ids that depend on the occasion alone."""

from datetime import timedelta
from typing import Any

import pytest

from pricetrail.catalog import merkle, source_events
from pricetrail.catalog.events import Event
from tests.support.histories import at
from tests.support.payloads import data


def test_failing_is_one_event_per_row_of_failures() -> None:
    first = source_events.failing(
        "pipellm", 3, at=at("10:30"), since=at("10:00"), failures=3, error="503"
    )
    assert first.as_json() == {
        "type": "source.failing",
        "timestamp": "2026-03-01T10:30:00Z",
        "data": {
            "id": first.id,
            "source": "pipellm",
            "failures": 3,
            "since": "2026-03-01T10:00:00Z",
            "error": "503",
            "missed": 0,
            "reminder": 0,
        },
    }
    # Another replica that noticed later, with another error, says the same thing.
    again = source_events.failing(
        "pipellm", 3, at=at("10:45"), since=at("10:00"), failures=4, error="401"
    )
    assert again.id == first.id
    later = source_events.failing(
        "pipellm", 3, at=at("10:45"), since=at("10:01"), failures=3, error="503"
    )
    assert later.id != first.id


def test_each_reminder_is_an_event_of_its_own_whoever_says_it() -> None:
    def said(reminder: int, when: str) -> str:
        return source_events.failing(
            "s", 3, at=at(when), since=at("10:00"), failures=9, error="503", reminder=reminder
        ).id

    assert len({said(number, "11:00") for number in range(12)}) == 12
    assert said(2, "11:00") == said(2, "12:00")


def test_recovering_is_another_event_than_failing() -> None:
    since = at("10:00")
    failing = source_events.failing("s", 1, at=since, since=since, failures=3, error="x")
    good = source_events.recovered(
        "s", 1, at=since + timedelta(hours=1), since=since, failed_polls=4
    )
    assert good.id != failing.id
    assert (good.type, data(good)["failed_polls"], data(good)["since"]) == (
        "source.recovered",
        4,
        "2026-03-01T10:00:00Z",
    )


def test_a_quarantine_says_why_and_what_it_would_have_announced() -> None:
    counts = {"added": 0, "removed": 9, "repriced": 0, "updated": 0}
    found = source_events.quarantined(
        "s", 4, at=at("10:00"), quarantine=2, reason="90 % gone", models=1, counts=counts
    )
    assert (found.type, found.version, found.model) == ("source.quarantined", 4, None)
    assert data(found) == {
        "id": found.id,
        "source": "s",
        "quarantine": 2,
        "reason": "90 % gone",
        "models": 1,
        "counts": counts,
    }


def test_each_verdict_on_each_quarantine_has_its_own_id() -> None:
    made = {
        source_events.released("s", 4, at=at("10:00"), quarantine=number, verdict=verdict).id
        for number in (1, 11)
        for verdict in ("approved", "rejected", "confirmed", "superseded")
    }
    assert len(made) == 8


def test_they_stand_behind_every_event_of_the_snapshot() -> None:
    found = source_events.released("s", 4, at=at("10:00"), quarantine=1, verdict="approved")
    assert found.sequence > 1_000_000


HEAD = bytes(range(32))
SINCE = "2026-03-01T10:00:00Z"
VERDICT: dict[str, Any] = {"quarantine": 2, "verdict": "approved"}
FAILED: dict[str, Any] = {"since": at("10:00"), "failures": 3, "error": "503"}
BACK: dict[str, Any] = {"since": at("10:00"), "failed_polls": 4}


@pytest.mark.parametrize(
    ("kind", "given", "name", "says"),
    [
        (
            "failing",
            FAILED,
            "evt_c1e7b73847fb7f15d348630ac6f06bdd044bf800",
            {"failures": 3, "since": SINCE, "error": "503", "missed": 0, "reminder": 0},
        ),
        (
            "failing",
            {**FAILED, "missed": 2, "reminder": 1, "poll": 7},
            "evt_db4bd394692d92482705aa68e4beb73c7677480b",
            {"failures": 3, "since": SINCE, "error": "503", "missed": 2, "reminder": 1},
        ),
        (
            "recovered",
            BACK,
            "evt_073b680f7f033b790d7a17018589ca0e176dc848",
            {"since": SINCE, "failed_polls": 4, "missed_polls": 0},
        ),
        (
            "recovered",
            {**BACK, "missed_polls": 2, "poll": 7},
            "evt_0bbb6f3cc1f48a8f7043bb7b8bd4cd0b34613e0c",
            {"since": SINCE, "failed_polls": 4, "missed_polls": 2},
        ),
        (
            "quarantined",
            {"quarantine": 2, "reason": "r", "models": 1, "counts": {}},
            "evt_92feeeeae85e777f283a045bac3ba1080b25f314",
            {"quarantine": 2, "reason": "r", "models": 1, "counts": {}},
        ),
        ("released", VERDICT, "evt_b1cd657c6a51619c1e34dc00f956887ac66ae673", VERDICT),
    ],
)
def test_what_is_said_has_the_id_that_every_release_and_replica_gives(
    kind: str, given: dict[str, Any], name: str, says: dict[str, object]
) -> None:
    """An id that was sent once is never another."""
    event: Event = getattr(source_events, kind)("s", 3, at=at("10:30"), **given)
    assert data(event) == {"id": name, "source": "s", **says}
    assert (event.version, event.model, event.at) == (3, None, at("10:30"))


def test_each_of_them_bears_witness_to_the_head_that_there_is() -> None:
    since, when = at("10:00"), at("10:30")

    def each(version: int) -> list[Event]:
        return [
            source_events.failing(
                "s", version, at=when, since=since, failures=3, error="503", head=HEAD
            ),
            source_events.recovered("s", version, at=when, since=since, failed_polls=4, head=HEAD),
            source_events.quarantined(
                "s", version, at=when, quarantine=2, reason="r", models=1, counts={}, head=HEAD
            ),
            source_events.released("s", version, at=when, **VERDICT, head=HEAD),
        ]

    witness = {"version": 3, "hash": merkle.hash_text(HEAD)}
    assert [data(event)["head"] for event in each(3)] == [witness] * 4
    assert [event.type.removeprefix("source.") for event in each(3)] == [
        "failing",
        "recovered",
        "quarantined",
        "released",
    ]
    assert not any("head" in data(event) for event in each(0))
