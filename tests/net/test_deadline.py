"""A fetch under way at the stop: finished if it soon is, else cut short; and no other begins."""

import threading
from datetime import timedelta

import pytest

from pricetrail.jobs.polls.gateway import GatewayError, fetch
from pricetrail.jobs.stopping import Stop
from pricetrail.net import deadline
from tests.jobs.fetching import CATALOG, OK, source
from tests.support.sockets import Script, answer, drips, raw_server, silent


def stop_at(stop: Stop, play: Script) -> Script:
    """Set the stop once the request is there, then answer as `play` does."""

    def answering(connection: object) -> None:
        stop.set()
        play(connection)  # type: ignore[arg-type]

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
