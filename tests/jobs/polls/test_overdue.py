"""From when on a source is overdue, by values; and who puts that off."""

from datetime import datetime, timedelta

import pytest

from pricetrail.jobs.planning import plan, planned_slot
from pricetrail.jobs.polls.gateway import GatewayError
from pricetrail.jobs.polls.overdue import overdue_at
from pricetrail.jobs.source import Source
from pricetrail.storage.polls import poll_counts
from tests.jobs.stage import START, Stage, many, staged
from tests.support.histories import at

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("schedule", "answered", "expected"),
    [
        ("every 15m", "10:00", at("10:31")),
        ("*/15 * * * *", "10:00", at("10:31")),
        # In the middle of a slot, and for the one ahead: two whole periods all the same.
        ("every 15m", "10:08", at("10:39")),
        ("every 15m", "2026-03-01T09:59:30Z", at("2026-03-01T10:30:30Z")),
        ("0 9 * * *", "09:00", at("2026-03-03T09:01:00Z")),
        # Nothing is planned for the night, nor for Saturday and Sunday.
        ("0 9-17 * * 1-5", "2026-03-06T17:00:00Z", at("2026-03-09T10:01:00Z")),
        ("0 9-17 * * 1-5", "2026-03-06T16:00:00Z", at("2026-03-09T09:01:00Z")),
    ],
)
def test_two_periods_and_the_deadline_go_by(
    schedule: str, answered: str, expected: datetime
) -> None:
    source = Source(name="s", url="http://localhost/", api_key="-", schedule=schedule)
    assert overdue_at(source, at(answered)) == expected


def late(stage: Stage) -> timedelta | None:
    """How long after START the source is overdue; None where it never is."""
    with stage.database.read() as connection:
        for minutes in range(300):
            if poll_counts.overdue(connection, START + minutes * MINUTE + MINUTE / 60).total:
                return minutes * MINUTE
    return None


def test_an_answer_puts_it_off_also_one_that_is_set_aside_and_a_failure_does_not(
    sqlite_url: str,
) -> None:
    with staged(sqlite_url) as stage:
        stage.poll(GatewayError("no"), after=0)
        assert late(stage) == 31 * MINUTE
        stage.poll(GatewayError("no"))
        assert late(stage) == 31 * MINUTE
        assert stage.poll(many(3)).outcome == "changed"
        assert late(stage) == 61 * MINUTE
        assert stage.poll(many(0)).outcome == "quarantined"
        assert late(stage) == 76 * MINUTE
        stage.poll(GatewayError("no"))
        assert late(stage) == 76 * MINUTE
        assert stage.poll(many(3), deadline=timedelta(minutes=5)).outcome == "unchanged"
        assert late(stage) == 110 * MINUTE


def test_a_service_that_was_only_planned_and_never_polls_is_overdue_and_another_schedule_counts(
    sqlite_url: str,
) -> None:
    with staged(sqlite_url) as stage:
        plan(stage.database, [stage.source()], planned_slot)
        assert late(stage) == 31 * MINUTE
        stage.pass_time(minutes=10)
        plan(stage.database, [stage.source()], planned_slot)
        assert late(stage) == 31 * MINUTE
        plan(stage.database, [stage.source(schedule="@hourly")], planned_slot)
        assert late(stage) == 131 * MINUTE
