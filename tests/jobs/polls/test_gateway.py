"""The gateway client against real sockets: what is sent, TLS, time, trying again, the stop.

Faults 11, 22, 23 and 25.
"""

import re
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway
from pricetrail.jobs.polls.gateway import ATTEMPTS, GatewayError, fetch
from pricetrail.jobs.stopping import Stop
from pricetrail.net import deadline
from tests.jobs.fetching import CATALOG, KEY, OK, Pauses, get, refusal, source
from tests.support.sockets import Script, answer, drips, raw_server, resets, says, silent

pytestmark = pytest.mark.slow

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


def test_a_public_list_is_asked_for_without_a_key() -> None:
    with raw_server(OK) as server:
        assert get(server.url(), auth="none", api_key="").body == CATALOG
    [request] = server.requests
    assert not any(word in request.lower() for word in ("authorization", "x-api-key"))


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


# TLS (fault 25)


def tls(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / name)
    return context


AUTHORITY = str(CERTIFICATES / "ca.pem")
END_OF_LOCALHOST = datetime(2124, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_the_authority_in_ca_file_is_trusted(host: str) -> None:
    with raw_server(OK, tls=tls("localhost.pem")) as server:
        found = get(server.url(host), ca_file=AUTHORITY)
    assert found.body == CATALOG
    assert found.certificate_ends == END_OF_LOCALHOST


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
    left = [thread for thread in threading.enumerate() if thread.name == "connect"]
    for thread in left:
        thread.join(5)
        assert not thread.is_alive()


# Time (fault 11)


@pytest.mark.parametrize(
    "slow",
    [
        drips(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
        drips(b"HTTP/1.1 200 OK\r\n\r\n{", b" "),
        drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        drips(b"", b"H"),
        silent,
    ],
    ids=["headers", "body", "chunks", "status", "silence"],
)
def test_a_drip_ends_at_the_total_deadline(slow: Script) -> None:
    with raw_server(slow) as server:
        error = refusal(server.url(), deadline=timedelta(seconds=0.25))
    # What was left of the deadline when the attempt began: a shade less on a busy machine.
    assert re.search(r"within 0\.2\d* s \(deadline\)", str(error))


def test_silence_ends_at_the_deadline_and_is_not_tried_beyond_it() -> None:
    with raw_server(silent) as server:
        error = refusal(server.url(), deadline=timedelta(seconds=0.2))
        assert "deadline" in str(error)
        assert len(server.requests) == 1


def test_a_slot_gives_time_for_more_than_one_attempt() -> None:
    with raw_server(silent, OK) as server:
        found = fetch(
            source(server.url(), deadline=timedelta(seconds=0.2)),
            give_up_at=time.monotonic() + 60,
            sleep=Pauses(),
        )
    assert found.body == CATALOG


# Retries


@pytest.mark.parametrize(
    "passing",
    [
        answer(status="500 Oops"),
        answer(status="502 Bad Gateway"),
        answer(status="503 Busy"),
        answer(status="429 Too Many"),
        answer(status="408 Timeout"),
        answer(CATALOG[:10], content_length="37"),
        resets,
        says(b"SSH-2.0-OpenSSH_9.9\r\n"),
        says(b""),
    ],
    ids=["500", "502", "503", "429", "408", "truncated", "reset", "no http", "nothing"],
)
def test_what_may_pass_is_tried_again(passing: Script) -> None:
    pauses = Pauses()
    with raw_server(passing, passing, passing, OK) as server:
        found = fetch(source(server.url()), sleep=pauses)
        assert len(server.requests) == ATTEMPTS
    assert found.body == CATALOG
    for pause, usual in zip(pauses, (0.5, 1.0, 2.0), strict=True):
        assert 0.8 * usual <= pause <= 1.2 * usual


@pytest.mark.parametrize(
    "status", ["400 Bad", "401 No", "403 No", "404 Gone", "405 No", "410 Gone"]
)
def test_what_will_not_pass_is_not_tried_again(status: str) -> None:
    with raw_server(answer(status=status)) as server:
        error = refusal(server.url())
        assert len(server.requests) == 1
    assert error.status == int(status[:3])
    assert not error.retry


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_a_key_that_is_not_accepted_is_said_without_the_key(status: str) -> None:
    echo = answer(f"no such key: {KEY}".encode(), status=status, x_key=KEY)
    with raw_server(echo) as server:
        error = refusal(server.url())
    assert str(error) == f"the key is not accepted (HTTP {status[:3]}): check api_key and auth"


def test_a_wrong_key_at_a_real_gateway_is_one_question() -> None:
    with Gateway(key="another") as gateway:
        assert refusal(gateway.url).status == 401
        assert gateway.requests == 1


def test_a_wait_that_is_woken_ends_the_retries() -> None:
    with raw_server(answer(status="503 Busy")) as server:
        with pytest.raises(GatewayError, match="HTTP 503"):
            fetch(source(server.url()), sleep=lambda _: True)
        assert len(server.requests) == 1


def test_nobody_listening_is_said_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    error = refusal(f"http://127.0.0.1:{port}/v1/models?secret=yes")
    assert str(error) == (
        f"127.0.0.1:{port} refuses the connection: check url, and that the gateway runs"
    )


def test_an_unknown_host_is_said_and_not_tried_again() -> None:
    pauses = Pauses()
    with pytest.raises(GatewayError, match=r"host name gone\.invalid cannot be resolved"):
        fetch(source("https://gone.invalid/v1/models"), sleep=pauses)
    assert pauses == []


# Retry-After (fault 23)


def after(value: str, date: str = "") -> list[float]:
    """The pauses of a fetch whose first answer is 503 with this `Retry-After`."""
    pauses = Pauses()
    busy = answer(status="503 Busy", retry_after=value, date=date)
    with raw_server(busy, OK) as server:
        fetch(source(server.url()), give_up_at=time.monotonic() + 600, sleep=pauses)
    return pauses


def test_retry_after_in_seconds_is_honoured() -> None:
    assert after("37") == [37.0]


def test_retry_after_as_a_date_counts_from_the_answers_own_clock() -> None:
    then = datetime(2031, 5, 4, 10, 0, tzinfo=UTC)
    value = format_datetime(then + timedelta(seconds=45), usegmt=True)
    assert after(value, date=format_datetime(then, usegmt=True)) == [45.0]


@pytest.mark.parametrize(
    "value",
    [
        "-1",
        "0",
        "soon",
        "1.5",
        "١٢",
        "Thu, 99 Foo 2031 10:00:00 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT",
    ],
)
def test_rubbish_and_the_past_leave_the_usual_pause(value: str) -> None:
    (pause,) = after(value)
    assert 0.4 <= pause <= 0.6


@pytest.mark.parametrize("value", ["601", "1000000000", "9" * 15])
def test_a_wait_beyond_the_slot_ends_the_fetch_at_once(value: str) -> None:
    pauses = Pauses()
    with raw_server(answer(status="429 Slow", retry_after=value)) as server:
        with pytest.raises(GatewayError, match="asks to wait") as caught:
            fetch(source(server.url()), give_up_at=time.monotonic() + 600, sleep=pauses)
        assert len(server.requests) == 1
    assert pauses == []
    assert caught.value.status == 429


# The stop


def stop_at(stop: Stop, play: Script) -> Script:
    """Set the stop once the request is there, then answer as `play` does."""

    def answering(connection: object) -> None:
        stop.set()
        play(connection)  # type: ignore[arg-type]  # a stand-in

    return answering


def test_one_that_is_answered_soon_after_the_stop_is_finished() -> None:
    stop = Stop()
    with raw_server(stop_at(stop, OK)) as server:
        found = fetch(source(server.url()), sleep=stop.wait, stopping=stop)
    assert found.body == CATALOG


@pytest.mark.parametrize("play", [silent, drips(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n")])
def test_one_that_is_not_is_cut_short(play: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "LAST_SECONDS", 0.3)
    stop = Stop()
    with raw_server(stop_at(stop, play)) as server:
        patient = source(server.url(), deadline=timedelta(hours=1))
        with pytest.raises(GatewayError, match="stopped while it waited for an answer"):
            fetch(patient, sleep=stop.wait, stopping=stop)
        assert len(server.requests) == 1


@pytest.mark.parametrize("pause", ["", "0", "1", "3"])
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Busy", "500 Broken"])
def test_no_other_try_begins_after_the_stop(status: str, pause: str) -> None:
    stop = Stop()
    refusing = answer(status=status, retry_after=pause)
    with raw_server(stop_at(stop, refusing)) as server:
        with pytest.raises(GatewayError, match=status[:3]):
            fetch(source(server.url()), sleep=stop.wait, stopping=stop)
        assert len(server.requests) == 1


def test_the_stop_wakes_who_waits_to_try_again() -> None:
    stop = Stop()
    with raw_server(answer(status="503 Busy", retry_after="15")) as server:
        threading.Timer(0.5, stop.set).start()
        with pytest.raises(GatewayError, match="503"):
            fetch(source(server.url()), sleep=stop.wait, stopping=stop)
        assert len(server.requests) == 1
    assert stop.is_set()
