"""Which changes wait: by values alone."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pricetrail.catalog.changes import Change
from pricetrail.catalog.event_details import Heading, ModelChanged
from pricetrail.catalog.events import REMOVED, REPRICED, UPDATED, Event
from pricetrail.jobs.deliveries.hold_rules import NOT_VISIBLE, Desk, ModelChange, in_order
from pricetrail.jobs.source import Source
from pricetrail.storage.polls.held_changes import Held
from tests.support.histories import at

A, B, C = (bytes([letter]) * 32 for letter in (1, 2, 3))


def source(**settings: Any) -> Source:
    return Source(name="s", url="http://localhost/", api_key="-", **settings)


def held(
    before: bytes, after: bytes, *, number: int = 1, polls: int = 1, blip: bool = False
) -> Held:
    ids = [f"evt_{number:040x}"]
    return Held(1, 5, number, ids, before, after, at("10:00"), polls, blip=blip, id=number)


def change(before: bytes, after: bytes, kind: str = UPDATED, *, price: int = 2) -> ModelChange:
    """A change of a model; of its price, 2 before, to another one."""
    leaf = Change("/pricing/text/prompt", Decimal(2), Decimal(price))
    details = ModelChanged(Heading("m", "M", "openai"), (leaf,))
    event = Event(f"evt_{99:040x}", "s", 9, 1, kind, "m", at("11:00"), details)
    return ModelChange(5, [event], before, after)


HOLD = source(hold=timedelta(hours=1))
CONFIRM = source(confirm_removals=2)


def desk(settings: Source) -> Desk:
    return Desk(settings, source_id=1, version=9, good_polls=9)


def test_a_change_waits_for_as_long_as_the_hold() -> None:
    decision = desk(HOLD).decide(change(A, B), [])
    assert decision.wait is not None
    assert (decision.wait.due_at, decision.wait.due_polls) == (at("12:00"), 9)
    assert not decision.events


@pytest.mark.parametrize(("price", "waits"), [(3, False), (1, True)])
def test_a_rise_need_not_wait(price: int, waits: bool) -> None:
    settings = source(hold=timedelta(hours=1), hold_rises=False)
    decision = desk(settings).decide(change(A, B, REPRICED, price=price), [])
    assert (decision.wait is not None) == waits
    assert bool(decision.events) != waits


def test_a_removal_waits_for_a_second_poll() -> None:
    decision = desk(CONFIRM).decide(change(A, NOT_VISIBLE, REMOVED), [])
    assert decision.wait is not None
    assert decision.wait.due_polls == 10


def test_a_removal_undone_is_no_news_and_one_that_comes_back_different_is_what_it_is_now() -> None:
    gone = held(A, NOT_VISIBLE, polls=9)
    undone = desk(CONFIRM).decide(change(NOT_VISIBLE, A), [gone])
    assert (undone.drop, undone.wait, undone.events) == ([gone], None, ())
    different = desk(CONFIRM).decide(change(NOT_VISIBLE, B), [gone])
    assert (different.drop, different.announced, len(different.events)) == ([gone], [], 1)


def test_what_is_undone_within_the_hold_is_one_blip_joined_with_earlier_ones() -> None:
    blip, first = held(A, A, number=1, blip=True), held(A, B, number=2)
    decision = desk(HOLD).decide(change(B, A), [blip, first])
    assert decision.drop == [blip, first]
    assert decision.wait is not None
    assert decision.wait.blip
    assert decision.wait.event_ids[:2] == [*blip.event_ids, *first.event_ids]
    assert len(decision.wait.event_ids) == 3


def test_only_what_came_after_the_state_that_is_back_is_undone() -> None:
    first, second = held(A, B, number=1), held(B, C, number=2)
    assert desk(HOLD).decide(change(C, B), [first, second]).drop == [second]


def test_what_waited_goes_out_before_what_need_not_wait() -> None:
    settings = source(hold=timedelta(hours=1), hold_rises=False, max_price_ratio=Decimal(100))
    first = held(A, B)
    decision = desk(settings).decide(change(B, C, REPRICED, price=3), [first])
    assert (decision.drop, decision.announced) == ([first], first.event_ids)
    assert len(decision.events) == 1


def test_of_one_model_a_later_change_never_goes_first() -> None:
    first, second, other = (held(A, B, number=number) for number in (1, 2, 3))
    chains = {5: [first, second], 6: [other]}
    assert in_order([second, other], chains) == [other]
    assert in_order([first, second, other], chains) == [first, second, other]
