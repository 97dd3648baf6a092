"""Ending on a signal, from a process whose threads hold locks and hang in other people's code."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from pricetrail.jobs.stopping import Stop, left_behind

SIGNALS = (signal.SIGTERM, signal.SIGINT)
# A process that has not ended so many seconds after the first signal is ended.
BOUND = 29.0
# One that holds nothing in hand needs only to take away what it had begun to write.
SHORT_BOUND = 10.0

Handler = Callable[[int, FrameType | None], None]


@contextmanager
def stopping_on_signals(stop: Stop, *, bound: float = BOUND) -> Iterator[None]:
    """Set `stop` at SIGTERM and at Ctrl-C; at a second signal, or at the bound, end at once."""

    def ignore(_number: int, _frame: FrameType | None) -> None:
        """The thread that watches does it all."""

    with _watched(ignore, stop.set, lambda: left_behind(stop.unfinished()), bound):
        yield


@contextmanager
def interrupted_by_signals(*, bound: float = SHORT_BOUND) -> Iterator[None]:
    """Raise `KeyboardInterrupt` at SIGTERM as at Ctrl-C, so that what was begun is taken away.

    At a second signal, or at the bound, end at once: a library may be waiting.
    """

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _watched(interrupt, lambda: None, lambda: left_behind([]), bound):
        yield


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """End the process at once, as done, at SIGTERM and at Ctrl-C: it has nothing in hand.

    Its main thread must be where a handler can run, such as in an event loop.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        os._exit(0)

    handlers = {number: signal.signal(number, end) for number in SIGNALS}
    try:
        yield
    finally:
        for number, before in handlers.items():
            signal.signal(number, before)


@contextmanager
def _watched(
    handler: Handler, at_first: Callable[[], None], last_words: Callable[[], str], bound: float
) -> Iterator[None]:
    """Have signals watched by a thread of its own while the body runs.

    A handler of Python's runs in the middle of whatever the main thread does, which may be holding
    the very lock that ending needs; and while the main thread waits inside a library it does not
    run at all. So the interpreter itself writes each signal's number into a socket, in C
    (`signal.set_wakeup_fd`), and a thread reads it there.
    """
    reading, writing = socket.socketpair()
    writing.setblocking(False)
    over = threading.Event()

    def watch() -> None:
        signals = (number for number in iter(lambda: reading.recv(1), b"") if number[0] in SIGNALS)
        for times, _ in enumerate(signals):
            if times:
                _end(last_words())
            threading.Thread(target=limit, name="limit", daemon=True).start()
            at_first()

    def limit() -> None:
        if not over.wait(bound):
            _end(last_words())

    handlers = {number: signal.signal(number, handler) for number in SIGNALS}
    woken = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    watching = threading.Thread(target=watch, name="signals", daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        signal.set_wakeup_fd(woken)
        for number, before in handlers.items():
            signal.signal(number, before)
        writing.close()
        watching.join()
        reading.close()


def _end(words: str) -> None:
    """End at once, with one line: no lock is taken, as others may hang with it."""
    os.write(2, f"pricetrail: {words}\n".encode())
    os._exit(1)
