"""A total deadline: what is too slow is cut, whatever it waits for (faults 11, 77)."""

import multiprocessing
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def lines() -> Iterator[Line]:
    line = Line()
    yield line
    line.close()


@pytest.fixture
def line() -> Iterator[Line]:
    with lines() as opened:
        yield opened


def wait_for_cut(line: Line) -> None:
    with pytest.raises(NoAnswerError) as caught, within(0.01, line):
        line.aside(lambda: time.sleep(2))
    assert caught.value.cause is line.cut is Cause.SLOW


def test_what_is_done_in_time_keeps_its_connection(
    line: Line, pair: tuple[socket.socket, socket.socket]
) -> None:
    here, there = pair
    line.hold(here)
    for _ in range(2):
        with within(0.4, line):
            there.sendall(b"still open")
            assert here.recv(20) == b"still open"
    time.sleep(0.6)
    assert line.cut is None


def test_what_the_body_raises_is_raised(line: Line) -> None:
    with pytest.raises(ZeroDivisionError), within(60, line):
        raise ZeroDivisionError


@pytest.mark.parametrize("body_fails", [False, True])
def test_who_waits_on_the_connection_is_woken_when_time_is_up(
    line: Line, pair: tuple[socket.socket, socket.socket], *, body_fails: bool
) -> None:
    line.hold(pair[0])

    def receive() -> None:
        with within(0.05, line):
            assert pair[0].recv(1) == b""
            if body_fails:
                raise LookupError

    with pytest.raises(NoAnswerError) as caught:
        receive()
    assert caught.value.cause is Cause.SLOW


def test_one_that_is_out_of_time_takes_no_other_along(
    line: Line, pair: tuple[socket.socket, socket.socket]
) -> None:
    with within(60, line), lines() as other:
        line.hold(pair[0])
        wait_for_cut(other)
        pair[1].sendall(b"still open")
        assert pair[0].recv(20) == b"still open"


def watching() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "deadline"]


def test_one_thread_looks_at_all_and_ends_once_there_is_nothing_to_look_at() -> None:
    with lines() as slow, lines() as other, within(60, other):
        wait_for_cut(slow)
        [thread] = watching()
        assert other.cut is None
    thread.join(10)
    assert not thread.is_alive()
    with lines() as later:
        wait_for_cut(later)


def test_a_child_that_was_forked_looks_by_itself() -> None:
    with lines() as slow, within(60, slow):
        child = multiprocessing.get_context("fork").Process(target=_cut_in_child)
        child.start()
        child.join(20)
    assert child.exitcode == 0


def _cut_in_child() -> None:
    with lines() as line:
        wait_for_cut(line)


def test_what_waits_aside_gives_its_result_or_raises(line: Line) -> None:
    assert line.aside(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        line.aside(lambda: 1 // 0)


def test_a_connection_made_after_the_cut_is_shut_at_once(
    line: Line, pair: tuple[socket.socket, socket.socket]
) -> None:
    wait_for_cut(line)
    line.hold(pair[0])
    assert pair[1].recv(1) == b""
    assert line.left() == 0


def test_a_connection_that_is_closed_is_closed_for_the_other_side_too(
    line: Line, pair: tuple[socket.socket, socket.socket]
) -> None:
    line.hold(pair[0])
    pair[0].close()
    line.close()
    assert pair[1].recv(1) == b""


def test_the_next_connection_takes_the_place_of_the_last(
    line: Line, pair: tuple[socket.socket, socket.socket]
) -> None:
    second, of_second = socket.socketpair()
    with second, of_second:
        line.hold(pair[0])
        pair[0].close()
        line.hold(second)
        assert pair[1].recv(1) == b""
        wait_for_cut(line)
        assert of_second.recv(1) == b""


def test_after_the_stop_a_little_time_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "LAST_SECONDS", 0.5)
    stop = threading.Event()
    stop.set()
    with lines() as line:
        with within(60, line, stop):
            time.sleep(0.05)
        with pytest.raises(NoAnswerError) as caught, within(60, line, stop):
            line.aside(lambda: time.sleep(2))
    assert caught.value.cause is Cause.STOPPED
    assert not caught.value.retry
