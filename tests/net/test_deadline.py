"""A total deadline: what is too slow is cut, whatever it waits for (faults 11, 77)."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from pricetrail.net import deadline
from pricetrail.net.deadline import Line, within
from pricetrail.net.no_answer import Cause, NoAnswerError


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    here, there = socket.socketpair()
    with here, there:
        there.settimeout(10)
        yield here, there


def is_cut() -> Line:
    line = Line()
    line.begin(0, None)
    line.look()
    assert line.cut is Cause.SLOW
    return line


def test_what_is_done_in_time_keeps_its_connection(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    here, there = pair
    with closing(Line()) as line:
        line.hold(here)
        for _ in range(2):
            with within(60, line):
                there.sendall(b"still open")
                assert here.recv(20) == b"still open"
        line.look()
        assert line.cut is None


def test_what_the_body_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError), within(60, Line()):
        raise ZeroDivisionError


@pytest.mark.parametrize("body_fails", [False, True])
def test_who_waits_on_the_connection_is_woken_when_time_is_up(
    pair: tuple[socket.socket, socket.socket], *, body_fails: bool
) -> None:
    line = Line()
    line.hold(pair[0])

    def receive() -> None:
        with within(0.05, line):
            assert pair[0].recv(1) == b""
            if body_fails:
                raise LookupError

    with pytest.raises(NoAnswerError) as caught:
        receive()
    assert caught.value.cause is Cause.SLOW
    line.close()


def test_one_that_is_out_of_time_takes_no_other_along(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    with closing(Line()) as patient, within(60, patient):
        patient.hold(pair[0])
        with pytest.raises(NoAnswerError), closing(Line()) as hasty, within(0.05, hasty):
            hasty.aside(threading.Event().wait)
        pair[1].sendall(b"still open")
        assert pair[0].recv(20) == b"still open"


def test_the_thread_that_looks_ends_when_there_is_nothing_to_look_at() -> None:
    with within(60, Line()):
        [thread] = [one for one in threading.enumerate() if one.name == "deadlines"]
    thread.join(10)
    assert not thread.is_alive()
    with pytest.raises(NoAnswerError), within(0.05, Line()):
        time.sleep(0.5)


def test_what_waits_aside_gives_its_result_or_raises() -> None:
    with within(60, Line()):
        assert Line().aside(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            Line().aside(lambda: 1 // 0)


def test_a_connection_made_after_the_cut_is_shut_at_once(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    line = is_cut()
    line.hold(pair[0])
    assert pair[1].recv(1) == b""
    assert line.left() == 0


def test_a_connection_that_is_closed_is_closed_for_the_other_side_too(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    line = Line()
    line.hold(pair[0])
    pair[0].close()
    line.close()
    assert pair[1].recv(1) == b""


def test_the_next_connection_takes_the_place_of_the_last(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    second, of_second = socket.socketpair()
    line = Line()
    with second, of_second, closing(line):
        line.hold(pair[0])
        pair[0].close()
        line.hold(second)
        assert pair[1].recv(1) == b""
        line.begin(0, None)
        line.look()
        assert of_second.recv(1) == b""


def test_after_the_stop_a_little_time_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "LAST_SECONDS", 0.4)
    stop, go_on = threading.Event(), threading.Event()
    stop.set()
    with within(60, Line(), stop):
        time.sleep(0.05)
    line = Line()
    with pytest.raises(NoAnswerError) as caught, within(60, line, stop):
        line.aside(go_on.wait)
    go_on.set()
    assert caught.value.cause is Cause.STOPPED
    assert not caught.value.retry
