"""What a clock that had been ahead leaves behind: told as what it is, proven where it can be."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from catalog.evidence import check
from catalog.strict_json import dumps, loads
from jobs.gateway import Answer
from storage.coverage_report import report
from storage.errors import UnprovenError
from storage.prices import price_at
from storage.proofs import bundle
from storage.rewinding import CLOCK_WHY
from tests.jobs.stage import START, Stage, listing, model, staged

CHEAP, DEAR = listing(model("a", "0.000001")), listing(model("a", "0.000003"))
AHEAD = START + timedelta(hours=3)


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url) as made:
        yield made


def poll(stage: Stage, now: datetime, catalog: object, *, dated: bool = True) -> None:
    stage.now = now
    served = Answer(200, json.dumps(catalog).encode(), None, date=now if dated else None)
    stage.poll(served, after=0)


def quarter(number: int) -> datetime:
    return START + timedelta(minutes=15 * number)


def problems(stage: Stage, at: datetime | None) -> list[str]:
    with stage.database.read() as connection:
        return check(loads(dumps(bundle(connection, stage.state, "a", at)))).problems


def certainty(stage: Stage, at: datetime) -> str:
    with stage.database.read() as connection:
        return price_at(connection, stage.state, "a", at).certainty


@pytest.fixture
def mended(stage: Stage) -> Stage:
    """At 10:15 the clock jumps to 13:00, where it makes version 2; at 10:30 it is set back."""
    poll(stage, START, CHEAP)
    poll(stage, AHEAD, DEAR, dated=False)
    for number in range(2, 14):
        poll(stage, quarter(number), CHEAP)
    return stage


def test_the_whole_gap_is_the_clocks_though_slots_seemed_to_be_missed(mended: Stage) -> None:
    with mended.database.read() as connection:
        found = report(connection, mended.state, mended.now)
    assert [(gap.since, gap.until, gap.why) for gap in found.gaps] == [
        (START, quarter(2), CLOCK_WHY)
    ]


def test_a_price_is_proven_again_once_the_chains_own_times_have_come(mended: Stage) -> None:
    assert certainty(mended, AHEAD + timedelta(minutes=5)) == "observed"
    for at in (None, AHEAD, AHEAD + timedelta(minutes=5), AHEAD + timedelta(days=1)):
        assert problems(mended, at) == []


@pytest.mark.parametrize("at", [quarter(1), quarter(2), quarter(5)])
def test_what_the_chain_dates_later_is_not_proven_before(mended: Stage, at: datetime) -> None:
    with pytest.raises(UnprovenError, match=r"dates version . to 2026-03-01T13:00:00Z.*clock"):
        problems(mended, at)
