"""kill -9 at random, hundreds of times: nothing lost, nothing half, and twice with the same id."""

import json
import random
import shutil
import signal
import sqlite3
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TypeAlias

import pytest

from pricetrail.storage.database import Database
from tests.support import trace_points
from tests.support.doomed import Order
from tests.support.forks import Forked
from tests.support.ledger import Ledger, keeping_a_ledger
from tests.support.postgres import Postgres
from tests.support.reckoning import Reckoning
from tests.support.volume import on_both

pytestmark = pytest.mark.slow

DOOMED = "import sys\nfrom tests.support import doomed\ndoomed.main(sys.argv[1])"
# What processes are forked from, as `Forked` has it.
Warmed: TypeAlias = tuple[str, ...]
# By 25 seeds: 500 kills for each database; four times as many when thorough.
KILLS = 20
# A round passes some 300 points, what it does in an order of its own; it takes so many seconds.
_POINTS, _SECONDS = 260, 0.15
_LAST_ROUNDS = 2


class Lives:
    """One database, of which process after process is killed."""

    def __init__(
        self, url: str, folder: Path, warmed: Warmed, seed: int, ledger: Ledger, broken: str
    ) -> None:
        self.url, self.seed, self.ledger, self.broken = url, seed, ledger, broken
        self.warmed = warmed
        self.notes = folder / "notes"
        self.chance = random.Random(seed)
        self.tick = 0
        self.phases: Counter[str] = Counter()
        self.database = Database(url)
        self.reckoning = Reckoning(self.database, ledger, seed, ("strict", "free"))

    def kill(self) -> None:
        """Let a process live until it is killed at random, and look at what it left."""
        dice = self.chance.random()
        if dice < 0.2:
            self._killed_from_outside(self.chance.uniform(0, _SECONDS))
        else:
            after = self.chance.uniform(0, 0.002) if dice < 0.5 else 0.0
            point = self.chance.randint(1, _POINTS)
            with self._process(point=point, after=after) as process:
                assert process.wait() == -signal.SIGKILL, process.told()
        begun, doing, phase, _ = trace_points.read(self.notes)
        self.phases[f"{doing}: {phase}"] += 1
        self._wait_for_the_server()
        self.tick = begun + 1
        self.reckoning.note_leases()
        self.reckoning.check(self.tick, integrity=self.chance.random() < 0.2)

    def end(self) -> None:
        """Let a process deliver what is owed still, to a receiver that takes it."""
        self.ledger.kind = True
        with self._process(rounds=_LAST_ROUNDS) as process:
            assert process.wait() == 0, process.told()
        self.tick += _LAST_ROUNDS
        self.reckoning.close(self.tick)

    def _process(self, *, point: int = 0, after: float = 0.0, rounds: int = 0) -> Forked:
        order = Order(
            url=self._theirs,
            receiver=self.ledger.receiver.url,
            notes=str(self.notes),
            seed=self.seed,
            tick=self.tick,
            point=point,
            after=after,
            rounds=rounds,
            broken=self.broken,
        )
        self.notes.write_text(f"{self.tick}|starting|before anything|0".ljust(80))
        return Forked(DOOMED, json.dumps(asdict(order)), warmed=self.warmed)

    def _killed_from_outside(self, seconds: float) -> None:
        with self._process() as process:
            assert not process.ends_within(seconds), process.told()
            process.kill()
            assert process.wait() == -signal.SIGKILL

    @property
    def _theirs(self) -> str:
        """The URL by which the server knows them from us."""
        return self.url if self._on_file else f"{self.url}&application_name=doomed"

    @property
    def _on_file(self) -> bool:
        return self.database.sqlite_path is not None

    def _wait_for_the_server(self) -> None:
        """Wait until it has seen that they are gone: a commit may be under way."""
        if self._on_file:
            return
        while self._some_are_there():
            time.sleep(0.001)

    def _some_are_there(self) -> bool:
        # Within one transaction the answer would stay what it was.
        with self.database.read() as connection:
            return bool(connection.exec_driver_sql(_THEIRS).scalar_one())


_THEIRS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'doomed'"


def warm(url: str, folder: Path) -> Warmed:
    """What processes are forked from: one that has lived on a database of its own."""
    with keeping_a_ledger(0) as ledger:
        ledger.kind = True
        where = Order(url=url, receiver=ledger.receiver.url, notes=str(folder / "notes"), rounds=5)
        words = ("tests.support.doomed", json.dumps(asdict(where)))
        with Forked("", warmed=words) as process:
            assert process.wait() == 0
    return words


@pytest.fixture(scope="module")
def warmed_sqlite(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Warmed:
    folder = tmp_path_factory.mktemp("warm")
    shutil.copyfile(_sqlite_template, folder / "warm.db")
    return warm(f"sqlite:///{folder / 'warm.db'}", folder)


@pytest.fixture(scope="module")
def warmed_postgres(
    _postgres_template: str, postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Warmed:
    postgres_server.create("warm", _postgres_template)
    warmed = warm(
        f"{postgres_server.url('warm')}&application_name=doomed", tmp_path_factory.mktemp("warm")
    )
    postgres_server.drop("warm")
    return warmed


@pytest.fixture
def warmed(database_url: str, request: pytest.FixtureRequest) -> Warmed:
    kind = database_url.partition(":")[0].partition("+")[0]
    found: Warmed = request.getfixturevalue(f"warmed_{kind.removesuffix('ql')}")
    return found


@contextmanager
def lives(url: str, folder: Path, warmed: Warmed, seed: int, broken: str = "") -> Iterator[Lives]:
    print(f"seed {seed}")
    with keeping_a_ledger(seed) as ledger:
        found = Lives(url, folder, warmed, seed, ledger, broken)
        try:
            yield found
        finally:
            found.database.close()
            print(*(f"{n:4} {phase}" for phase, n in found.phases.most_common()), sep="\n")


@on_both(25, thorough=100, on_postgres=25)
def test_killed_at_random_nothing_is_lost(
    database_url: str, warmed: Warmed, tmp_path: Path, seed: int
) -> None:
    _with_the_write_ahead_log(database_url, seed)
    with lives(database_url, tmp_path, warmed, seed) as killed:
        for _ in range(KILLS):
            killed.kill()
        killed.end()
        assert sum(killed.phases.values()) == KILLS


def _with_the_write_ahead_log(url: str, seed: int) -> None:
    """Every second file has it, whatever this SQLite's version says of it."""
    database = Database(url)
    if database.sqlite_path is not None and seed % 2:
        connection = sqlite3.connect(database.sqlite_path)
        assert connection.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
        connection.close()


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("owed in a second transaction", "is never told of"),
        ("settled before it was sent", "is never told of"),
        ("another id at each attempt", "was told of"),
        # Where a kill falls decides what is half: whatever the reckoning says of it counts.
        ("no transactions", None),
    ],
)
def test_a_product_with_such_a_fault_is_found_out(
    sqlite_url: str, warmed_sqlite: Warmed, tmp_path: Path, broken: str, said: str | None
) -> None:
    with lives(sqlite_url, tmp_path, warmed_sqlite, 1, broken) as killed:
        kills = (killed.kill for _ in range(100))
        with pytest.raises(AssertionError, match=said) as found:
            deque((kill() for kill in kills), maxlen=0)
    assert Path(found.traceback[-1].path).name == "reckoning.py"
