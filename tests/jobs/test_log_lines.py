"""What the log says of the service, of polls and of deliveries: level, line and fields."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.jobs.log_lines import (
    log_attempt,
    log_deliveries,
    log_fault,
    log_pause,
    log_poll,
    log_start,
    log_stop,
)
from pricetrail.jobs.polls.results import Polled
from pricetrail.storage.outbox.deliveries import DEAD, PENDING, Delivery
from pricetrail.storage.outbox.leases import Attempt
from pricetrail.storage.polls.outcomes import CHANGED, FAILED, QUARANTINED, UNCHANGED
from tests.jobs.stage import START

DELIVERY = Delivery(1, "dlv_1", "w", ["evt_1"], [], PENDING, 2, START, START, None, None, 0, None)
COUNTS = {"added": 2, "removed": 0, "repriced": 1, "updated": 0}


@pytest.fixture(autouse=True)
def _from_info(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "pricetrail.service")


def last(caplog: pytest.LogCaptureFixture) -> tuple[str, str, dict[str, Any]]:
    """The newest entry: its level, its line and its fields."""
    record = caplog.records[-1]
    return record.levelname, record.getMessage(), vars(record)["fields"]


def test_the_start_names_what_is_worked_on(caplog: pytest.LogCaptureFixture) -> None:
    slots = {"a": START, "b": None, "c": START - timedelta(hours=1)}
    now = START - timedelta(seconds=1)
    log_start("1.2.3", "sqlite:////srv/p.db", ["w"], slots, now)
    assert last(caplog) == (
        "INFO",
        (
            "pricetrail 1.2.3 starts: database sqlite:////srv/p.db; "
            "3 sources: a (next 2026-03-01T10:00:00Z), b (paused), c (due); 1 webhook: w"
        ),
        {
            "release": "1.2.3",
            "database": "sqlite:////srv/p.db",
            "sources": ["a", "b", "c"],
            "webhooks": ["w"],
            "next_slots": slots,
            "next_at": slots["c"],
        },
    )
    log_start("1.2.3", "-", [], {f"s{number}": None for number in range(9)}, now)
    _, said, fields = last(caplog)
    assert said.endswith("s4 (paused) and 4 more; 0 webhooks")
    assert len(fields["sources"]) == 9
    assert "next_at" not in fields
    log_stop(1500)
    assert last(caplog)[2] == {"duration_ms": 1500}


def test_a_poll_is_a_warning_where_somebody_should_know(caplog: pytest.LogCaptureFixture) -> None:
    later = START + timedelta(minutes=15)
    polled = Polled("a", CHANGED, 4, COUNTS, status=200, duration_ms=40, next_at=later)
    log_poll(polled)
    fields = {"source": "a", "outcome": "changed", "version": 4, "status": 200}
    fields |= {"next_at": later, "duration_ms": 40}
    assert last(caplog) == (
        "INFO",
        "source a: changed, version 4, 2 added, 1 repriced",
        fields | COUNTS,
    )
    log_poll(Polled("a", UNCHANGED, 4))
    assert last(caplog)[:2] == ("INFO", "source a: unchanged, version 4")
    log_poll(Polled("a", FAILED, 0, error="HTTP 401", status=401))
    assert last(caplog) == (
        "WARNING",
        "source a: failed, version 0: HTTP 401",
        {"source": "a", "outcome": "failed", "status": 401, "error": "HTTP 401"},
    )
    aside = Polled("a", QUARANTINED, 4, error="empty", quarantine=7, held=True)
    for polled, level in ((aside, "WARNING"), (replace(aside, held=False), "INFO")):
        log_poll(polled)
        assert last(caplog)[0] == level
        assert last(caplog)[2]["quarantine"] == 7


def test_deliveries_are_told_by_what_is_to_be_done(caplog: pytest.LogCaptureFixture) -> None:
    log_deliveries("w", Tally(3, 2, 1))
    assert last(caplog)[2] == {"webhook": "w", "delivered": 3, "retrying": 2, "dead": 1}
    attempt = Attempt(DELIVERY, PENDING, START, START + timedelta(minutes=5), 503, "HTTP 503")
    said = "webhook w: delivery dlv_1 failed (HTTP 503), next attempt at 2026-03-01T10:05:00Z"
    fields: dict[str, Any] = {"webhook": "w", "delivery": "dlv_1", "outcome": "retry"}
    fields |= {"status": 503, "error": "HTTP 503", "attempts": 3, "next_at": attempt.next_at}
    for first, level in ((True, "WARNING"), (False, "INFO")):
        log_attempt(attempt, first=first)
        assert last(caplog) == (level, said, fields)
    del fields["next_at"]
    log_attempt(replace(attempt, state=DEAD), first=False)
    said = "webhook w: delivery dlv_1 failed (HTTP 503), it is dead"
    assert last(caplog) == ("ERROR", said, fields | {"outcome": "dead"})
    log_pause(attempt, "gone")
    level, said, found = last(caplog)
    assert (level, found) == ("ERROR", fields | {"outcome": "paused", "error": "gone"})
    assert "once fixed: pricetrail webhooks resume w" in said


def test_a_fault_of_the_configuration_has_its_subject(caplog: pytest.LogCaptureFixture) -> None:
    log_fault("p.toml: webhooks.w.url: wrong", "webhooks", "w")
    log_fault("p.toml: colour: unknown key", "database_url", "")
    found = [vars(record)["fields"] for record in caplog.records]
    assert found == [
        {"webhook": "w", "error": "p.toml: webhooks.w.url: wrong"},
        {"error": "p.toml: colour: unknown key"},
    ]
    assert {record.levelname for record in caplog.records} == {"ERROR"}
