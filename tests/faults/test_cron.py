"""Runs of cron that overlap, on one SQLite file: each slot once, each message once and in order."""

import random
from pathlib import Path

import pytest

from tests.faults.ledgers import LedgerError, check_once
from tests.faults.replicas import (
    SELDOM,
    Fleet,
    begin_histories,
    check_history,
    fleet,
    let_all_be_due,
    opened,
    slots_served,
)
from tests.support.forks import Forked
from tests.support.volume import size

pytestmark = pytest.mark.slow

AT_ONCE, SOURCES = 10, 6
ROUNDS = size(3, thorough=30)
DUE, EACH, DELIVER = ("poll", "--due", "--quiet"), ("poll", "--quiet"), ("deliver",)


def run_at_once(made: Fleet, commands: list[tuple[str, ...]]) -> None:
    """Start all of them at the same moment; each does what it was asked to, and says so."""
    processes: list[Forked] = [made.command(*command) for command in commands]
    made.ended += processes
    for process in processes:
        printed, told = process.communicate()
        assert (process.returncode, told) == (0, ""), printed


def check_slots(made: Fleet, rounds: int) -> None:
    with opened(made.url) as database:
        served = slots_served(database)
    if not len(served) == len(set(served)) == made.gateway.total == (1 + rounds) * SOURCES:
        raise LedgerError(f"{made.gateway.total} fetches of {len(set(served))} slots")


def test_overlapping_runs_poll_each_slot_once(sqlite_url: str, tmp_path: Path) -> None:
    chance = random.Random(3)
    with fleet(sqlite_url, tmp_path, SOURCES, schedule=SELDOM, short_leases=False) as made:
        begin_histories(made)
        with opened(sqlite_url) as database:
            for _ in range(ROUNDS):
                let_all_be_due(database)
                commands = [DUE] * (AT_ONCE - 3) + [DELIVER] * 3
                run_at_once(made, chance.sample(commands, len(commands)))
        check_slots(made, ROUNDS)
        made.calm()
        check_once(made.messages())
        check_history(made)


def test_overlapping_runs_that_poll_everything_make_each_version_once(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Whoever is overtaken by another run has nothing to say."""
    with fleet(sqlite_url, tmp_path, SOURCES, schedule=SELDOM, short_leases=False) as made:
        begin_histories(made)
        for _ in range(ROUNDS // 3):
            run_at_once(made, [EACH] * (AT_ONCE // 2) + [DUE] * 2 + [DELIVER] * 3)
        with made.gateway.lock:
            made.gateway.moving = False
        run_at_once(made, [EACH])
        assert made.led_to_the_end()
        check_once(made.messages())
        check_history(made)
