"""Any number of `run` on one Postgres: a slot is fetched once, an event has one id, in order."""

from functools import partial
from pathlib import Path

import pytest

from pricetrail.storage.database import Database
from tests.faults.ledgers import LedgerError, check_once
from tests.faults.replicas import (
    SELDOM,
    Fleet,
    begin_histories,
    check_history,
    fleet,
    leases_held,
    let_all_be_due,
    opened,
    slots_served,
    wait_for,
)

pytestmark = pytest.mark.slow

REPLICAS, SOURCES, ROUNDS = 5, 40, 5


def served_all(made: Fleet, database: Database, rounds: int) -> bool:
    """Whether so many slots of each source are polled, beside the first, and none is in hand."""
    polls = len(slots_served(database))
    return polls >= (1 + rounds) * len(made.names) and leases_held(database) == 0


def serve_rounds(made: Fleet, rounds: int) -> None:
    """Have the slots of all sources be due at the same moment, again and again."""
    with opened(made.url) as database:
        begin(made)
        for number in range(1, rounds + 1):
            let_all_be_due(database)
            wait_for(partial(served_all, made, database, number), made.said())
    made.calm()
    made.stop()


def begin(made: Fleet) -> None:
    """Start the replicas; all of them look before anything is due."""
    begin_histories(made)
    made.start(REPLICAS)
    wait_for(lambda: made.said().count(" starts: ") == REPLICAS, made.said())


def check_fetches(made: Fleet, rounds: int) -> None:
    """Each slot was fetched once, and recorded once."""
    with opened(made.url) as database:
        served = slots_served(database)
    fetched = made.gateway.total
    # Beside the baselines.
    if not fetched == len(served) == len(set(served)) == (1 + rounds) * len(made.names):
        raise LedgerError(f"{fetched} fetches of {len(set(served))} slots, {len(served)} polls")


def test_five_replicas_fetch_two_hundred_slots_two_hundred_times(
    postgres_url: str, tmp_path: Path
) -> None:
    with fleet(postgres_url, tmp_path, SOURCES, schedule=SELDOM, short_leases=False) as made:
        serve_rounds(made, ROUNDS)
        check_fetches(made, ROUNDS)
        check_once(made.messages())
        check_history(made)
        assert made.troubles() == []
        assert len(made.messages()) == 2 * ROUNDS * SOURCES


def test_without_its_locks_a_slot_is_fetched_twice_and_that_is_noticed(
    postgres_url: str, tmp_path: Path
) -> None:
    with fleet(
        postgres_url, tmp_path, SOURCES, schedule=SELDOM, short_leases=False, without="skip locked"
    ) as made:
        begin(made)
        with opened(made.url) as database:
            let_all_be_due(database)
        # Some were fetched twice then, while others may still be recorded by nobody.
        wait_for(lambda: made.gateway.total > 2 * SOURCES, made.said())
        made.stop()
        with pytest.raises(LedgerError, match="fetches"):
            check_fetches(made, 1)
