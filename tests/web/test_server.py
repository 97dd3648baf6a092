"""The server: its socket, its end, and what it makes of a proxy's headers."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from typing import Any
from unittest.mock import Mock

import pytest
from starlette.testclient import TestClient

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.errors import FailedError, InvalidInputError
from pricetrail.storage.database import Database
from pricetrail.web import connections, server
from pricetrail.web.access.hosts import Hosts
from pricetrail.web.access.sending import HEADERS
from pricetrail.web.access.tokens import Tokens
from pricetrail.web.access.tries import MOST
from pricetrail.web.app import create_app
from pricetrail.web.site import Site
from tests.support.histories import build, catalog, model

TOKEN = "t0ken-of-the-team"
WHOLE = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@contextmanager
def running(url: str, *trusted: str, **site: Any) -> Iterator[tuple[server.Page, Site]]:
    database = Database(url)
    try:
        made = Site(database=database, hosts=Hosts("127.0.0.1"), **site)
        with server.serving(made, server.listen("127.0.0.1", 0), trusted) as page:
            yield page, made
    finally:
        database.close()


FORM = (
    b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
)


def ended(connection: socket.socket) -> bool:
    """Wait for what comes, which is to be the end."""
    try:
        return connection.recv(100) == b""
    except ConnectionError:
        return True


def connect(page: server.Page) -> socket.socket:
    host, port = page.address.removeprefix("http://").rstrip("/").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def asking(page: server.Page) -> HTTPConnection:
    """A client that sends all that it has before it looks for an answer."""
    host, port = page.address.removeprefix("http://").rstrip("/").split(":")
    return HTTPConnection(host, int(port), timeout=20)


@pytest.mark.parametrize(
    ("host", "shown"),
    [("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("::1", "[::1]"), ("[::1]", "[::1]")],
)
def test_a_free_port_is_taken_and_told(host: str, shown: str) -> None:
    with server.listen(host, 0) as listening:
        port = listening.getsockname()[1]
        assert server.address(listening, "/prices") == f"http://{shown}:{port}/prices/"


def test_no_answer_waits_to_be_acknowledged() -> None:
    with (
        server.listen("127.0.0.1", 0) as listening,
        socket.create_connection(listening.getsockname()),
    ):
        connection, _ = listening.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("nowhere.invalid", "Name or service not known"),
        ("203.0.113.7", "Cannot assign requested address"),
        ("::1%none", "this is no address"),
    ],
)
def test_an_address_that_cannot_be_had_is_told(
    monkeypatch: pytest.MonkeyPatch, host: str, why: str
) -> None:
    if "%" in host:
        # What Python makes of a name that is too long, or has an empty part.
        monkeypatch.setattr(socket, "getaddrinfo", Mock(side_effect=UnicodeError("label")))
    with pytest.raises(FailedError) as refusal:
        server.listen(host, 0)
    assert str(refusal.value) == (
        f"cannot listen on {host} port 0: {why}; choose another with --host and --port"
    )


def test_what_is_bound_at_last_decides_whether_a_token_is_needed(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(sqlite_url)
    site = Site(database=database, hosts=Hosts("localhost"))
    server.require_tokens("localhost", site.tokens)
    # As if somebody had made `localhost` another address.
    with (
        pytest.raises(InvalidInputError, match="can be reached by others, and no token is set"),
        server.serving(site, server.listen("0.0.0.0", 0)),
    ):
        pass
    database.close()


@contextmanager
def behind(url: str, trusted: list[str]) -> Iterator[TestClient]:
    """A client whose requests go the way that they go in uvicorn, without its socket."""
    database = Database(url)
    tokens = Tokens({"team": TOKEN})
    site = Site(database=database, hosts=Hosts("127.0.0.1"), tokens=tokens)
    config = server._config(create_app(site), trusted)
    config.load()
    client = TestClient(config.loaded_app, "http://127.0.0.1", client=("127.0.0.1", 50000))
    client.follow_redirects = False
    yield client
    database.close()


@pytest.mark.parametrize(
    ("trusted", "forwarded", "own"),
    [
        (["127.0.0.1"], "10.0.0.{n}", True),
        (["127.0.0.0/8"], "10.0.0.{n}", True),
        (["127.0.0.1", "10.9.0.0/16"], "10.0.0.{n}, 10.9.0.1", True),
        # What a client says of itself stands before what the proxy adds.
        (["127.0.0.1"], "10.0.0.{n}, 10.1.1.1", False),
        (["10.0.0.0/8"], "10.0.0.{n}", False),
        ([], "10.0.0.{n}", False),
    ],
)
def test_forwarded_addresses_are_believed_of_named_proxies_alone(
    sqlite_url: str, trusted: list[str], forwarded: str, own: bool
) -> None:
    with behind(sqlite_url, trusted) as client:
        for n in range(MOST + 1):
            said = {"x-forwarded-for": forwarded.format(n=n), "authorization": "Bearer wr0ng-one"}
            status = client.get("/metrics", headers=said).status_code
    assert (status == 401) is own


@pytest.mark.parametrize(
    ("trusted", "secure"), [(["127.0.0.1"], True), (["10.0.0.7"], False), ([], False)]
)
def test_the_cookie_is_secure_where_a_named_proxy_says_that_it_speaks_https(
    sqlite_url: str, trusted: list[str], secure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    with behind(sqlite_url, trusted) as client:
        answer = client.post(
            "/login", data={"token": TOKEN}, headers={"x-forwarded-proto": "https"}
        )
    assert answer.headers["set-cookie"].endswith("Secure") is secure


_LOCAL = b"Host: 127.0.0.1\r\n"
# What no browser sends, and how it is answered.
_RAW = {
    b"GET http://evil.example/ HTTP/1.1\r\n" + _LOCAL: 400,
    b"GET /x HTTP/1.0\r\n": 400,
    b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n": 400,
    b"GET /healthz HTTP/1.1\r\n" + 2 * _LOCAL: 400,
    b"GET /\xff HTTP/1.1\r\n" + _LOCAL: 400,
    b"GET /%ff%ed%a0%80 HTTP/1.1\r\n" + _LOCAL: 404,
    b"GET /" + 300_000 * b"a" + b" HTTP/1.1\r\n" + _LOCAL: 400,
    b"OPTIONS * HTTP/1.1\r\n" + _LOCAL: 400,
    b"CONNECT a:1 HTTP/1.1\r\n" + _LOCAL: 400,
    b"nonsense\r\n": 400,
    b"GET /healthz HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n" + _LOCAL: 200,
}


def test_what_no_browser_sends_is_refused(sqlite_url: str) -> None:
    with running(sqlite_url) as (page, _):
        for head, status in _RAW.items():
            with connect(page) as connection:
                connection.sendall(head + b"\r\n")
                answer = connection.recv(10_000)
            assert answer.startswith(b"HTTP/1.1 %d" % status), head[:80]
            assert b"\r\nserver:" not in answer.lower()


LARGE = 17 * 2**20
BUNDLE = {"Content-Type": "multipart/form-data; boundary=b"}
FILE = b'--b\r\nContent-Disposition: form-data; name="bundle"; filename="a"\r\n\r\n'


@pytest.mark.parametrize("connection", ["keep-alive", "close"])
@pytest.mark.parametrize(
    ("path", "more", "status"),
    [
        ("/proof/check", {}, 413),
        ("/login", {}, 413),
        ("/proof/check", {"Transfer-Encoding": "chunked", **BUNDLE}, 413),
        # One field of a form may not be so long.
        ("/proof/check", {"Transfer-Encoding": "chunked"}, 400),
        ("/logout", {}, 303),
        ("/login", {"Transfer-Encoding": "chunked"}, 413),
        ("/proof/check", {"Origin": "http://evil.example"}, 403),
        ("/api/v1/events", {}, 405),
        ("/proof/check", {"Host": "another.example"}, 400),
    ],
)
def test_who_sends_too_much_before_it_looks_still_reads_why(
    sqlite_url: str, path: str, more: dict[str, str], status: int, connection: str
) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Connection": connection}
    chunked = "Transfer-Encoding" in more
    with running(sqlite_url) as (page, _), closing(asking(page)) as client:
        body = iter([FILE] + [b"x" * 2**20] * 17) if chunked else b"x" * LARGE
        client.request("POST", path, body, {**kind, **more}, encode_chunked=chunked)
        answer = client.getresponse()
        assert (answer.status, answer.headers["x-content-type-options"]) == (status, "nosniff")
        answer.read()


def test_who_asks_first_whether_to_send_is_told_at_once(sqlite_url: str) -> None:
    asked = FORM.replace(b": 9", f": {LARGE}\r\nExpect: 100-continue".encode())
    with running(sqlite_url) as (page, _), connect(page) as connection:
        connection.sendall(asked)
        answer = said(connection)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close\r\n" in answer


def test_more_than_anybody_has_is_answered_before_it_came(sqlite_url: str) -> None:
    with running(sqlite_url) as (page, _), connect(page) as connection:
        connection.sendall(FORM.replace(b": 9", b": 9999999999999"))
        assert connection.recv(12) == b"HTTP/1.1 413"


def test_a_request_that_does_not_come_is_not_waited_for(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "PATIENCE", 0.3)
    with running(sqlite_url) as (page, _):
        silent, slow, slow_form, good = (connect(page) for _ in range(4))
        good.sendall(WHOLE)
        slow.sendall(b"GET /healthz HTT")
        slow_form.sendall(FORM + b"to")
        for connection in (silent, slow, slow_form):
            assert ended(connection)
            connection.close()
        # One that has been answered is kept for the next request.
        assert good.recv(1000).startswith(b"HTTP/1.1 200")
        good.sendall(WHOLE)
        assert good.recv(1000).startswith(b"HTTP/1.1 200")
        good.close()


def said(connection: socket.socket) -> bytes:
    """All that comes until the end."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def test_those_who_only_began_to_ask_make_room_for_others(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_MOST_CONNECTIONS", 3)
    with running(sqlite_url) as (page, _), ExitStack() as opened:
        first, second, third = (opened.enter_context(connect(page)) for _ in range(3))
        first.sendall(FORM + b"to")
        third.sendall(b"GET /healthz HTT")
        for gone in (first, second):
            good = opened.enter_context(connect(page))
            good.sendall(WHOLE)
            assert good.recv(12) == b"HTTP/1.1 200"
            assert ended(gone)
        # Nobody else was ended for it.
        third.sendall(WHOLE[16:])
        assert third.recv(12) == b"HTTP/1.1 200"


