"""Connections that are kept between exchanges: when one is used again, and when not."""

import multiprocessing
import shutil
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from pricetrail.net import deadline
from pricetrail.net.connections import Response
from pricetrail.net.kept import KeptConnections
from pricetrail.net.no_answer import Cause, NoAnswerError
from pricetrail.net.ssrf import GuardError
from tests.support.sockets import RawServer, Script, hear, one_by_one, raw_server

CERTIFICATES = Path(__file__).parents[1] / "support" / "certificates"
AUTHORITY = str(CERTIFICATES / "ca.pem")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
UNCHANGED = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'


@pytest.fixture
def kept() -> Iterator[KeptConnections]:
    connections = KeptConnections(idle=60)
    yield connections
    connections.close()


def get(
    kept: KeptConnections,
    url: str,
    headers: dict[str, str] | None = None,
    *,
    seconds: float = 20,
    stopping: threading.Event | None = None,
    **way: str,
) -> tuple[int, bytes]:
    with kept.exchange(
        url,
        "GET",
        headers or {},
        seconds=seconds,
        stopping=stopping,
        allow_private=True,
        proxy=way.get("proxy"),
        ca_file=way.get("ca_file"),
    ) as response:
        return response.status_code, body(response)


def body(response: Response) -> bytes:
    return b"".join(response.iter_raw())


def hangs_up(connection: socket.socket) -> None:
    """Nothing more is said, nor waited for."""


def deaf(connection: socket.socket) -> None:
    """One more request is heard, and the connection closed for an answer."""
    hear(connection)


def half(connection: socket.socket) -> None:
    hear(connection)
    connection.sendall(OK[:20])


def connections_to(server: RawServer) -> int:
    """On how many connections it was asked something."""
    return len(server.requests)


def test_one_exchange_follows_another_on_a_connection_and_leaves_no_header_behind(
    kept: KeptConnections,
) -> None:
    heard: list[str] = []
    with raw_server(one_by_one(OK, UNCHANGED, OK, heard=heard)) as server:
        assert get(kept, server.url(), {"X-Key": "first"}) == (200, b"ok")
        assert get(kept, server.url() + "?b", {"X-Other": "second"}) == (304, b"")
        assert get(kept, server.url()) == (200, b"ok")
        assert connections_to(server) == 1
        kept.close()
    assert "X-Key: first" in server.requests[0]
    assert [request.partition(" HTTP")[0] for request in heard] == [
        "GET /v1/models?b",
        "GET /v1/models",
    ]
    assert "X-Other: second" in heard[0]
    assert "first" not in "".join(heard)
    assert "second" not in heard[1]


def test_one_over_tls_is_kept_too(kept: KeptConnections) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "localhost.pem")
    with raw_server(one_by_one(OK, OK), tls=context) as server:
        for _ in range(2):
            assert get(kept, server.url("localhost"), ca_file=AUTHORITY) == (200, b"ok")
        assert connections_to(server) == 1
        kept.close()


@pytest.mark.parametrize("end", [hangs_up, deaf])
def test_one_that_was_closed_meanwhile_is_no_failure(kept: KeptConnections, end: Script) -> None:
    with raw_server(one_by_one(OK, end=end), one_by_one(OK)) as server:
        for _ in range(2):
            assert get(kept, server.url()) == (200, b"ok")
        assert connections_to(server) == 2
        kept.close()


def test_a_new_one_that_breaks_too_is_a_failure(kept: KeptConnections) -> None:
    with raw_server(one_by_one(OK, end=deaf), hangs_up, one_by_one(OK)) as server:
        get(kept, server.url())
        with pytest.raises(NoAnswerError) as caught:
            get(kept, server.url())
        assert connections_to(server) == 2
    assert caught.value.cause is Cause.NOT_HTTP


