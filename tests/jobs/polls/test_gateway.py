"""The gateway client against real sockets: what is sent, and to whom (faults 24, 25, 26)."""

import ssl
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway, Reply
from tests.jobs.fetching import CATALOG, KEY, OK, get, refusal
from tests.support.sockets import answer, drips, raw_server

CERTIFICATES = Path(__file__).parents[2] / "support" / "certificates"

# What is sent


@pytest.mark.parametrize(
    ("auth", "header"),
    [("bearer", f"authorization: Bearer {KEY}"), ("x-api-key", f"x-api-key: {KEY}")],
)
def test_the_key_goes_in_one_header_and_nothing_compressed_is_asked_for(
    auth: str, header: str
) -> None:
    with raw_server(OK) as server:
        assert get(server.url(), auth=auth).body == CATALOG
    lines = server.requests[0].split("\r\n")
    assert lines[0] == "GET /v1/models HTTP/1.1"
    folded = [line.partition(":")[0].lower() + ":" + line.partition(":")[2] for line in lines]
    assert header in folded
    assert sum(KEY in line for line in lines) == 1
    assert "accept-encoding: identity" in folded


@pytest.mark.parametrize("auth", ["bearer", "x-api-key"])
def test_a_real_gateway_takes_either_header(auth: str) -> None:
    with Gateway([{"id": "a"}], key=KEY) as gateway:
        found = get(gateway.url, auth=auth)
    assert found.status == 200
    assert found.body == b'{"object":"list","data":[{"id":"a"}],"total":1}'


def test_the_environments_proxies_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with raw_server(OK) as server:
        assert get(server.url()).body == CATALOG


# ETags (fault 26)


def test_a_known_etag_is_sent_back_and_304_is_believed() -> None:
    with Gateway([{"id": "a"}], key=KEY) as gateway:
        first = get(gateway.url)
        second = get(gateway.url, first.etag)
        gateway.catalog = [{"id": "b"}]
        third = get(gateway.url, first.etag)
    assert (second.status, second.not_modified, second.body, second.etag) == (
        304,
        True,
        None,
        first.etag,
    )
    assert third.body is not None
    assert b'"b"' in third.body
    assert third.etag != first.etag


def test_304_to_a_question_without_etag_is_refused() -> None:
    with raw_server(answer(status="304 Not Modified", content_length="")) as server:
        assert "304 though nothing was known" in str(refusal(server.url()))
        assert len(server.requests) == 1


def test_304_about_another_version_is_refused() -> None:
    other = answer(status="304 Not Modified", content_length="", etag='"other"')
    with raw_server(other) as server:
        assert "another version" in str(refusal(server.url(), '"mine"'))


def test_the_same_etag_with_another_body_is_a_body() -> None:
    with raw_server(answer(CATALOG, etag='"mine"')) as server:
        found = get(server.url(), '"mine"')
    assert (found.status, found.body, found.not_modified) == (200, CATALOG, False)


@pytest.mark.parametrize("etag", ["has space", "é", '"' + "x" * 600 + '"'])
def test_an_etag_that_cannot_be_sent_back_is_not_kept(etag: str) -> None:
    with raw_server(answer(CATALOG, etag=etag)) as server:
        assert get(server.url()).etag is None


# Redirects (fault 24)


@pytest.mark.parametrize("auth", ["bearer", "x-api-key"])
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_fails_and_nobody_else_gets_the_key(auth: str, status: str) -> None:
    with raw_server(OK) as other, raw_server(answer(status=status, location=other.url())) as server:
        error = refusal(server.url(), auth=auth)
        assert "redirect" in str(error)
        assert error.status == int(status[:3])
        assert len(server.requests) == 1
        assert other.requests == []


# TLS (fault 25)


def tls(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / name)
    return context


AUTHORITY = str(CERTIFICATES / "ca.pem")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_authority_in_ca_file_is_trusted(host: str) -> None:
    with raw_server(OK, tls=tls("localhost.pem")) as server:
        assert get(server.url(host), ca_file=AUTHORITY).body == CATALOG


@pytest.mark.parametrize(
    ("certificate", "ca_file", "said"),
    [
        ("localhost.pem", None, "authority is not known here: name it in ca_file"),
        ("expired.pem", AUTHORITY, "the certificate has expired"),
        ("elsewhere.pem", AUTHORITY, "the certificate is for another"),
        ("localhost.pem", __file__, "cannot be read: check ca_file"),
        ("localhost.pem", "/nowhere/ca.pem", "cannot be read: check ca_file"),
    ],
)
def test_a_certificate_that_does_not_hold_fails_before_the_key_is_sent(
    certificate: str, ca_file: str | None, said: str
) -> None:
    with raw_server(OK, tls=tls(certificate)) as server:
        error = refusal(server.url("localhost"), ca_file=ca_file)
        assert server.requests == []
    assert said in str(error)
    assert not error.retry


def test_plain_http_on_a_tls_port_is_said() -> None:
    with raw_server(OK, greets=True) as server:
        url = server.url("localhost").replace("http:", "https:")
        assert "no secure connection could be made: check url and port" in str(refusal(url))


def test_no_thread_is_left_behind_by_a_drip() -> None:
    with raw_server(drips(b"HTTP/1.1 200 OK\r\n\r\n{", b" ")) as server:
        refusal(server.url(), deadline=timedelta(seconds=0.2))
    left = [thread for thread in threading.enumerate() if thread.name == "fetch"]
    for thread in left:
        thread.join(5)
        assert not thread.is_alive()


def test_a_reply_of_the_gateway_may_be_anything() -> None:
    with Gateway(key=KEY) as gateway:
        gateway.reply = Reply(b"<html>", content_type="text/html")
        assert "HTML" in str(refusal(gateway.url))