def test_where_too_many_are_answered_the_next_is_told_to_come_again(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_MOST_CONNECTIONS", 1)
    database = Database(sqlite_url)
    build(database, "s", [("10:00", catalog(model("m")))])
    database.close()
    with running(sqlite_url) as (page, _), connect(page) as follower:
        follower.sendall(b"GET /api/v1/events/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert follower.recv(12) == b"HTTP/1.1 200"
        with connect(page) as late:
            late.sendall(WHOLE)
            answer = said(late)
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"\r\nretry-after: 5\r\n" in answer
    guarded(answer)


def test_what_is_no_request_is_refused_as_guardedly(sqlite_url: str) -> None:
    with running(sqlite_url) as (page, _), connect(page) as connection:
        connection.sendall(b"\x16\x03\x01\r\n\r\n")
        answer = said(connection)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    guarded(answer)


def guarded(answer: bytes) -> None:
    """Whether an answer says of itself what all do, once."""
    head, _, body = answer.partition(b"\r\n\r\n")
    for name, value in HEADERS.items():
        assert head.count(f"\r\n{name}: {value}".encode()) == 1
    assert b"\r\ncontent-type: application/problem+json" in head
    assert json.loads(body)["detail"]


def test_it_ends_soon_whatever_is_open(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connections, "GRACE", 0.3)
    with caplog.at_level(logging.ERROR), running(sqlite_url) as (page, site):
        idle, half = connect(page), connect(page)
        idle.sendall(WHOLE)
        assert idle.recv(12)
        half.sendall(b"GET /hea")
    assert site.stopping.is_set()
    assert not page.failed
    assert caplog.records == []
    assert not [thread for thread in threading.enumerate() if thread.name == "web"]
    idle.close()
    half.close()


def test_a_server_that_does_not_start_is_told(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise RuntimeError("s3cret")

    monkeypatch.setattr(connections.Server, "startup", fails)
    with pytest.raises(FailedError, match="the page could not start"), running(sqlite_url):
        pass
    assert "the page failed: RuntimeError" in caplog.text
    assert "s3cret" not in caplog.text


def test_one_that_ends_by_itself_says_so_and_hurts_nobody_else(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, ended = threading.Event(), threading.Event()

    async def tick(*_: object) -> bool:
        if broken.is_set():
            raise RuntimeError("a fault of the server")
        return False

    monkeypatch.setattr(connections.Server, "on_tick", tick)
    database = Database(sqlite_url)
    site = Site(database=database, hosts=Hosts("127.0.0.1"))
    with server.serving(site, server.listen("127.0.0.1", 0), (), ended.set) as page:
        broken.set()
        assert ended.wait(10)
        assert page.failed
    assert "the page failed: RuntimeError" in caplog.text
    database.close()


def test_another_site_answers_from_the_next_request_on(sqlite_url: str) -> None:
    """Nothing was committed meanwhile: a page that was kept is another's all the same."""
    database = Database(sqlite_url)
    build(database, "s", [("10:00", catalog(model("m")))])
    database.close()
    before, after = (Webhook(name=name, url="https://x.example/") for name in ("first", "second"))
    with running(sqlite_url, webhooks=(before,)) as (page, site), connect(page) as follower:
        follower.sendall(b"GET /api/v1/events/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert follower.recv(12) == b"HTTP/1.1 200"
        client = asking(page)
        for _ in range(2):
            assert b">first<" in got(client, "/deliveries")[1]
        page.replace(replace(page.site, webhooks=(after,)))
        assert b">second<" in got(client, "/deliveries")[1]
        page.replace(replace(page.site, tokens=Tokens({"team": TOKEN})))
        assert got(client, "/api/v1/sources")[0] == 401
        client.close()
        # Who follows has to come back, and to show who it is.
        while follower.recv(1000):
            pass
        assert site.stopping.is_set()
        assert not page.site.stopping.is_set()


def got(client: HTTPConnection, path: str) -> tuple[int, bytes]:
    client.request("GET", path)
    answer = client.getresponse()
    return answer.status, answer.read()