def test_an_answer_that_breaks_off_on_a_kept_one_is_not_asked_for_again(
    kept: KeptConnections,
) -> None:
    with raw_server(one_by_one(OK, end=half)) as server:
        get(kept, server.url())
        with pytest.raises(NoAnswerError):
            get(kept, server.url())
        assert connections_to(server) == 1


@pytest.mark.parametrize(
    "answer",
    [
        OK.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n"),
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        # What was not asked for is nobody's answer.
        OK + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother",
        OK + b"H",
        UNCHANGED + OK,
    ],
    ids=["close", "HTTP/1.0", "a second answer", "a byte more", "a body of a 304"],
)
def test_one_that_holds_anything_else_is_not_used_again(
    kept: KeptConnections, answer: bytes
) -> None:
    with raw_server(one_by_one(answer), one_by_one(OK)) as server:
        get(kept, server.url())
        assert get(kept, server.url()) == (200, b"ok")
        assert connections_to(server) == 2
        kept.close()


def test_one_whose_answer_was_not_read_to_its_end_is_not_used_again(kept: KeptConnections) -> None:
    with raw_server(one_by_one(OK)) as server:
        for _ in range(2):
            with kept.exchange(server.url(), "GET", {}, seconds=20, allow_private=True):
                pass
        assert connections_to(server) == 2
        kept.close()


def test_what_the_reader_raises_ends_the_connection(kept: KeptConnections) -> None:
    with raw_server(one_by_one(OK)) as server:
        for _ in range(2):
            with (
                pytest.raises(LookupError),
                kept.exchange(server.url(), "GET", {}, seconds=20, allow_private=True),
            ):
                raise LookupError
        assert connections_to(server) == 2


def test_a_name_that_no_alphabet_has_does_not_resolve(kept: KeptConnections) -> None:
    asked = kept.exchange("http://xn--0.invalid/", "GET", {}, seconds=5, allow_private=True)
    with pytest.raises(NoAnswerError) as caught, asked:
        pass
    assert caught.value.cause is Cause.UNRESOLVED


def test_each_way_has_connections_of_its_own(kept: KeptConnections, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "localhost.pem")
    other = tmp_path / "ca.pem"
    shutil.copy(AUTHORITY, other)
    with raw_server(one_by_one(OK), tls=context) as server:
        for host, ca_file in [
            ("localhost", AUTHORITY),
            ("127.0.0.1", AUTHORITY),
            ("localhost", str(other)),
        ]:
            get(kept, server.url(host), ca_file=ca_file)
        assert connections_to(server) == 3
        with pytest.raises(NoAnswerError) as caught:
            get(kept, server.url("localhost"))
        assert caught.value.cause is Cause.TLS
        kept.close()


def test_proxies_are_told_apart_by_their_passwords(kept: KeptConnections) -> None:
    heard: list[str] = []
    with raw_server(one_by_one(OK, OK, heard=heard)) as proxy:
        for password in ("one", "two", "one"):
            by = f"http://user:{password}@127.0.0.1:{proxy.port}"
            get(kept, "http://gateway.invalid/", proxy=by)
        assert connections_to(proxy) == 2
        kept.close()
    assert len(heard) == 1


def test_what_may_lead_inside_is_nothing_for_who_may_not(kept: KeptConnections) -> None:
    with raw_server(one_by_one(OK)) as server:
        get(kept, server.url())
        with (
            pytest.raises(GuardError),
            kept.exchange(server.url(), "GET", {}, seconds=20, allow_private=False),
        ):
            pytest.fail("it was reached")
        kept.close()


def test_authorities_that_changed_on_disk_are_read_anew(
    kept: KeptConnections, tmp_path: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "localhost.pem")
    ca_file = tmp_path / "ca.pem"
    shutil.copy(AUTHORITY, ca_file)
    with raw_server(one_by_one(OK), tls=context) as server:
        get(kept, server.url("localhost"), ca_file=str(ca_file))
        ca_file.write_text("none any more", encoding="utf-8")
        with pytest.raises(NoAnswerError) as caught:
            get(kept, server.url("localhost"), ca_file=str(ca_file))
        kept.close()
    assert caught.value.cause is Cause.AUTHORITIES


