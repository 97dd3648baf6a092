"""Events put together from rows, without a database."""

from decimal import Decimal

from pricetrail.catalog.changes import ABSENT, Change
from pricetrail.queries.steps import Step
from pricetrail.queries.trail_events import event_ids, trail_events
from pricetrail.storage.history.trails import EventRow, Window
from tests.support.histories import at

WINDOWS = {
    1: Window(None, at("10:00")),
    2: Window(at("10:00"), at("11:00")),
}


def step(version: int, amount: str | None, flagged: str | None = None) -> Step:
    not_before, not_after = WINDOWS[version]
    value = None if amount is None else Decimal(amount)
    return Step(not_before, not_after, value, flagged, version, None)


def test_amounts_that_came_went_or_moved_are_told_by_the_steps() -> None:
    steps = {
        "/pricing/b": [step(1, "1"), step(2, "2")],
        "/pricing/a": [step(2, "1")],
        "/pricing/c": [step(1, "1"), step(2, None)],
        # An event of its own tells of a text.
        "/pricing/d": [step(1, None, "free"), step(2, None, "gratis")],
    }
    (event,) = trail_events([EventRow("e", 2, "model.repriced", None)], WINDOWS, steps)
    assert event.changes == (
        Change("/pricing/a", ABSENT, Decimal(1)),
        Change("/pricing/b", Decimal(1), Decimal(2)),
        Change("/pricing/c", Decimal(1), ABSENT),
    )
    assert (event.direction, event.window) == ("increase", (at("10:00"), at("11:00")))


def test_what_an_event_says_itself_is_taken_as_it_is() -> None:
    said = (Change("/display_name", "A", "B"),)
    updated, added = trail_events(
        [EventRow("u", 2, "model.updated", said), EventRow("a", 2, "model.added", None)],
        WINDOWS,
        {},
    )
    assert (updated.changes, updated.direction) == (said, "none")
    assert (added.changes, added.direction) == ((), None)


def test_the_event_that_tells_of_amounts_is_told_from_the_one_that_does_not() -> None:
    rows = [EventRow("p", 2, "model.repriced", None), EventRow("u", 2, "model.updated", ())]
    assert event_ids(rows) == {(2, True): "p", (2, False): "u"}
