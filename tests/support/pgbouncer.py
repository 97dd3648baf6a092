"""A real PgBouncer before the tests' Postgres, as hosted databases have one.

`make test` installs Debian's where it may; PRICETRAIL_TEST_PGBOUNCER names another binary.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.support.postgres import Postgres, unprivileged

PoolMode = Literal["transaction", "session"]
REMEDY = (
    "The tests need PgBouncer and never skip it: `apt install pgbouncer`, or set "
    "PRICETRAIL_TEST_PGBOUNCER to the binary."
)
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


def binary() -> str:
    """The program; the error says how to get it."""
    named = os.environ.get("PRICETRAIL_TEST_PGBOUNCER")
    places = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    found = named or shutil.which("pgbouncer", path=places)
    if found is None:
        raise FileNotFoundError(REMEDY)
    return found


@contextlib.contextmanager
def pooling(postgres: Postgres, mode: PoolMode) -> Iterator[Pooler]:
    """A pooler before a server, stopped at the end. As root it runs as the server's user."""
    account = unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="ptpgb-", dir="/tmp"))
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
            [binary(), "-q", str(settings)], stderr=subprocess.DEVNULL, cwd=folder, **account
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
