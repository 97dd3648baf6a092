"""Replicas that stand still, or are killed: others take over, and what is stale is refused."""

import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.faults.replicas import (
    WEBHOOKS,
    Fleet,
    begin_histories,
    check_history,
    fleet,
    opened,
    slots_served,
    wait_for,
    wait_for_fetches,
)
from tests.support.forks import Forked
from tests.support.receivers import status
from tests.support.volume import size

pytestmark = pytest.mark.slow

_OTHERS_TRANSACTIONS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND xact_start IS NOT NULL AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
SOURCES, KILLS = 6, size(6, thorough=60)
PATIENCE = 60


@contextmanager
def stopped(made: Fleet, replica: Forked) -> Iterator[Forked]:
    """Stop a replica between two transactions, and start another; it goes on at the end.

    Within one it would be ended by the server, and say so.
    """
    replica.send_signal(signal.SIGSTOP)
    while is_within_transaction(made):
        replica.send_signal(signal.SIGCONT)
        time.sleep(0.01)
        replica.send_signal(signal.SIGSTOP)
    try:
        [other] = made.start()
        yield other
    finally:
        replica.send_signal(signal.SIGCONT)


def is_within_transaction(made: Fleet) -> bool:
    """Whether the only replica is, as the server sees it."""
    with opened(made.url) as database, database.read() as connection:
        return bool(connection.execute(_OTHERS_TRANSACTIONS).scalar())


class Gate:
    """Lets nobody through, of those that come for `name` first, until it is opened."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.came, self.open = threading.Event(), threading.Event()

    def __call__(self, name: str) -> None:
        if name == self.name and not self.came.is_set():
            self.came.set()
            self.open.wait(PATIENCE)


def overtaken(made: Fleet) -> Forked:
    """A replica that was stopped while its fetch was out, and goes on after another's poll."""
    begin_histories(made)
    gate = made.gateway.held = Gate("s0")
    [stale] = made.start()
    assert gate.came.wait(PATIENCE)
    with opened(made.url) as database, stopped(made, stale):
        polls = len(slots_served(database))
        fetches = len(made.gateway.fetches["s0"])
        # Its lease has run out by then.
        wait_for(lambda: len(made.gateway.fetches["s0"]) > fetches, made.said())
        wait_for(lambda: len(slots_served(database)) > polls, made.said())
        gate.open.set()
    return stale


def test_a_replica_that_stood_still_past_its_lease_is_refused_and_goes_on(
    postgres_url: str, tmp_path: Path
) -> None:
    with fleet(postgres_url, tmp_path, 3) as made:
        stale = overtaken(made)
        wait_for(lambda: was_refused(stale), stale.told())
        recorded = stale.told().count(": changed")
        # By itself, once the other is gone.
        made.kill(made.replicas[-1])
        wait_for(lambda: stale.told().count(": changed") > recorded, stale.told())
        check_nothing_is_left(made)


def was_refused(replica: Forked) -> bool:
    """Whether a poll of it came too late."""
    return refusals(replica.told()) > 0


def refusals(said: str) -> int:
    """How many polls came too late, as replicas say of what they found."""
    lines = [line for line in said.splitlines() if " info source " in line]
    return sum(line.endswith(("recorded meanwhile", "was taken over")) for line in lines)


def check_nothing_is_left(made: Fleet) -> None:
    """All is polled and told, by replicas that go on calmly."""
    made.calm()
    made.stop()
    check_history(made)
    assert made.troubles() == []
    with opened(made.url) as database:
        served = slots_served(database)
    assert len(served) == len(set(served))


def test_without_tokens_the_stale_one_records_a_second_poll_and_is_noticed(
    postgres_url: str, tmp_path: Path
) -> None:
    with fleet(postgres_url, tmp_path, 1, without="slot tokens") as made:
        stale = overtaken(made)
        wait_for(made.troubles, stale.told())
        assert not was_refused(stale)


def test_a_message_of_a_replica_that_stood_still_goes_out_again_under_its_id(
    postgres_url: str, tmp_path: Path
) -> None:
    with fleet(postgres_url, tmp_path, 2) as made:
        begin_histories(made)
        gate = Gate("message")

        def held(handler: BaseHTTPRequestHandler) -> None:
            gate("message")
            status(204)(handler)

        made.receiver.always = held
        [stale] = made.start()
        assert gate.came.wait(PATIENCE)
        held_id = made.receiver.ids[0]
        with stopped(made, stale):
            # To each webhook, and to the one that has not answered once more.
            wait_for(lambda: made.receiver.ids.count(held_id) > len(WEBHOOKS), made.said())
            gate.open.set()
        polled = stale.told().count(" info source ")
        wait_for(lambda: stale.told().count(" info source ") > polled, made.said())
        check_nothing_is_left(made)
        assert made.receiver.ids.count(held_id) > len(WEBHOOKS)


def test_replicas_killed_at_random_moments_leave_nothing_undone(
    postgres_url: str, tmp_path: Path
) -> None:
    chance = random.Random(1)
    with fleet(postgres_url, tmp_path, SOURCES, steps=2) as made:
        begin_histories(made)
        made.start(3)
        for _ in range(KILLS):
            wait_for_fetches(made, chance.randint(1, 10))
            made.kill(chance.choice(made.replicas))
            made.start()
        check_nothing_is_left(made)
        with opened(made.url) as database:
            polls = len(slots_served(database))
        # What was fetched in vain was in the hands of one that was killed, or was slow.
        in_vain = KILLS * SOURCES + refusals(made.said())
        assert polls <= made.gateway.total <= polls + in_vain
