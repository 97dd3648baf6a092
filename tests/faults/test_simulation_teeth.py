"""Faults that are put into the program on purpose: the simulation finds each within some worlds."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, update

from pricetrail.jobs.deliveries import holds
from pricetrail.jobs.deliveries.attempts import AttemptRecorder
from pricetrail.jobs.polls import missed_slots, news, quarantine_rules
from pricetrail.storage import slots
from pricetrail.storage import tables as t
from pricetrail.storage.history import snapshots
from pricetrail.storage.outbox import leases
from pricetrail.storage.polls import coverage_log, polls
from tests.faults.simulation import seeds

pytestmark = pytest.mark.slow

# Each is found within so many worlds.
WITHIN = 150

Patch = pytest.MonkeyPatch
Fault = Callable[[Patch], None]


@pytest.fixture(scope="module")
def new(_sqlite_template: Path) -> Iterator[Callable[[], str]]:
    with seeds.sqlite_databases(_sqlite_template) as made:
        yield made


def the_token_of_a_slot_is_not_checked(patch: Patch) -> None:
    def finish(connection: Connection, source: int, _token: str, following: slots.Planned) -> bool:
        row = {"slot_at": following.slot_at, "due_at": following.due_at, **slots.FREE}
        connection.execute(update(t.slot).where(t.slot.c.source_id == source).values(**row))
        return True

    patch.setattr(slots, "finish", finish)


def the_token_of_a_message_is_not_checked(patch: Patch) -> None:
    for name in ("_SETTLE", "_GIVE_BACK"):
        real = getattr(leases, name)
        anybodys = update(t.delivery).where(t.delivery.c.number == bindparam("the_number"))
        patch.setattr(leases, name, anybodys.values(dict(real._values)))


def a_message_is_taken_from_its_sender(patch: Patch) -> None:
    real = leases._is_due
    patch.setattr(leases, "_is_due", lambda row, now: row.state == "leased" or real(row, now))


def a_slot_is_taken_from_its_holder(patch: Patch) -> None:
    real = slots.claim

    def claim(connection: Connection, now: datetime, *rest: Any, **options: Any) -> Any:
        return real(connection, now + timedelta(minutes=10), *rest, **options)

    patch.setattr(slots, "claim", claim)


def events_are_not_routed_where_they_are_recorded(patch: Patch) -> None:
    patch.setattr(news, "announce", lambda *_: 0)


def the_last_event_of_a_version_is_lost(patch: Patch) -> None:
    real = snapshots.write_events

    def write(connection: Connection, source: int, events: Any, *rest: Any) -> None:
        real(connection, source, events[:-1], *rest)

    patch.setattr(snapshots, "write_events", write)


def coverage_goes_on_over_polls_that_failed(patch: Patch) -> None:
    patch.setattr(coverage_log, "log_bad", lambda *_: None)
    # Else it is made up for: a slot had no good poll.
    patch.setattr(missed_slots, "was_missed", lambda *_: False)


def slots_that_were_missed_are_overlooked(patch: Patch) -> None:
    patch.setattr(missed_slots, "was_missed", lambda *_: False)


def nothing_is_set_aside(patch: Patch) -> None:
    patch.setattr(quarantine_rules, "suspicion", lambda *_: None)


def a_catalog_confirms_itself_too_soon(patch: Patch) -> None:
    patch.setattr(quarantine_rules, "CONFIRMING_POLLS", 2)
    patch.setattr(quarantine_rules, "CONFIRMING_TIME", timedelta(minutes=10))


def messages_overtake_each_other(patch: Patch) -> None:
    real = leases.claim

    def claim(connection: Connection, webhook: str, **options: Any) -> Any:
        return real(connection, webhook, **options | {"ordered": False})

    patch.setattr(leases, "claim", claim)


def a_poll_is_recorded_that_was_overtaken(patch: Patch) -> None:
    patch.setattr(polls, "_require", lambda _unmoved: None)


def what_waits_is_told_too_soon(patch: Patch) -> None:
    real = holds.release
    patch.setattr(holds, "release", lambda c, now: real(c, now + timedelta(minutes=30)))


def a_message_that_nobody_took_counts_as_delivered(patch: Patch) -> None:
    real = AttemptRecorder._following

    def following(recorder: AttemptRecorder, result: Any) -> Any:
        return replace(real(recorder, result), state="delivered")

    patch.setattr(AttemptRecorder, "_following", following)


FAULTS: list[Fault] = [
    the_token_of_a_slot_is_not_checked,
    the_token_of_a_message_is_not_checked,
    a_message_is_taken_from_its_sender,
    a_slot_is_taken_from_its_holder,
    events_are_not_routed_where_they_are_recorded,
    the_last_event_of_a_version_is_lost,
    coverage_goes_on_over_polls_that_failed,
    slots_that_were_missed_are_overlooked,
    nothing_is_set_aside,
    a_catalog_confirms_itself_too_soon,
    messages_overtake_each_other,
    a_poll_is_recorded_that_was_overtaken,
    what_waits_is_told_too_soon,
    a_message_that_nobody_took_counts_as_delivered,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_that_is_put_in_is_found(
    fault: Fault, new: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    with pytest.raises(AssertionError, match="see it again with `make simulate SEED="):
        _run(range(WITHIN), new)


def _run(some: range, new: Callable[[], str]) -> None:
    for seed in some:
        seeds.run(seed, new())
