"""Commands in processes of their own that are killed at a step, and what they leave."""

import signal
from contextlib import closing
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import update

from pricetrail.storage import partitions, sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import deliveries
from pricetrail.storage.verification.verify import verify
from tests.jobs.full import full
from tests.jobs.stage import START
from tests.support.all_rows import Rows, all_rows
from tests.support.doomed_commands import AFTER, BEFORE, STEPS, WRITTEN
from tests.support.forks import Forked
from tests.support.volume import size

DOOMED = (
    "import sys\nfrom tests.support import doomed_commands\ndoomed_commands.main(*sys.argv[1:])"
)
NOW = START + timedelta(days=100)
_THOROUGH = size(0, thorough=1)


class Kill(NamedTuple):
    """Where a command is killed: at a step of those of `command`, or at its commit `number`."""

    command: str
    step: str = ""
    moment: str = BEFORE
    number: int = 1

    def __str__(self) -> str:
        which = f" {self.number}" if self.step not in STEPS[self.command] else ""
        return f"{self.command}-{self.moment} {self.step}{which}"


def kills(command: str, commits: int, *, but: tuple[str, ...] = ()) -> list[Kill]:
    """Before and after each step of a command, and each of its first commits."""
    moments = (BEFORE, AFTER)
    return [
        *(Kill(command, one, it) for one in STEPS[command] if one not in but for it in moments),
        *(Kill(command, WRITTEN, it, n) for n in range(1, commits + 1) for it in moments),
    ]


def on_both(on_file: list[Kill], on_server: list[Kill]) -> list[tuple[str, Kill]]:
    """By kind of database: both moments of each step where it is thorough, else one on each."""
    return [
        *(("sqlite", one) for one in on_file if _THOROUGH or _is_chosen(one, AFTER)),
        *(("postgres", one) for one in on_server if _THOROUGH or _is_chosen(one, BEFORE)),
    ]


def _is_chosen(kill: Kill, moment: str) -> bool:
    """Whether it is of this moment; right after a commit all else is done already."""
    return kill.moment == (AFTER if kill.step == WRITTEN else moment)


class Killed:
    """A database and what is done to it, by processes that may be killed."""

    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.url, self.said = url, ""
        monkeypatch.setenv("PRICETRAIL_DATABASE_URL", url)

    def run(self, words: str, kill: Kill | None = None, *, now: datetime = NOW) -> int:
        """The exit code of a command, which may be killed; what it said is in `said`."""
        where = (str(one) for one in tuple(kill or Kill("")))
        with Forked(DOOMED, *where, now.isoformat(), *words.split()) as process:
            self.said = "".join(process.communicate())
            return process.wait()

    def dies(self, words: str, kill: Kill, *, now: datetime = NOW) -> None:
        """Let a command be killed."""
        assert self.run(words, kill, now=now) == -signal.SIGKILL, self.said

    def completes(self, words: str, *, now: datetime = NOW) -> None:
        """Let a command come to its end."""
        assert self.run(words, now=now) == 0, self.said


def rows_of(url: str) -> Rows:
    """Every row of a database, once all of its histories were verified."""
    with closing(Database(url)) as database:
        with database.read() as connection:
            for state in sources.states(connection):
                verdict = verify(connection, state)
                assert verdict.first_break is None, verdict
            if connection.dialect.name == "sqlite":
                found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
                assert found == ["ok"]
        return all_rows(database)


def lived(database: Database) -> None:
    """A history with rows in every table, of months that a server keeps apart."""
    partitions.make_ahead(database, START)
    full(database)
    with database.write() as connection:
        ended = t.delivery.c.number % 2 == 0
        connection.execute(update(t.delivery).where(ended).values(state=deliveries.DELIVERED))
