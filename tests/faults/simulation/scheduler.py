"""Threads of which one runs at a time: whoever comes to a point waits until it is chosen again."""

import threading
from collections.abc import Callable

# A thread that comes to no point for so many seconds hangs.
_HANGS_AFTER = 60.0


class Killed(BaseException):
    """The end of a process, wherever its threads are: nothing of theirs goes on."""


class HangsError(AssertionError):
    """A thread waits for something that is none of the points."""


class Actor:
    """One thread of a process: its work, and where it waits.

    Args:
        work: called with the actor; comes to points by itself.
    """

    def __init__(self, name: str, work: "Callable[[Actor], None]") -> None:
        self.name = name
        self.where = "begins"
        self.error: BaseException | None = None
        # Until when it is stopped, in seconds of the world.
        self.stopped_until = 0
        self.done = False
        self._doomed = False
        # Each is held by whoever waits to be let through.
        self._go, self._back = threading.Lock(), threading.Lock()
        self._go.acquire()
        self._back.acquire()
        self._work = work
        _Thread(self).start()

    @property
    def idle(self) -> bool:
        """Whether it has nothing in hand."""
        return self.done or self.where == "idle"

    def resume(self) -> None:
        """Let it run up to its next point."""
        self._go.release()
        if not self._back.acquire(timeout=_HANGS_AFTER):
            raise HangsError(f"{self.name} hangs after {self.where}")

    def kill(self) -> None:
        """End it where it waits."""
        self._doomed = True
        if not self.done:
            self.resume()

    def point(self, where: str) -> None:
        """Wait here to be chosen again; called on the actor's own thread."""
        if self._doomed:
            raise Killed
        self.where = where
        self._back.release()
        self._go.acquire()
        if self._doomed:
            raise Killed

    def run(self) -> None:
        """What its thread does."""
        self._go.acquire()
        try:
            if not self._doomed:
                self._work(self)
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001 - raised again by whoever looks at the world
            self.error = error
        finally:
            self.done = True
            self._back.release()


class _Thread(threading.Thread):
    def __init__(self, actor: Actor) -> None:
        super().__init__(name=actor.name, daemon=True)
        self.actor = actor

    def run(self) -> None:
        self.actor.run()


def current() -> Actor | None:
    """The actor whose thread this is; None on any other, which waits at no point."""
    thread = threading.current_thread()
    return thread.actor if isinstance(thread, _Thread) else None


def point(where: str) -> None:
    """Wait at a point, if this is an actor's thread."""
    actor = current()
    if actor is not None:
        actor.point(where)
