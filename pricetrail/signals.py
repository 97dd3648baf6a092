"""What signals do to a process whose threads hold locks and hang in other people's code.

SIGTERM and Ctrl-C end it. SIGHUP has a service read its configuration again, and ends any other
command; where it is ignored, as under `nohup`, it stays ignored.
"""

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


def take_hangups() -> None:
    """Let a SIGHUP end the command: `__main__` holds it until it is known which one it is."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})


@contextmanager
def stopping_on_signals(
    stop: Stop, *, hangup: Callable[[], object] | None = None, bound: float = BOUND
) -> Iterator[None]:
    """Set `stop` at SIGTERM and at Ctrl-C; at a second signal, or at the bound, end at once.

    Args:
        hangup: called at each SIGHUP, and back at once; without it a SIGHUP stops as well.
    """

    def ignore(_number: int, _frame: FrameType | None) -> None:
        """The thread that watches does it all."""

    with _watched(ignore, stop.set, lambda: left_behind(stop.unfinished()), bound, hangup):
        # It may have been held since the process began; of a service it is again at its end.
        held = signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)


@contextmanager
def interrupted_by_signals(*, bound: float = SHORT_BOUND) -> Iterator[None]:
    """Raise `KeyboardInterrupt` at SIGTERM and SIGHUP as at Ctrl-C, so that what was begun is
    taken away.

    At a second signal, or at the bound, end at once: a library may be waiting.
    """
    interrupted = False

    def interrupt(number: int, _frame: FrameType | None) -> None:
        nonlocal interrupted
        if interrupted and number == signal.SIGHUP:
            return
        interrupted = True
        raise KeyboardInterrupt

    with _watched(interrupt, lambda: None, lambda: left_behind([]), bound):
        yield


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """End the process at once, as done, at any of the signals: it has nothing in hand.

    Its main thread must be where a handler can run, such as in an event loop.
    """

    def end(_number: int, _frame: FrameType | None) -> None:
        os._exit(0)

    with _handled(end):
        yield


@contextmanager
def _handled(handler: Handler) -> Iterator[None]:
    """Have the signals handled while the body runs; one that is ignored stays ignored."""
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    numbers = SIGNALS if ignored else (*SIGNALS, signal.SIGHUP)
    handlers = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, before in handlers.items():
            signal.signal(number, before)


@contextmanager
def _watched(
    handler: Handler,
    at_first: Callable[[], None],
    last_words: Callable[[], str],
    bound: float,
    hangup: Callable[[], object] | None = None,
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
        ending = False
        for number in iter(lambda: reading.recv(1), b""):
            if number[0] == signal.SIGHUP and hangup is not None:
                hangup()
            elif number[0] not in (*SIGNALS, signal.SIGHUP):
                continue
            elif not ending:
                ending = True
                threading.Thread(target=limit, name="limit", daemon=True).start()
                at_first()
            elif number[0] != signal.SIGHUP:
                # A terminal that closes may send that one more than once.
                _end(last_words())

    def limit() -> None:
        if not over.wait(bound):
            _end(last_words())

    watching = threading.Thread(target=watch, name="signals", daemon=True)
    try:
        with _handled(handler), _woken(writing):
            watching.start()
            yield
    finally:
        over.set()
        writing.close()
        watching.join()
        reading.close()


@contextmanager
def _woken(writing: socket.socket) -> Iterator[None]:
    """Have each signal's number written into a socket while the body runs."""
    before = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)


def _end(words: str) -> None:
    """End at once, with one line: no lock is taken, as others may hang with it."""
    os.write(2, f"pricetrail: {words}\n".encode())
    os._exit(1)
