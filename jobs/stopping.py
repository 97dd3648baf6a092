"""The end of a process: a stop that every wait obeys, and what is in hand when it comes."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from pricetrail.catalog.errors import PricetrailError

T = TypeVar("T")

# What is in hand when the stop comes may be finished until then, in seconds.
GRACE = 25.0
# What holds nothing in hand gets so long to notice.
MOMENT = 2.0


class StoppedError(PricetrailError):
    """The process was asked to end before the work was done."""


class Hand:
    """What is in hand from the first time that it is entered, until it is left."""

    __slots__ = ("_held", "_stop", "_what")

    def __init__(self, stop: "Stop", what: str) -> None:
        self._stop, self._what, self._held = stop, what, False

    def __enter__(self) -> None:
        if not self._held:
            self._held = True
            self._stop.count(self._what, 1)

    def __exit__(self, *_error: object) -> None:
        if self._held:
            self._held = False
            self._stop.count(self._what, -1)


class Stop(threading.Event):
    """Set when the process is to end: nothing new is begun then, and every wait is over.

    In hand is what others would miss, or get twice: a slot or a message that was claimed, until
    its outcome is written down. Everything else may be dropped at any moment.
    """

    def __init__(self) -> None:
        super().__init__()
        self._in_hand: Counter[str] = Counter()
        self._changed = threading.Condition()

    def in_hand(self, what: str) -> "Hand":
        """Its body is worth waiting for; `what` names it to the operator."""
        return Hand(self, what)

    def count(self, what: str, more: int) -> None:
        """Have one more of something in hand, or one less."""
        with self._changed:
            self._in_hand[what] += more
            if more < 0:
                self._changed.notify_all()

    def unfinished(self) -> list[str]:
        """What is in hand now, by name."""
        # No lock, as it is also asked at the very end, when others may hang with it.
        return sorted(what for what, times in list(self._in_hand.items()) if times > 0)

    def finished(self, seconds: float = GRACE) -> bool:
        """Wait until nothing is in hand any more; False where that takes longer."""
        with self._changed:
            return self._changed.wait_for(lambda: not self.unfinished(), timeout=seconds)

    def run(self, work: Callable[[], T]) -> T:
        """Do work on a thread of its own, which is left behind if it hangs after the stop.

        Raises:
            StoppedError: it was left behind; whatever it had claimed runs out by itself.
        """
        done = threading.Event()
        results: list[T] = []
        errors: list[BaseException] = []

        def do() -> None:
            try:
                results.append(work())
            except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
                errors.append(error)
            done.set()

        threading.Thread(target=do, name="work", daemon=True).start()
        while not done.wait(0.05) and not self.is_set():
            pass
        if not done.is_set():
            began = time.monotonic()
            self.finished()
            done.wait(MOMENT if time.monotonic() - began < GRACE else 0)
        if errors:
            raise errors[0]
        if not results:
            raise StoppedError(left_behind(self.unfinished()))
        return results[0]


def left_behind(unfinished: list[str]) -> str:
    """One line on a process that ends before its work is done."""
    if not unfinished:
        return "stopped before it was done; run it again to go on"
    return (
        f"stopped with work still in hand ({', '.join(unfinished)}): its lease runs out by itself, "
        "and somebody else goes on from there"
    )
