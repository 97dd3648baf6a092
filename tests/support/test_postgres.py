"""The server of the tests: it starts from either set of binaries, and never outlives them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.support import postgres

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]

_HOLD_A_SERVER = """
import sys, time
from tests.support.postgres import running
with running() as server:
    print(server.folder, server.port, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("choice", ["", "wheel"])
def test_it_starts_from_the_machines_binaries_and_from_the_wheels(choice: str) -> None:
    with postgres.running(choice) as server:
        server.create("mine")
        with server.connect("mine") as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("mine",)
        over_tcp = server.tcp_url("mine").replace("+psycopg", "")
        with psycopg.connect(over_tcp) as connection:
            row = connection.execute("SELECT count(*) FROM pg_roles WHERE rolsuper").fetchone()
            assert row == (1,)
    assert not server.folder.exists()


def test_binaries_out_of_the_other_users_reach_are_copied(tmp_path: Path) -> None:
    """As root with the checkout below /root, the user that runs the server cannot enter it."""
    binaries = postgres._binaries("wheel")
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    postgres._copied(binaries, hidden, {})
    (out_of_reach,) = hidden.glob("site/*/*/bin")
    with postgres.running(str(out_of_reach)) as server, server.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert (server.folder / "site").exists() == (os.geteuid() == 0)


def test_missing_binaries_name_the_remedy(tmp_path: Path) -> None:
    with (
        pytest.raises(postgres.NoPostgresError, match="make setup"),
        postgres.running(str(tmp_path)),
    ):
        pass


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_the_server_and_its_folder_go_when_the_tests_die(how: signal.Signals) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", _HOLD_A_SERVER],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert owner.stdout is not None
    folder, port = owner.stdout.readline().split()
    assert (Path(folder) / f".s.PGSQL.{port}").exists()
    owner.send_signal(how)
    owner.wait()
    owner.stdout.close()
    _wait_until_gone(Path(folder))


def _wait_until_gone(path: Path) -> None:
    deadline = time.monotonic() + 30
    while path.exists():
        assert time.monotonic() < deadline, f"{path} is still there"
        time.sleep(0.02)