def test_the_deadline_holds_on_a_kept_one_and_nothing_is_asked_again(kept: KeptConnections) -> None:
    with raw_server(one_by_one(OK)) as server:
        get(kept, server.url())
        with pytest.raises(NoAnswerError) as caught:
            get(kept, server.url(), seconds=0.2)
        assert connections_to(server) == 1
    assert caught.value.cause is Cause.SLOW


def test_the_stop_ends_an_exchange_on_a_kept_one(
    kept: KeptConnections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadline, "LAST_SECONDS", 0.2)
    stop = threading.Event()
    with raw_server(one_by_one(OK)) as server:
        get(kept, server.url(), stopping=stop)
        stop.set()
        with pytest.raises(NoAnswerError) as caught:
            get(kept, server.url(), stopping=stop)
        assert connections_to(server) == 1
    assert caught.value.cause is Cause.STOPPED


def test_two_at_once_have_a_connection_each_and_both_are_kept(kept: KeptConnections) -> None:
    def asked(server: RawServer) -> AbstractContextManager[Response]:
        return kept.exchange(server.url(), "GET", {}, seconds=20, allow_private=True)

    with raw_server(one_by_one(OK, OK)) as server:
        for _ in range(2):
            with asked(server) as first, asked(server) as second:
                assert body(first) == body(second) == b"ok"
        assert connections_to(server) == 2
        kept.close()


# When they are closed


def tells(ended: threading.Event) -> Script:
    """Answer once; tell when the other side hangs up."""

    def end(connection: socket.socket) -> None:
        if not hear(connection):
            ended.set()

    return one_by_one(OK, end=end)


def test_one_that_is_idle_is_closed_and_the_thread_that_does_it_ends() -> None:
    kept, ended = KeptConnections(idle=0.2), threading.Event()
    before = set(threading.enumerate())
    with raw_server(tells(ended)) as server:
        get(kept, server.url())
        assert ended.wait(10)
    for thread in set(threading.enumerate()) - before:
        if thread.name == "idle":
            thread.join(10)
            assert not thread.is_alive()
    assert not any(thread.name == "idle" for thread in set(threading.enumerate()) - before)


def test_one_that_is_old_is_not_used_again() -> None:
    kept = KeptConnections(idle=60, oldest=0)
    with raw_server(one_by_one(OK)) as server:
        for _ in range(2):
            get(kept, server.url())
        assert connections_to(server) == 2
        kept.close()


def test_of_too_many_the_longest_idle_is_closed() -> None:
    kept, ended = KeptConnections(idle=60, most=1), threading.Event()
    with raw_server(tells(ended)) as first, raw_server(one_by_one(OK, OK)) as second:
        get(kept, first.url())
        get(kept, second.url())
        assert ended.wait(10)
        get(kept, second.url())
        assert connections_to(second) == 1
        kept.close()


def test_closing_hangs_up_on_all_and_the_next_exchange_begins_anew(kept: KeptConnections) -> None:
    ended = threading.Event()
    with raw_server(tells(ended), one_by_one(OK)) as server:
        get(kept, server.url())
        kept.close()
        assert ended.wait(10)
        assert get(kept, server.url()) == (200, b"ok")
        kept.close()


def test_a_child_that_was_forked_leaves_its_parents_connections_alone(
    kept: KeptConnections,
) -> None:
    def ask() -> None:
        assert get(kept, server.url()) == (200, b"ok")
        kept.close()

    heard: list[str] = []
    with raw_server(one_by_one(OK, OK, heard=heard), one_by_one(OK)) as server:
        get(kept, server.url())
        child = multiprocessing.get_context("fork").Process(target=ask)
        child.start()
        child.join(20)
        assert child.exitcode == 0
        assert connections_to(server) == 2
        assert heard == []
        get(kept, server.url())
        assert len(heard) == 1
        kept.close()
