"""Points that a process passes, at one of which it kills itself (in children of tests).

Before and after every statement, before a transaction begins, before and after each commit, around
every POST. The last one that was passed stands in a file: whoever kills the process from outside
can tell where it was.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect

from pricetrail.jobs.deliveries import sending
from pricetrail.storage.database import Database

_LONGEST = 80


@dataclass
class Notes:
    """Where a process is, in a file of a line: `tick` (of the round), what it does, which phase."""

    file: int = -1
    tick: int = 0
    doing: str = "starting"
    point: int = 0
    after: float = 0.0
    passed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


notes = Notes()
_own = threading.local()


def passed(phase: str = "") -> None:
    """Note that a point was passed, and die at the one that was chosen."""
    if notes.file < 0:
        return
    within = getattr(_own, "writing", 0)
    said = phase or ("within a transaction" if within else "between transactions")
    with notes.lock:
        notes.passed += 1
        line = f"{notes.tick}|{notes.doing}|{said}|{notes.passed}"
        os.pwrite(notes.file, line.ljust(_LONGEST).encode(), 0)
        if notes.passed != notes.point:
            return
    if notes.after:
        threading.Thread(target=_die_soon, daemon=True).start()
    else:
        die()


def die() -> None:
    """End as no process would by itself."""
    os.kill(os.getpid(), signal.SIGKILL)


def _die_soon() -> None:
    """Let the others go on for some microseconds: into a commit, or a request."""
    until = time.perf_counter() + notes.after
    while time.perf_counter() < until:
        time.sleep(0)
    die()


def watch(file: Path, tick: int, point: int, after: float) -> None:
    """Pass points from now on; `after` so many seconds from number `point` the process dies."""
    notes.file = os.open(file, os.O_WRONLY | os.O_CREAT)
    notes.tick, notes.point, notes.after = tick, point, after
    event.listen(Engine, "before_cursor_execute", lambda *_: passed())
    event.listen(Engine, "after_cursor_execute", lambda *_: passed())
    _around(DefaultDialect, "do_commit", "committing")
    _around(sending, "post", "posting")
    Database.write = _writing(Database.write)  # type: ignore[method-assign]  # to be passed through
    passed()


def _around(owner: Any, name: str, phase: str) -> None:
    real: Callable[..., Any] = getattr(owner, name)

    @wraps(real)
    def called(*arguments: Any, **options: Any) -> Any:
        passed(phase)
        answer = real(*arguments, **options)
        passed(phase.replace("ing", "ed"))
        return answer

    setattr(owner, name, called)


def _writing(real: Callable[..., Any]) -> Callable[..., Any]:
    @contextmanager
    def write(*arguments: Any, **options: Any) -> Iterator[Any]:
        passed("about to write")
        with real(*arguments, **options) as connection:
            _own.writing = getattr(_own, "writing", 0) + 1
            try:
                passed()
                yield connection
                passed()
            finally:
                _own.writing -= 1
        passed("written")

    return write


def read(file: Path) -> tuple[int, str, str, int]:
    """The round, what was done in it, the phase, and the number of the point passed last."""
    tick, doing, phase, number = file.read_text().strip().split("|")
    return int(tick), doing, phase, int(number)
