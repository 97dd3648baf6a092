"""A pooler before the tests' Postgres, as hosted databases have one.

The machine's PgBouncer, or the one that PRICETRAIL_TEST_PGBOUNCER names; where there is none, a
small one of ours (`PRICETRAIL_TEST_PGBOUNCER=small` asks for it). CI installs Debian's.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.support import memory
from tests.support.postgres import Postgres, unprivileged
from tests.support.small_pooler import small_pooler

PoolMode = Literal["transaction", "session"]
_START_SECONDS = 30

# Three sessions for everybody, so that each transaction gets one that others have used.
_SETTINGS = """
[databases]
* = host={postgres.folder} port={postgres.port} user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = 3
server_round_robin = 1
logfile = {folder}/log
"""


@dataclass(frozen=True)
class Pooler:
    """A running pooler in one of its modes."""

    port: int

    def url(self, database: str) -> str:
        """An SQLAlchemy URL of a database behind it."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"


def binary(choice: str = "") -> str | None:
    """The program; None where the machine has none, or the small one is wanted."""
    if choice == "small":
        return None
    places = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    return choice or shutil.which("pgbouncer", path=places)


@contextlib.contextmanager
def pooling(postgres: Postgres, mode: PoolMode, choice: str = "") -> Iterator[Pooler]:
    """A pooler before a server, stopped at the end; `choice` as PRICETRAIL_TEST_PGBOUNCER."""
    program = binary(choice)
    if program is None:
        with small_pooler(postgres, transactions=mode == "transaction") as port:
            yield Pooler(port)
    else:
        with _running(program, postgres, mode) as pooler:
            yield pooler


@contextlib.contextmanager
def _running(program: str, postgres: Postgres, mode: PoolMode) -> Iterator[Pooler]:
    """PgBouncer, which runs as the server's user where we are root."""
    account = unprivileged()
    folder = memory.short_folder("ptpgb-")
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            _SETTINGS.format(postgres=postgres, port=port, mode=mode, folder=folder)
        )
        if "user" in account:
            for path in (folder, settings):
                os.chown(path, account["user"], account["group"])
        with subprocess.Popen(
            [program, "-q", str(settings)], stderr=subprocess.DEVNULL, cwd=folder, **account
        ) as process:
            try:
                _wait_for(port, process, folder)
                yield Pooler(port)
            finally:
                process.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)
    log = (folder / "log").read_text() if (folder / "log").exists() else "it left no log"
    raise RuntimeError(f"PgBouncer did not start: {log[-1000:]}")
