"""Clocks: one that is wrong writes nothing down as history, and one that was mends by itself."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import select

from pricetrail.jobs.polls.gateway import Answer, GatewayError
from pricetrail.jobs.polls.gateway_reading import gateway_time
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.polls.results import Polled
from pricetrail.queries import price as prices
from pricetrail.queries.coverage import ask as coverage_of
from pricetrail.storage import tables as t
from pricetrail.storage.polls import coverage
from pricetrail.storage.polls.outcomes import CLOCK_WHY
from pricetrail.storage.pruning import prune_polls
from pricetrail.storage.verification.verify import verify
from tests.jobs.stage import START, Stage, listing, model, staged

YEARS = timedelta(days=30 * 365)
CHEAP, DEAR = listing(model("a", "0.000001")), listing(model("a", "0.000003"))


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url) as made:
        yield made


def poll(
    stage: Stage, right: datetime | None, catalog: object = DEAR, **settings: object
) -> Polled:
    """Poll at the stage's clock, where the gateway's is `right`."""
    served = Answer(200, json.dumps(catalog).encode(), None, date=right)
    return stage.poll(served, after=0, **settings)


def price(stage: Stage, when: datetime | None = None) -> tuple[str, str, datetime]:
    with stage.database.read() as connection:
        answer = prices.ask(connection, stage.state.name, "a", when)
    return answer.certainty, str(answer.before.prices[1].as_json()["amount"]), answer.at


def rows(stage: Stage) -> list[tuple[str, datetime, datetime]]:
    with stage.database.read() as connection:
        found = coverage.stretches(connection, stage.state.id)
    return [(row.outcome, row.first_at, row.last_at) for row in found]


def sound(stage: Stage) -> None:
    """No stretch runs backwards, and the chain holds."""
    assert all(first <= last for _, first, last in rows(stage))
    with stage.database.read() as connection:
        assert verify(connection, stage.state).first_break is None


@pytest.mark.parametrize(
    ("database_url", "off", "way"),
    [
        *product(["sqlite"], [timedelta(minutes=6), timedelta(days=3), YEARS], [1, -1]),
        ("postgres", timedelta(minutes=6), 1),
        ("postgres", YEARS, -1),
    ],
    indirect=["database_url"],
)
def test_a_clock_that_is_off_fails_the_poll_and_puts_nothing_off(
    stage: Stage, off: timedelta, way: int
) -> None:
    poll(stage, stage.now)
    right = START + timedelta(minutes=15)
    stage.now = right + way * off
    result = poll(stage, right, CHEAP)
    assert (result.outcome, result.version) == ("failed", 1)
    for part in ("the clock here says", "the gateway's", "set this machine's clock", "check_date"):
        assert part in (result.error or "")
    assert str(right.year) in (result.error or "")
    assert str(stage.now.year) in (result.error or "")
    stage.now = right + timedelta(minutes=1)
    assert price(stage)[:2] == ("observed", "0.000003")
    assert price(stage, stage.now)[:2] == ("gap", "0.000003")
    assert poll(stage, stage.now, CHEAP).outcome == "changed"
    assert price(stage) == ("observed", "0.000001", stage.now)
    assert price(stage, START + timedelta(minutes=8))[0] == "gap"
    sound(stage)


@pytest.mark.parametrize("seconds", [0, 290, -290])
def test_minutes_are_no_matter(stage: Stage, seconds: int) -> None:
    assert poll(stage, stage.now + timedelta(seconds=seconds)).outcome == "changed"


def test_a_first_poll_by_a_wrong_clock_leaves_no_trace_in_coverage(stage: Stage) -> None:
    stage.now = START + YEARS
    assert poll(stage, START).outcome == "failed"
    stage.now = START + timedelta(minutes=15)
    assert poll(stage, stage.now).outcome == "changed"
    assert rows(stage) == [("good", stage.now, stage.now)]
    sound(stage)


@pytest.mark.parametrize("off", [timedelta(hours=5), -timedelta(hours=5), -YEARS])
def test_three_polls_in_a_row_that_differ_alike_are_the_gateways_way(
    stage: Stage, off: timedelta, caplog: pytest.LogCaptureFixture
) -> None:
    outcomes = []
    for _ in range(5):
        stage.pass_time(minutes=15)
        outcomes.append(poll(stage, stage.now + off).outcome)
    assert outcomes == ["failed", "failed", "changed", "unchanged", "unchanged"]
    assert "at 3 polls in a row" in caplog.text
    # Another difference is no way, but a clock that was set.
    stage.pass_time(minutes=15)
    assert poll(stage, stage.now + off + timedelta(hours=1)).outcome == "failed"
    stage.pass_time(minutes=15)
    assert poll(stage, stage.now).outcome == "unchanged"
    stage.pass_time(minutes=15)
    assert poll(stage, stage.now + off).outcome == "failed"


def test_a_fetch_that_waits_for_its_turn_is_the_gateways_way_like_any_other(stage: Stage) -> None:
    off = timedelta(hours=3)
    for _ in range(3):
        stage.pass_time(minutes=15)
        poll(stage, stage.now + off)
    stage.pass_time(minutes=15)
    source = stage.source()
    began = stage.now

    def fetch(*_: object, **__: object) -> Answer:
        # It was told to try again in seven minutes, and asked to a second.
        stage.pass_time(minutes=7)
        return Answer(200, json.dumps(DEAR).encode(), None, date=stage.now + off)

    assert Poller(stage.database, {}, fetch=fetch).poll(source).outcome == "unchanged"
    assert stage.now == began + timedelta(minutes=7)
    stage.pass_time(minutes=8)
    assert poll(stage, stage.now + off).outcome == "unchanged"


def test_a_clock_far_ahead_of_a_gateway_that_fits_the_last_poll_is_never_its_way(
    stage: Stage,
) -> None:
    poll(stage, stage.now)
    for number in range(1, 7):
        right = START + number * timedelta(minutes=15)
        stage.now = right + YEARS
        assert poll(stage, right).outcome == "failed"


def test_who_knows_that_the_gateways_clock_is_wrong_says_so(stage: Stage) -> None:
    assert poll(stage, stage.now + YEARS, check_date=False).outcome == "changed"


def test_a_gateway_without_a_date_is_not_compared(stage: Stage) -> None:
    assert poll(stage, None).outcome == "changed"


@pytest.mark.parametrize(
    ("database_url", "back", "dated"),
    [
        *product(["sqlite"], [timedelta(seconds=1), timedelta(minutes=40), YEARS], [True, False]),
        ("postgres", timedelta(minutes=40), True),
        ("postgres", YEARS, False),
    ],
    indirect=["database_url"],
)
def test_a_clock_that_is_set_back_leaves_a_gap_and_goes_on(
    stage: Stage, dated: bool, back: timedelta
) -> None:
    """Nobody said that it ran ahead: what it recorded ahead of now is seen by nobody."""
    poll(stage, None)
    ahead = START + timedelta(minutes=15) + back
    stage.now = ahead
    poll(stage, None, CHEAP)
    stage.now = START + timedelta(minutes=15)
    # As it stands, before any other poll.
    assert price(stage) == ("observed", "0.000001", ahead)
    assert price(stage, stage.now)[0] != "observed"
    result = poll(stage, stage.now if dated else None, DEAR)
    assert result.outcome == "changed"
    # Without the gateway's word nothing is said of less than a day: was it ahead, or is it behind?
    filed = stage.now if dated or back > timedelta(days=1) else ahead
    assert price(stage) == ("observed", "0.000003", filed)
    assert price(stage, START)[0] == "observed"
    for minutes in (1, 8, 14):
        assert price(stage, START + timedelta(minutes=minutes))[0] == "gap"
    stage.now = filed + timedelta(minutes=14)
    assert poll(stage, None).outcome == "unchanged"
    late = filed == ahead and back > timedelta(minutes=15)
    expected = "gap" if late else "observed"
    assert price(stage, filed + timedelta(minutes=7))[:2] == (expected, "0.000003")
    later = max(stage.now, ahead) + timedelta(days=1)
    assert price(stage, later)[:2] == ("gap", "0.000003")
    sound(stage)


def test_versions_stay_in_order_where_the_clock_was_a_little_ahead(stage: Stage) -> None:
    poll(stage, None)
    for minutes, catalog in ((60, CHEAP), (15, DEAR), (30, CHEAP), (90, DEAR)):
        stage.now = START + timedelta(minutes=minutes)
        assert poll(stage, None, catalog).outcome == "changed"
    query = select(t.snapshot.c.not_before, t.snapshot.c.not_after).order_by(t.snapshot.c.version)
    with stage.database.read() as connection:
        found = connection.execute(query).all()
    times = [row.not_after for row in found]
    assert times == sorted(times)
    assert all(row.not_before <= row.not_after for row in found[1:])
    sound(stage)


def test_a_clock_that_falls_behind_is_not_believed_over_what_was_seen(stage: Stage) -> None:
    """It was right, and is set back an hour: a change is never told before it happened."""
    for _ in range(4):
        poll(stage, None)
        stage.pass_time(minutes=15)
    last = stage.now - timedelta(minutes=15)
    for _ in range(6):
        stage.now -= timedelta(hours=1)
        poll(stage, None, CHEAP)
        stage.pass_time(hours=1, minutes=15)
        for minutes in range(-45, 0, 5):
            found, amount, _ = price(stage, last + timedelta(minutes=minutes, seconds=1))
            assert found == "gap" or amount == "0.000003"
    assert len(rows(stage)) < 20
    sound(stage)


def test_without_anybodys_word_a_day_of_history_is_not_given_up(stage: Stage) -> None:
    for _ in range(120):
        stage.pass_time(minutes=15)
        poll(stage, None)
    before, right = rows(stage), stage.now
    stage.now = START
    result = poll(stage, None)
    assert result.outcome == "failed"
    assert "before the last poll at 2026-03-02T16:00:00Z" in (result.error or "")
    assert rows(stage)[: len(before)] == before
    # The gateway's word is enough.
    assert poll(stage, stage.now).outcome == "unchanged"
    assert price(stage) == ("observed", "0.000003", stage.now)
    assert price(stage, right)[0] == "gap"
    sound(stage)


def test_polls_that_failed_under_a_wrong_clock_do_not_date_those_after(stage: Stage) -> None:
    poll(stage, None)
    stage.now = START + YEARS
    stage.poll(GatewayError("cannot be reached"), after=0)
    stage.now = START + timedelta(minutes=15)
    assert poll(stage, None, CHEAP).outcome == "changed"
    assert price(stage) == ("observed", "0.000001", stage.now)
    with stage.database.read() as connection:
        found = coverage_of(connection, stage.state.name, stage.now)
    assert (found.since, found.until) == (START, stage.now)
    sound(stage)


def test_a_catalog_set_aside_under_a_wrong_clock_can_still_confirm_itself(stage: Stage) -> None:
    whole = listing(*(model(f"m{n}") for n in range(12)))
    less = listing(*(model(f"m{n}") for n in range(4)))
    poll(stage, None, whole)
    stage.now = START + YEARS
    assert poll(stage, None, less).outcome == "quarantined"
    outcomes = []
    for number in range(1, 5):
        stage.now = START + number * timedelta(minutes=15)
        outcomes.append(poll(stage, None, less).outcome)
    assert outcomes == ["quarantined", "quarantined", "changed", "unchanged"]
    sound(stage)


def test_a_refusal_is_told_beside_the_clock_and_dated_by_neither(stage: Stage) -> None:
    poll(stage, stage.now)
    right = START + timedelta(minutes=15)
    stage.now = right + YEARS
    refusal = GatewayError("the key is not accepted (HTTP 401)")
    refusal.date = right
    result = stage.poll(refusal, after=0)
    assert "HTTP 401" in (result.error or "")
    assert "the clock here says" in (result.error or "")
    assert stage.state.last_poll_at == right


def test_where_single_polls_were_pruned_the_gap_begins_with_the_stretch(stage: Stage) -> None:
    for _ in range(3):
        poll(stage, None)
        stage.pass_time(minutes=15)
    with stage.database.write() as connection:
        prune_polls(connection, stage.now)
    stage.now = START + timedelta(minutes=20)
    poll(stage, stage.now)
    assert price(stage, START)[0] == "observed"
    assert price(stage, START + timedelta(minutes=10))[0] == "gap"
    sound(stage)


def test_the_gap_says_why(stage: Stage) -> None:
    poll(stage, None)
    stage.now = START + timedelta(minutes=20)
    poll(stage, None)
    stage.now = START + timedelta(minutes=10)
    poll(stage, stage.now)
    with stage.database.read() as connection:
        found = coverage_of(connection, stage.state.name, stage.now)
    assert [(gap.since, gap.until, gap.why) for gap in found.gaps] == [
        (START, stage.now, CLOCK_WHY)
    ]


@pytest.mark.parametrize(
    ("date", "age", "expected"),
    [
        ("Sun, 01 Mar 2026 10:00:00 GMT", "", "2026-03-01T10:00:00+00:00"),
        ("Sun, 01 Mar 2026 10:00:00 GMT", "3600", "2026-03-01T11:00:00+00:00"),
        ("Sun, 01 Mar 2026 10:00:00 GMT", " 60 ", "2026-03-01T10:01:00+00:00"),
        ("Sunday, 01-Mar-26 10:00:00 GMT", "", "2026-03-01T10:00:00+00:00"),
        ("Sun, 01 Mar 2026 10:00:00 GMT", "-5", "2026-03-01T10:00:00+00:00"),
        ("Sun, 01 Mar 2026 10:00:00 GMT", "1e3", "2026-03-01T10:00:00+00:00"),
        ("Fri, 31 Dec 9999 23:59:59 GMT", "60", None),
        ("", "60", None),
        ("yesterday", "", None),
        ("0", "", None),
        ("Sun, 99 Mar 2026 10:00:00 GMT", "", None),
    ],
)
def test_the_gateways_time_is_its_date_and_the_age_of_it(
    date: str, age: str, expected: str | None
) -> None:
    found = gateway_time(date, age)
    assert (found.isoformat() if found else None) == expected
