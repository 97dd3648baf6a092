"""Drivers of both databases that count what is asked of them, and let one of the calls fail."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine, event

from pricetrail.storage import database
from tests.faults import faulty_postgres, faulty_sqlite


@dataclass
class Fault:
    """Lets the call with a number fail, in the way that `kind` names; number 0: none.

    `lasts`: whether all that come after it fail as well. `calls`: their names, as they came, over
    all connections and threads. `only_while`: those are counted alone that come while it says so.
    """

    number: int = 0
    kind: str = ""
    lasts: bool = False
    only_while: Callable[[], bool] = lambda: True
    calls: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def came(self) -> bool:
        """Whether the call was made."""
        return 0 < self.number <= len(self.calls)

    def is_now(self, name: str) -> bool:
        """Count a call; whether it is one that is to fail."""
        if not self.only_while():
            return False
        with self._lock:
            self.calls.append(name)
            after = len(self.calls) - self.number
            return bool(self.number) and (after == 0 or (self.lasts and after > 0))


@contextmanager
def faulty(fault: Fault) -> Iterator[None]:
    """Let a fault come in whatever database is opened meanwhile."""
    real = database._engine

    def engine(url: str, replaced: Callable[[], object]) -> Engine:
        made = real(url, replaced)
        ways = faulty_sqlite if made.dialect.name == "sqlite" else faulty_postgres
        event.listen(made, "do_connect", ways.connecting(fault))
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_engine", engine)
        yield
