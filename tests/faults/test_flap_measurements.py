"""On half a year of a real marketplace: longer holds are calmer, and lose nothing that lasted."""

from dataclasses import replace
from datetime import timedelta

import pytest

from benchmarks import flaps
from pricetrail.catalog.events import Event
from pricetrail.jobs.deliveries.backtest import Announcement, held_back
from pricetrail.jobs.imports.observations import Observation
from pricetrail.storage.database import Database
from pricetrail.storage.history import events as log
from pricetrail.storage.history.events import EventFilter
from tests.acceptance.conftest import Imported

pytestmark = pytest.mark.slow

HOLDS = [timedelta(hours=hours) for hours in (0, 1, 6, 24)]


@pytest.fixture(scope="module")
def real(real_history: list[Observation]) -> flaps.Lives:
    return flaps.lives(real_history)


@pytest.fixture(scope="module")
def events(real_import: Imported) -> list[Event]:
    database = Database(real_import.url)
    with database.read() as connection:
        found = [event for _, event in log.read(connection, EventFilter())]
    database.close()
    return found


@pytest.mark.parametrize("hold", HOLDS, ids=str)
def test_no_hold_loses_a_change_that_lasts(
    real: flaps.Lives, events: list[Event], hold: timedelta
) -> None:
    assert flaps.lost(real, held_back(events, hold), hold) == []


@pytest.mark.parametrize("hold", HOLDS[1:], ids=str)
def test_a_rise_that_passes_the_hold_loses_nothing_either(
    real: flaps.Lives, events: list[Event], hold: timedelta
) -> None:
    announced = held_back(events, hold, hold_rises=False)
    assert flaps.lost(real, announced, hold) == []


def test_a_longer_hold_leaves_less_to_read(events: list[Event]) -> None:
    told = [flaps.reading(held_back(events, hold)) for hold in HOLDS]
    lines = [one.lines for one in told]
    assert lines == sorted(lines, reverse=True)
    assert told[0].blips == 0 < told[1].blips
    assert lines[-1] < lines[0] * 0.9


def test_every_change_is_told_once_or_is_part_of_a_flap(events: list[Event]) -> None:
    for hold in HOLDS:
        told = [event.id for one in held_back(events, hold) for event in one.events]
        assert sorted(told) == sorted(event.id for event in events)


def test_a_lost_change_would_be_noticed(real: flaps.Lives, events: list[Event]) -> None:
    announced = [one for one in held_back(events, timedelta(0)) if not one.blip]
    for place in range(0, len(announced), 97):
        rest = announced[:place] + announced[place + 1 :]
        assert flaps.lost(real, rest, timedelta(0)), announced[place].at


def test_an_announcement_in_the_wrong_order_would_be_noticed(
    real: flaps.Lives, events: list[Event]
) -> None:
    announced = list(held_back(events, timedelta(0)))
    model = next(event.model for event in events if event.type == "model.repriced")
    places = [n for n, one in enumerate(announced) if any(e.model == model for e in one.events)]
    first, last = announced[places[0]], announced[places[-1]]
    swapped: list[Announcement] = list(announced)
    swapped[places[0]] = replace(last, at=first.at)
    swapped[places[-1]] = replace(first, at=last.at)
    assert flaps.lost(real, swapped, timedelta(0))
