"""Fetches over kept connections: one for all sources of a host, and nothing shared but that."""

from collections.abc import Iterator

import pytest

from pricetrail.jobs.polls import gateway
from pricetrail.jobs.polls.gateway import fetch
from pricetrail.net.kept import KeptConnections
from tests.jobs.fetching import CATALOG, Pauses, get, refusal, source
from tests.support.sockets import one_by_one, raw_server

pytestmark = pytest.mark.slow

ETAG = '"a"'
OK = b"HTTP/1.1 200 OK\r\nETag: %b\r\nContent-Length: %d\r\n\r\n%b" % (
    ETAG.encode(),
    len(CATALOG),
    CATALOG,
)
UNCHANGED = b"HTTP/1.1 304 Not Modified\r\n\r\n"
REFUSED = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nnope"


@pytest.fixture(autouse=True)
def _connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    kept = KeptConnections(idle=60)
    monkeypatch.setattr(gateway, "_connections", kept)
    yield
    kept.close()


def test_sources_of_a_host_share_a_connection_and_no_key() -> None:
    heard: list[str] = []
    with raw_server(one_by_one(OK, UNCHANGED, OK, OK, heard=heard)) as server:
        assert get(server.url(), api_key="sk-first-1234567").body == CATALOG
        assert get(server.url(), ETAG, api_key="sk-second-123456").not_modified
        assert get(server.url(), auth="x-api-key", api_key="sk-third-1234567").body == CATALOG
        assert get(server.url(), auth="none", api_key="").body == CATALOG
        gateway._connections.close()
    [first] = server.requests
    second, third, public = heard
    assert "Authorization: Bearer sk-first-1234567\r\n" in first
    assert "Authorization: Bearer sk-second-123456\r\n" in second
    assert f"If-None-Match: {ETAG}\r\n" in second
    assert "x-api-key: sk-third-1234567\r\n" in third
    assert "If-None-Match" not in third
    assert [text.count("sk-") for text in (first, second, third, public)] == [1, 1, 1, 0]


def test_one_that_the_gateway_closed_meanwhile_costs_no_try() -> None:
    def hangs_up(_connection: object) -> None:
        """As most gateways do after a while."""

    pauses = Pauses()
    with raw_server(one_by_one(OK, end=hangs_up), one_by_one(OK)) as server:
        for _ in range(2):
            assert fetch(source(server.url()), sleep=pauses).body == CATALOG
        assert len(server.requests) == 2
        gateway._connections.close()
    assert pauses == []


def test_an_answer_that_is_refused_unread_leaves_nothing_for_the_next() -> None:
    with raw_server(one_by_one(REFUSED), one_by_one(OK)) as server:
        assert refusal(server.url()).status == 401
        assert get(server.url()).body == CATALOG
        assert len(server.requests) == 2
        gateway._connections.close()
