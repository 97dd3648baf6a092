"""Ending on a signal, from a process whose threads hold locks."""

import signal
import threading
from collections.abc import Callable
from queue import SimpleQueue
from types import FrameType


def stop_on_signals(stop: Callable[[], None]) -> None:
    """Have `stop` called, on a thread of its own, at SIGTERM and at Ctrl-C.

    A handler runs in the middle of whatever the main thread does, and that may be holding the
    very lock that `stop` needs: `threading.Event.wait` holds the one of `set` for a moment, and the
    process would then never end. So the handler takes no lock: `SimpleQueue.put` may be called
    anywhere (https://docs.python.org/3/library/queue.html#queue.SimpleQueue.put).
    """
    caught: SimpleQueue[int] = SimpleQueue()

    def put(number: int, _frame: FrameType | None) -> None:
        caught.put(number)

    def wait() -> None:
        caught.get()
        stop()

    threading.Thread(target=wait, name="signals", daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, put)
