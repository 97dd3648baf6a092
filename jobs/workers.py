"""Threads for jobs, so many at most, that keep no process from ending."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class Workers:
    """Runs jobs in the order they came, at most `most` at once.

    Unlike those of `concurrent.futures`, its threads are not waited for when the interpreter
    ends: a job that hangs in the system's resolver, or in the database's library, is left behind.
    """

    def __init__(self, most: int, name: str) -> None:
        self.most = most
        self.name = name
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._threads = 0

    def submit(self, job: Callable[[], T]) -> "Future[T]":
        """Have a job run; its result, or what it raised."""
        future: Future[T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = job()
            except BaseException as error:  # noqa: BLE001 - handed to whoever asks for the result
                future.set_exception(error)
            else:
                future.set_result(result)

        with self._lock:
            self._waiting.append(run)
            begin = self._threads < self.most
            self._threads += begin
        if begin:
            threading.Thread(target=self._work, name=self.name, daemon=True).start()
        return future

    def clear(self) -> None:
        """Forget the jobs that wait for a thread."""
        with self._lock:
            self._waiting.clear()

    def _work(self) -> None:
        """Run jobs until none waits; the thread ends then."""
        while True:
            with self._lock:
                if not self._waiting:
                    self._threads -= 1
                    return
                run = self._waiting.popleft()
            run()
