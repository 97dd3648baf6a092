"""SIGTERM while something hangs: every wait ends, nothing new begins, and what was claimed is safe.

None of these processes may be ended by the hard limit: they end by themselves, and say so by their
exit code.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import deliveries
from pricetrail.storage.schema import prepare
from tests.jobs.stage import many, model
from tests.support.forks import COMMAND_LINE, ROOT, Forked
from tests.support.receivers import Receiver, receiving, status
from tests.support.sockets import RawServer, Script, answer, drips, raw_server, silent

pytestmark = pytest.mark.slow

CATALOG = json.dumps(many(2)).encode()

HANGS: dict[str, Script] = {
    "no answer": silent,
    "headers drip": drips(b"HTTP/1.1 200 OK\r\n", b"X-More: y\r\n"),
    "a header drips": drips(b"HTTP/1.1 200 OK\r\nX-More: ", b"y"),
    "the body drips": drips(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", b" "),
    "chunks drip": drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "429, wait": answer(status="429 Too Many Requests", retry_after="40"),
    "503, wait": answer(status="503 Service Unavailable", retry_after="40"),
}


def settings(folder: Path, url: str, *, other: str = "", webhook: str = "") -> None:
    """One source at `url`; a second, at `other`; a webhook."""
    text = [f'database_url = "sqlite:///{folder / "test.db"}"']
    for name, address in (("a", url), ("b", other)):
        if address:
            text.append(f'[sources.{name}]\nurl = "{address}"\napi_key = "k"\nschedule = "@hourly"')
    if webhook:
        text.append(f'[webhooks.main]\nurl = "{webhook}"\nformat = "json"\nallow_private = true')
    (folder / "pricetrail.toml").write_text("\n".join(text))
    prepare(f"sqlite:///{folder / 'test.db'}")


def running(*arguments: str, folder: Path | None = None, before: str = "") -> Forked:
    """A process of the command line; `before` is code that it runs first."""
    return Forked(f"{before}\n{COMMAND_LINE}", *arguments, folder=folder)


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ends(process: Forked) -> tuple[int, str]:
    """Its exit code and what it said; no traceback is in it."""
    _, told = process.communicate()
    assert "Traceback" not in told
    return process.wait(), told


def stopped(process: Forked) -> tuple[int, str]:
    """Likewise, after SIGTERM."""
    process.send_signal(signal.SIGTERM)
    return ends(process)


def leased(folder: Path) -> bool:
    """Whether a process holds a slot."""
    database = Database(f"sqlite:///{folder / 'test.db'}")
    with database.read() as connection:
        held = [state.lease_until for state in sources.states(connection)]
    database.close()
    return any(held)


def outcomes(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "test.db") as connection:
        found = [row[0] for row in connection.execute("SELECT outcome FROM poll ORDER BY id")]
    connection.close()
    return found


def hanging(folder: Path, server: RawServer) -> Forked:
    """A service whose gateway hangs, in a new folder."""
    folder.mkdir()
    settings(folder, server.url())
    return running("run", folder=folder)


def test_run_ends_while_a_gateway_hangs_and_begins_nothing_new(tmp_path: Path) -> None:
    """A service for each way to hang, all at one time: each needs seconds to end."""
    with ExitStack() as stack:
        servers = {hang: stack.enter_context(raw_server(script)) for hang, script in HANGS.items()}
        processes = {
            hang: stack.enter_context(hanging(tmp_path / hang, server))
            for hang, server in servers.items()
        }
        wait_for(lambda: all(server.requests for server in servers.values()))
        # Where it is to wait and try again it is waiting by then.
        time.sleep(0.3)
        for process in processes.values():
            process.send_signal(signal.SIGTERM)
        ended = {hang: ends(process) for hang, process in processes.items()}
    for hang, (code, told) in ended.items():
        assert (code, len(servers[hang].requests)) == (0, 1), hang
        assert "still in hand" not in told, hang
        assert outcomes(tmp_path / hang) == ["failed"], hang
        # Nobody has to wait for a lease to run out.
        assert not leased(tmp_path / hang), hang


@pytest.mark.parametrize("hang", ["no answer", "429, wait"])
def test_a_poll_ends_while_a_gateway_hangs_and_goes_to_no_other_source(
    tmp_path: Path, hang: str
) -> None:
    with raw_server(HANGS[hang]) as server, raw_server(answer(CATALOG)) as other:
        settings(tmp_path, server.url(), other=other.url())
        with running("poll") as process:
            wait_for(lambda: server.requests)
            time.sleep(0.3)
            code, told = stopped(process)
        assert (len(server.requests), len(other.requests)) == (1, 0)
    assert code == 1
    assert "stopped by a signal before these were polled: b" in told
    assert outcomes(tmp_path) == ["failed"]


@pytest.mark.parametrize("command", ["run", "poll"])
def test_a_resolver_that_hangs_keeps_no_process_alive(tmp_path: Path, command: str) -> None:
    settings(tmp_path, "http://gateway.test/v1/models")
    hanging = (
        "import pathlib, socket, time\n"
        "def hang(*_a, **_o):\n    pathlib.Path('asked').touch(); time.sleep(600)\n"
        "socket.getaddrinfo = hang"
    )
    with running(command, before=hanging) as process:
        wait_for((tmp_path / "asked").exists)
        code, told = stopped(process)
    assert (code, "still in hand" in told) == (1 if command == "poll" else 0, False)
    assert outcomes(tmp_path) == ["failed"]


def owing(folder: Path, receiver: Receiver, messages: int) -> None:
    """A database that owes messages to a webhook, of a gateway that is gone."""
    with Gateway([model("m-0")], key="k") as gateway:
        settings(folder, gateway.url, webhook=receiver.url)
        receiver.always = status(500)
        for size in (1, 1 + messages):
            gateway.catalog = [model(f"m-{n}") for n in range(size)]
            with running("poll") as process:
                process.communicate()
    # What failed once is due again at once.
    with sqlite3.connect(folder / "test.db") as connection:
        connection.execute("UPDATE delivery SET next_at = 0, attempts = 0")
    connection.close()
    receiver.requests.clear()


def states(folder: Path) -> list[str]:
    database = Database(f"sqlite:///{folder / 'test.db'}")
    with database.read() as connection:
        found = [one.state for one in deliveries.deliveries(connection)]
    database.close()
    return found


@pytest.mark.parametrize("command", ["run", "deliver"])
def test_a_post_in_hand_is_finished_and_no_other_begins(tmp_path: Path, command: str) -> None:
    with receiving() as receiver:
        owing(tmp_path, receiver, 3)

        def slow(handler: BaseHTTPRequestHandler) -> None:
            time.sleep(3)
            status(204)(handler)

        receiver.always = slow
        with running(command) as process:
            wait_for(lambda: receiver.requests)
            code, _ = stopped(process)
        assert len(receiver.requests) == 1
    assert states(tmp_path) == ["delivered", "pending", "pending"]
    assert code == (1 if command == "deliver" else 0)


def test_a_receiver_that_never_answers_keeps_no_process_alive(tmp_path: Path) -> None:
    with receiving() as receiver, raw_server(silent) as server:
        owing(tmp_path, receiver, 3)
        _move_webhook(tmp_path, receiver, server)
        with running("deliver") as process:
            wait_for(lambda: server.requests)
            code, told = stopped(process)
        assert (code, len(server.requests)) == (1, 1)
    assert "still in hand" not in told
    assert states(tmp_path) == ["pending"] * 3


def _move_webhook(folder: Path, receiver: Receiver, server: RawServer) -> None:
    file = folder / "pricetrail.toml"
    file.write_text(file.read_text().replace(receiver.url, server.url()))


def test_a_database_that_gets_locked_keeps_no_service_alive(tmp_path: Path) -> None:
    """It waits up to 30 s for the lock, and no longer than until the signal."""
    with raw_server(answer(CATALOG)) as server:
        settings(tmp_path, server.url())
        with running("run") as process:
            # The poll is over, and its slot is given back: nothing is in hand.
            wait_for(lambda: outcomes(tmp_path) == ["changed"] and not leased(tmp_path))
            locking = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
            locking.execute("BEGIN IMMEDIATE")
            time.sleep(2)
            code, told = stopped(process)
            locking.close()
    assert (code, "still in hand" in told) == (0, False)
    assert told.endswith("stopped: everything in hand was finished\n")


def test_a_database_that_is_locked_from_the_start_keeps_no_process_alive(tmp_path: Path) -> None:
    with raw_server(answer(CATALOG)) as server:
        settings(tmp_path, server.url())
        locking = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
        locking.execute("BEGIN EXCLUSIVE")
        with running("run") as service, running("poll") as poll:
            time.sleep(1)
            service.send_signal(signal.SIGTERM)
            poll.send_signal(signal.SIGTERM)
            ended = [ends(service), ends(poll)]
        locking.close()
        assert server.requests == []
    for code, told in ended:
        assert (code, told.count("\n")) == (1, 1)
        assert told.startswith("pricetrail: stopped")


def test_an_import_is_interrupted(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    marked = "import pathlib; pathlib.Path('begun').touch()"
    with running("import", "pipe.jsonl", before=marked) as process:
        wait_for((tmp_path / "begun").exists)
        time.sleep(0.3)
        code, told = stopped(process)
    assert code == 1
    assert "stopped by a signal" in told


def test_a_process_that_has_just_started_is_interrupted(tmp_path: Path) -> None:
    """One of its own, as this is while it imports and begins."""
    marked = "import pathlib; pathlib.Path('begun').touch()"
    with subprocess.Popen(
        [sys.executable, "-c", f"{marked}\n{COMMAND_LINE}", "demo"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        wait_for((tmp_path / "begun").exists)
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        try:
            _, told = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, "Traceback" in told) == (1, False)
    assert "stopped by a signal" in told
