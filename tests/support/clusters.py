"""Postgres servers that tests stop, kill and start anew, and a standby that takes over from one.

Beside the server of `postgres.running`, which all tests of a process share and none may harm.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.support import memory, postgres

FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT
_PATIENCE = 60
# Over those of the other servers: what one says is written, it has, and sends to a standby.
_SETTINGS = """
wal_level = 'replica'
max_wal_senders = '4'
hot_standby = 'on'
synchronous_commit = 'on'
"""


@dataclass
class Cluster:
    """One server of its own."""

    folder: Path
    port: int
    binaries: Path
    account: dict[str, Any]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it on the port that it had, and wait until it takes connections."""
        self.process = postgres._launch(self.binaries, self.folder, self.port, self.account)
        assert postgres._ready(self.folder), (self.folder / "log").read_text(errors="replace")

    def end(self, number: int) -> None:
        """Have it end by a signal: `FAST`, `IMMEDIATE`, or SIGKILL, and wait for that."""
        assert self.process is not None
        os.kill(self._postmaster(), number)
        _wait_for((self.folder / "ended").exists)
        # Its watchdog alone is left, which would take the folder along.
        with self.process:
            self.process.kill()
        self.process = None
        (self.folder / "ended").unlink()

    def _postmaster(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """A plain connection that commits each statement by itself."""
        where = f"host={self.folder} port={self.port} user=postgres dbname={database}"
        return psycopg.connect(where, autocommit=True)

    def url(self, database: str) -> str:
        """An SQLAlchemy URL over loopback."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def ask(self, statement: str) -> Any:
        """The one value that a statement gives, if any."""
        with self.connect() as connection:
            found = connection.execute(statement.encode())
            row = found.fetchone() if found.description else None
        return row[0] if row else None

    def set(self, name: str, value: str) -> None:
        """Change a setting, in force at once."""
        self.ask(f"ALTER SYSTEM SET {name} = '{value}'")
        self.ask("SELECT pg_reload_conf()")

    def promote(self) -> None:
        """Let a standby be the primary."""
        assert self.ask("SELECT pg_promote()") is True

    def close(self) -> None:
        """Stop it, whatever it does, and remove its folder."""
        if self.process is not None:
            postgres._stop(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)


def _wait_for(condition: Any) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _new(binaries: Path) -> Cluster:
    account = postgres.unprivileged()
    folder = memory.short_folder("ptpg-")
    if "user" in account:
        os.chown(folder, account["user"], account["group"])
    return Cluster(folder, postgres._free_port(), binaries, account)


@contextmanager
def alone(binaries: Path) -> Iterator[Cluster]:
    """A server without a standby; `binaries` as a `Postgres` that runs has them."""
    with contextlib.closing(_new(binaries)) as made:
        postgres._initdb(made.binaries, made.folder, made.account)
        with (made.folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS)
        made.start()
        yield made


@contextmanager
def pair(binaries: Path, *, synchronous: bool) -> Iterator[tuple[Cluster, Cluster]]:
    """A primary and its standby by streaming replication, which has all that the primary has."""
    with alone(binaries) as primary, contextlib.closing(_new(binaries)) as standby:
        command = [standby.binaries / "pg_basebackup", "-D", standby.folder / "data", "-R"]
        where = ["-h", primary.folder, "-p", primary.port, "-U", "postgres"]
        options = ["--checkpoint=fast", "--no-sync", "-X", "stream"]
        postgres._run([*command, *where, *options], standby.folder, standby.account)
        standby.start()
        _wait_for(lambda: primary.ask("SELECT count(*) FROM pg_stat_replication") == 1)
        if synchronous:
            # Of its own it has none, once it is the primary.
            primary.set("synchronous_standby_names", "*")
            _wait_for(lambda: primary.ask("SELECT sync_state FROM pg_stat_replication") == "sync")
        yield primary, standby


def wait_until_apart(primary: Cluster) -> None:
    """Wait until no standby gets anything any more."""
    _wait_for(lambda: primary.ask("SELECT count(*) FROM pg_stat_replication") == 0)


def url_of_both(primary: Cluster, standby: Cluster, database: str) -> str:
    """What operators write: both hosts, of which the one is meant that can be written to."""
    hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
    return f"postgresql+psycopg://postgres@{hosts}/{database}?target_session_attrs=read-write"
