"""Connections that nobody reads, that wait for nothing, or whose client has gone."""

import socket
import threading
from collections.abc import Callable
from contextlib import closing
from unittest.mock import Mock

import pytest
import uvicorn
from uvicorn.server import ServerState

from pricetrail.queries import event_pages
from pricetrail.web import connections, server
from pricetrail.web.connections import Connection
from tests.web.test_server import WHOLE, asking, connect, ended, running

EVENTS = b"GET /api/v1/events?limit=%d HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Has one for each connection that the server has lost."""
    count, lose = threading.Semaphore(0), Connection.connection_lost

    def losing(connection: Connection, exc: Exception | None) -> None:
        lose(connection, exc)
        count.release()

    monkeypatch.setattr(Connection, "connection_lost", losing)
    return count


def narrow(host: str, port: int, listen: Callable[[str, int], socket.socket]) -> socket.socket:
    listening = listen(host, port)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    return listening


@pytest.mark.parametrize("requests", [1, 30])
def test_who_reads_nothing_is_left(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, lost: threading.Semaphore, requests: int
) -> None:
    listen = server.listen
    monkeypatch.setattr(server, "listen", lambda host, port: narrow(host, port, listen))
    monkeypatch.setattr(connections, "PATIENCE", 0.3)
    with running(sqlite_url) as (page, _), socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        host, port = page.address.removeprefix("http://").rstrip("/").split(":")
        reader.connect((host, int(port)))
        reader.sendall(requests * WHOLE.replace(b"/healthz", b"/static/style.css"))
        assert lost.acquire(timeout=15)


def test_who_takes_something_is_waited_for() -> None:
    loop, transport = Mock(), Mock()
    connection = Connection(uvicorn.Config(Mock(), log_config=None), ServerState(), {}, loop)
    connection.connection_made(transport)
    # Else the last 64 KiB of an answer could stay unread without being noticed.
    transport.set_write_buffer_limits.assert_called_once_with(0)
    transport.get_write_buffer_size.return_value = 3
    connection.pause_writing()
    # The answer is complete, and no request is waited for before it has been read.
    connection.on_response_complete()
    assert connection.waits_until is None
    for unread in (2, 1, 1):
        transport.abort.assert_not_called()
        transport.get_write_buffer_size.return_value = unread
        timers = [call.args for call in loop.call_later.call_args_list]
        _, look, before = [timer for timer in timers if len(timer) == 3][-1]
        look(before)
    transport.abort.assert_called_once_with()


def test_who_has_read_all_is_waited_for_as_before() -> None:
    loop, transport = Mock(), Mock()
    connection = Connection(uvicorn.Config(Mock(), log_config=None), ServerState(), {}, loop)
    connection.connection_made(transport)
    transport.get_write_buffer_size.return_value = 3
    connection.pause_writing()
    connection.resume_writing()
    assert connection.waits_until is not None
    loop.call_later.assert_called_with(connections.PATIENCE, transport.abort)


def test_those_who_have_been_answered_make_room_for_others(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_MOST_CONNECTIONS", 1)
    with running(sqlite_url) as (page, _), closing(asking(page)) as kept:
        kept.request("GET", "/healthz")
        kept.getresponse().read()
        with connect(page) as late:
            late.sendall(WHOLE)
            assert late.recv(12) == b"HTTP/1.1 200"
        assert ended(kept.sock)


def test_nothing_is_worked_out_for_those_who_have_gone(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, lost: threading.Semaphore
) -> None:
    begun, go, asked = threading.Semaphore(0), threading.Event(), []
    ask = event_pages.ask

    def slowly(*given: object) -> event_pages.EventPage:
        asked.append(given[-1])
        begun.release()
        assert go.wait(20)
        return ask(*given)  # type: ignore[arg-type] # as they came

    monkeypatch.setattr(event_pages, "ask", slowly)
    with running(sqlite_url) as (page, _):
        clients = [connect(page) for _ in range(8)]
        for number, client in enumerate(clients, 1):
            client.sendall(EVENTS % number)
        # As many as there are threads.
        assert begun.acquire(timeout=10)
        assert begun.acquire(timeout=10)
        for client in clients:
            client.close()
        for _ in clients:
            assert lost.acquire(timeout=10)
        go.set()
        # Behind all of them.
        with connect(page) as last:
            last.sendall(EVENTS % 99)
            # There is no source; any answer would do.
            assert last.recv(12) == b"HTTP/1.1 404"
    assert len(asked) == 3
    assert asked[-1] == 99
