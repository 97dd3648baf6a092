"""A total deadline: what is too slow is cut, whatever it waits for (faults 11, 77)."""

import socket
import threading
from contextlib import closing

import pytest

from pricetrail.net import deadline
from pricetrail.net.deadline import Line, within
from pricetrail.net.no_answer import Cause, NoAnswerError


def test_what_is_done_in_time_gives_its_result_and_keeps_its_connection() -> None:
    here, there = socket.socketpair()
    with here, there, closing(Line()) as line:
        line.hold(here)
        assert within(60, line, lambda: 7) == 7
        there.sendall(b"still open")
        assert here.recv(20) == b"still open"


def test_what_the_work_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        within(60, Line(), lambda: 1 // 0)


def test_who_waits_on_the_connection_is_woken_when_time_is_up() -> None:
    ended = threading.Event()
    here, there = socket.socketpair()

    def work() -> None:
        here.recv(1)
        ended.set()

    line = Line()
    with here, there:
        line.hold(here)
        with pytest.raises(NoAnswerError) as caught:
            within(0.05, line, work)
        assert ended.wait(10)
    assert caught.value.cause is Cause.SLOW


def test_a_connection_made_after_the_cut_is_shut_at_once() -> None:
    line = Line()
    line.cut()
    here, there = socket.socketpair()
    with here, there:
        line.hold(here)
        assert there.recv(1) == b""


def test_a_connection_that_is_closed_is_closed_for_the_other_side_too() -> None:
    here, there = socket.socketpair()
    line = Line()
    with there:
        line.hold(here)
        here.close()
        line.close()
        there.settimeout(10)
        assert there.recv(1) == b""


def test_the_next_connection_takes_the_place_of_the_last() -> None:
    first, of_first = socket.socketpair()
    second, of_second = socket.socketpair()
    line = Line()
    with of_first, second, of_second:
        line.hold(first)
        first.close()
        line.hold(second)
        of_first.settimeout(10)
        assert of_first.recv(1) == b""
        line.cut()
        assert of_second.recv(1) == b""


def test_after_the_stop_a_little_time_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "LAST_SECONDS", 0.2)
    stop, go_on = threading.Event(), threading.Event()
    stop.set()
    assert within(60, Line(), lambda: go_on.wait(0.05), stop) is False
    with pytest.raises(NoAnswerError) as caught:
        within(60, Line(), lambda: go_on.wait(20), stop)
    go_on.set()
    assert caught.value.cause is Cause.STOPPED
    assert not caught.value.retry
