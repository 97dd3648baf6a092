"""No transaction outlives the building of an answer's bytes: nobody waits for a slow reader."""

import socket
import sqlite3
import threading
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

from pricetrail.storage.database import Database
from pricetrail.web import connections
from tests.support.histories import at, build, catalog, model
from tests.web.test_server import connect, running

# Some megabytes: more than the buffers on the way hold.
MODELS = [model(f"m{number:03}", note="x" * 20_000) for number in range(400)]
LONG = ("/v1/models", "/at/2026-03-01T10:30:00Z/v1/models", "/api/v1/models")


@pytest.fixture
def long_url(sqlite_url: str) -> str:
    database = Database(sqlite_url)
    build(database, "s", [("10:00", catalog(*MODELS)), ("11:00", catalog(*MODELS, model("n")))])
    database.close()
    return sqlite_url


def test_who_reads_byte_by_byte_holds_no_lock(long_url: str) -> None:
    path = Path(long_url.removeprefix("sqlite:///"))
    with running(long_url) as (page, _), ExitStack() as stack:
        readers = []
        for address in LONG:
            reader = stack.enter_context(connect(page))
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.sendall(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            readers.append(reader)
            assert reader.recv(12) == b"HTTP/1.1 200", address
        # Where anybody still read, this would not be had at once.
        with closing(sqlite3.connect(path, timeout=0)) as alone:
            alone.execute("BEGIN EXCLUSIVE")
            alone.execute("ROLLBACK")
        for reader in readers:
            assert reader.recv(1)


def test_who_goes_away_leaves_nothing_open(long_url: str) -> None:
    with running(long_url) as (page, _):
        for _ in range(12):
            with connect(page) as reader:
                reader.sendall(b"GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                assert reader.recv(12) == b"HTTP/1.1 200"
        # More than there are threads and connections went away; it still answers.
        assert httpx.get(f"{page.address}healthz").status_code == 200
        assert len(httpx.get(f"{page.address}v1/models", timeout=30).json()["data"]) == 401


def test_the_end_does_not_wait_for_who_reads_slowly(
    long_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connections, "GRACE", 0.3)
    with running(long_url) as (page, _):
        reader = connect(page)
        reader.sendall(b"GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert reader.recv(12) == b"HTTP/1.1 200"
    assert not [thread for thread in threading.enumerate() if thread.name == "web"]
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    reader.close()


def test_polls_that_write_make_no_reader_fail(long_url: str) -> None:
    database = Database(long_url)
    stop = threading.Event()
    statuses: list[int] = []

    def read(address: str) -> None:
        with httpx.Client(base_url=address, timeout=30) as client:
            while not stop.is_set():
                statuses.extend(client.get(path).status_code for path in ("/", "/v1/models/n"))

    with running(long_url) as (page, _):
        readers = [threading.Thread(target=read, args=(page.address,)) for _ in range(3)]
        for reader in readers:
            reader.start()
        for number in range(10):
            found = catalog(model("n", display_name=f"{number}"))
            build(database, "s", [(at("12:00").replace(minute=number), found)])
        stop.set()
        for reader in readers:
            reader.join()
    database.close()
    assert set(statuses) == {200}
