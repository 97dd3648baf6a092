"""What is recorded of a source's polls: their age, their rhythm, fields that never rest."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from pricetrail.jobs.checkup import polling
from pricetrail.jobs.source import Source
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from tests.support import histories
from tests.support.histories import at, catalog, model

START = at("2026-03-01T10:00:00Z")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def found(
    database: Database, now: datetime, most: timedelta | None = None, **more: Any
) -> dict[str, str]:
    settings = {"name": "s", "url": "http://127.0.0.1/", "api_key": "k", **more}
    with database.read() as transaction:
        looked_at = list(polling.look(transaction, Source(**settings), now, most))
    return {each.check: f"{each.verdict} {each.text}" for each in looked_at}


def test_a_source_that_may_have_been_renamed_says_so_before_its_first_poll(
    database: Database,
) -> None:
    polled(database, 2, timedelta(minutes=15))
    with database.read() as transaction:
        source = Source(name="main", url="http://127.0.0.1/", api_key="k")
        [finding] = polling.look(transaction, source, START, None, ["s"])
    assert finding.verdict == "warn"
    assert "run `pricetrail sources rename s main` first" in finding.text


def polled(database: Database, count: int, apart: timedelta, **changing: Any) -> datetime:
    """So many polls; the end of the last one."""
    when = START
    for number in range(count):
        when = START + number * apart
        extra: dict[str, Any] = {key: f"{value}{number}" for key, value in changing.items()}
        histories.poll(database, "s", f"{when:%Y-%m-%dT%H:%M:%SZ}", catalog(model("a", **extra)))
    return when


def test_the_age_of_the_last_good_poll_is_told(database: Database) -> None:
    now = polled(database, 1, timedelta(hours=1)) + timedelta(minutes=20)
    assert found(database, now)["polls of s"].startswith("pass last good one 20 min ago")
    for most, verdict in ((timedelta(minutes=30), "pass"), (timedelta(minutes=10), "fail")):
        assert found(database, now, most)["polls of s"].startswith(verdict)


def test_a_source_without_a_poll_is_no_failure_but_for_a_monitor(database: Database) -> None:
    assert found(database, START)["polls of s"].startswith("warn none yet")
    assert found(database, START, timedelta(hours=1))["polls of s"].startswith("fail none yet")


def test_failed_polls_fail_with_their_reason(database: Database) -> None:
    now = polled(database, 1, timedelta(hours=1)) + timedelta(hours=1)
    histories.failed(database, "s", f"{now:%Y-%m-%dT%H:%M:%SZ}", "HTTP 503")
    text = found(database, now)["polls of s"]
    assert text.startswith("fail last good one ")
    assert text.endswith("1 has failed since: HTTP 503")


def test_a_source_that_is_paused_is_a_warning_but_for_a_monitor(database: Database) -> None:
    now = polled(database, 1, timedelta(hours=1))
    with database.write() as transaction:
        sources.set_paused(transaction, sources.choose(transaction, "s").id, paused=True)
    assert found(database, now)["polls of s"].startswith("warn paused")
    assert found(database, now, timedelta(days=1))["polls of s"].startswith("fail paused")


@pytest.mark.parametrize(
    ("schedule", "apart", "told"),
    [
        ("*/15 * * * *", timedelta(minutes=15), False),
        ("*/15 * * * *", timedelta(minutes=5), False),
        ("*/15 * * * *", timedelta(hours=1), True),
        ("every 1h", timedelta(minutes=95), True),
        ("0 9 * * *", timedelta(days=1), False),
    ],
)
def test_polls_that_come_less_often_than_scheduled_are_told(
    database: Database, schedule: str, apart: timedelta, told: bool
) -> None:
    now = polled(database, 8, apart)
    assert ("schedule of s" in found(database, now, schedule=schedule)) is told


def test_a_field_that_changes_at_every_poll_is_told(database: Database) -> None:
    now = polled(database, 8, timedelta(minutes=15), created_at="2026-01-0")
    text = found(database, now)["fields of s"]
    assert text.startswith("warn /created_at changed at more than half of the last 8 polls")
    assert 'ignore = ["/created_at"]' in text


def test_a_field_that_changes_now_and_then_is_not(database: Database) -> None:
    polled(database, 3, timedelta(minutes=15), created_at="2026-01-0")
    still = catalog(model("a", created_at="2026-01-02"))
    for minutes in range(45, 180, 15):
        when = START + timedelta(minutes=minutes)
        histories.poll(database, "s", f"{when:%Y-%m-%dT%H:%M:%SZ}", still)
    assert "fields of s" not in found(database, when)


def test_of_many_sources_only_those_that_something_is_wrong_with_are_looked_at(
    database: Database,
) -> None:
    now = at("2026-03-01T12:00:00Z")
    for name in ("fails", "late", "paused", "well"):
        histories.build(database, name, [(START, catalog(model("a")))])
    histories.failed(database, "fails", "2026-03-01T11:00:00Z")
    with database.write() as transaction:
        late, paused = (sources.choose(transaction, name).id for name in ("late", "paused"))
        sources.remember_schedules(transaction, {late: ("[]", at("2026-03-01T11:30:00Z"))})
        sources.set_paused(transaction, paused, True)
    names = ["never", "fails", "late", "paused", "well"]
    with database.read() as transaction:
        assert polling.wrong(transaction, names, now, None) == names[:4]
        assert polling.wrong(transaction, names, now, timedelta(hours=1)) == names
    few, many, none = (polling.rest(5, wrong, 2) for wrong in (2, 4, 0))
    assert (few.verdict, many.verdict, none.verdict) == ("pass", "fail", "pass")
    assert many.text == (
        "something is wrong with 4 of 5 sources, of which the first 2 are told here"
    )
