"""The dead man's switch: told beside the polls, silent where they fail, and never a secret lost."""

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from pricetrail.jobs.polls import pings
from pricetrail.jobs.polls.gateway import Answer, GatewayError
from pricetrail.jobs.polls.pings import Pings, fail_url
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.polls.results import Polled
from pricetrail.jobs.source import Source
from pricetrail.jobs.stopping import Stop
from tests.jobs.stage import Stage, listing, many, model, staged
from tests.support.receivers import Receiver, Script, receiving, reset, status

SECRET = "b5e71c0d"


@pytest.fixture
def switch() -> Iterator[Receiver]:
    with receiving() as found:
        found.always = status(200, b"OK")
        yield found


@pytest.fixture
def stage(sqlite_url: str, switch: Receiver) -> Iterator[Stage]:
    with staged(sqlite_url, settings={"ping": f"{switch.url}/{SECRET}/?create=1"}) as made:
        yield made


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pings, "_PAUSE", 0.01)


def source(url: str) -> Source:
    return Source(name="s", url="http://localhost/", api_key="k", ping=url)


def sent(url: str, seconds: float = 5.0) -> None:
    """Tell a switch that a poll was answered, and wait for it."""
    stop, asked = Stop(), Pings()
    asked.after(source(url), Polled("s", "unchanged", 1), stop)
    asked.finish(stop, seconds)


@pytest.mark.parametrize(
    ("url", "fail"),
    [
        ("https://hc-ping.com/uuid", "https://hc-ping.com/uuid/fail"),
        ("https://hc-ping.com/uuid/", "https://hc-ping.com/uuid/fail"),
        ("https://hc-ping.com/key/slug?create=1", "https://hc-ping.com/key/slug/fail?create=1"),
        ("http://u:p@h:8000/a%2Fb/?x=/#y", "http://u:p@h:8000/a%2Fb/fail?x=/"),
        ("http://h", "http://h/fail"),
        ("http://h?x", "http://h/fail?x"),
    ],
)
def test_failing_is_said_behind_the_path(url: str, fail: str) -> None:
    assert fail_url(url) == fail


def polled(stage: Stage, poller: Poller, served: dict[str, Any] | GatewayError) -> str:
    """The outcome of one poll, a quarter of an hour later."""
    stage.pass_time(minutes=15)
    if isinstance(served, dict):
        stage.served = Answer(200, json.dumps(served).encode(), None)
    else:
        stage.served = served
    return poller.poll(stage.source()).outcome


def test_each_answer_is_a_sign_of_life_and_failures_are_silence_until_it_is_told(
    stage: Stage, switch: Receiver
) -> None:
    stage.settings["failing_after"] = 2
    poller = stage.poller()

    def after(served: dict[str, Any] | GatewayError) -> list[str]:
        """The outcome of a poll, and the paths that are asked for then."""
        del switch.requests[:]
        outcome = polled(stage, poller, served)
        poller.pings.finish(poller.stopping)
        assert {request.method for request in switch.requests} <= {"GET"}
        return [outcome, *(request.path for request in switch.requests)]

    alive, fail = f"/hook/{SECRET}/?create=1", f"/hook/{SECRET}/fail?create=1"
    assert after(many(12)) == ["changed", alive]
    assert after(many(12)) == ["unchanged", alive]
    assert after(listing(model("one"))) == ["quarantined", alive]
    down = GatewayError("HTTP 503")
    assert [after(down) for _ in range(3)] == [["failed"], ["failed", fail], ["failed"]]
    stage.pass_time(hours=24)
    assert after(down) == ["failed", fail]
    assert after(many(12)) == ["unchanged", alive]


def test_a_poll_that_another_one_overtook_is_no_sign(stage: Stage, switch: Receiver) -> None:
    first = stage.poller()
    assert polled(stage, first, many(12)) == "changed"
    first.pings.finish(first.stopping)
    other = stage.poller()

    def overtaken(_source: Source, _etag: str | None, **_limits: Any) -> Answer:
        other.poll(stage.source())
        return Answer(200, b"", None, not_modified=True)

    late = Poller(stage.database, {}, fetch=overtaken)
    assert late.poll(stage.source()).error is not None
    for poller in (late, other):
        poller.pings.finish(poller.stopping)
    assert len(switch.requests) == 2


@pytest.mark.parametrize(
    ("scripts", "asked", "words"),
    [
        ([status(200, b"OK")], 1, None),
        ([status(204)], 1, None),
        ([status(500), status(200)], 2, None),
        ([reset, status(200)], 2, None),
        ([status(500), status(502), status(200)], 2, "HTTP 502"),
        ([status(429), status(429)], 2, "HTTP 429"),
        ([status(404)], 1, "HTTP 404"),
        ([status(301, Location="https://x.example/")], 1, "set the final address"),
        ([status(200, b"OK (not found)")], 1, "it knows no such check"),
    ],
)
def test_what_goes_wrong_is_a_warning_without_the_address(
    switch: Receiver,
    caplog: pytest.LogCaptureFixture,
    scripts: list[Script],
    asked: int,
    words: str | None,
) -> None:
    switch.scripts[:] = scripts
    sent(f"{switch.url}/{SECRET}")
    assert len(switch.requests) == asked
    assert [record.levelno for record in caplog.records] == ([logging.WARNING] if words else [])
    assert (words or "") in caplog.text
    assert SECRET not in caplog.text
    assert "127.0.0.1" not in caplog.text


def test_a_switch_that_nobody_listens_at_is_a_warning_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    sent(f"http://127.0.0.1:{port}/{SECRET}")
    assert "source s: " in caplog.text
    assert "refused" in caplog.text
    assert SECRET not in caplog.text


def test_one_that_hangs_keeps_no_poll_and_no_end_waiting(
    stage: Stage,
    switch: Receiver,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    came, gone = threading.Event(), threading.Event()
    monkeypatch.setattr(pings, "_LAST", 0.05)

    def hang(handler: BaseHTTPRequestHandler) -> None:
        came.set()
        gone.wait(20)
        handler.close_connection = True

    switch.always = hang
    poller = stage.poller()
    assert polled(stage, poller, many(12)) == "changed"
    assert came.wait(10)
    assert polled(stage, poller, many(12)) == "unchanged"
    poller.stopping.set()
    poller.pings.finish(poller.stopping)
    assert caplog.text.count("source pipellm: ") == 1
    assert "failed: not over in time" in caplog.text
    gone.set()


def test_of_what_waits_to_be_asked_the_newest_is(switch: Receiver) -> None:
    came, free = threading.Event(), threading.Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        came.set()
        free.wait(20)
        status(200, b"OK")(handler)

    switch.always = hang
    stop, asked = Stop(), Pings()
    for _ in range(50):
        asked.after(source(switch.url), Polled("s", "unchanged", 1), stop)
        assert came.wait(10)
    asked.after(source(switch.url), Polled("s", "failed", 1, told=True), stop)
    free.set()
    asked.finish(stop)
    first, last = [request.path for request in switch.requests]
    assert not first.endswith("/fail")
    assert last.endswith("/fail")


def test_a_fault_of_ours_fails_no_poll(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> tuple[str, bool]:
        raise ValueError(SECRET)

    monkeypatch.setattr(pings, "_once", broken)
    sent("https://hc-ping.com/x")
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text


def test_no_more_than_its_time_is_taken(
    switch: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b"x")
            time.sleep(0.02)

    monkeypatch.setattr(pings, "LONGEST", 0.2)
    switch.always = slow
    sent(switch.url)
    assert "no answer in time" in caplog.text
    assert len(switch.requests) == 1
