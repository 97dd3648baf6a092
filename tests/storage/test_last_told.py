"""A clock that is dear to ask is asked once a second, by one of all who want to know."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from pricetrail.storage import last_told
from pricetrail.storage.last_told import LastTold

_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Machine:
    """This machine's clock as a test sets it, and another one that is counted as it is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds, self.asked, self.told = 100.0, 0, LastTold()
        monkeypatch.setattr(last_told, "_awake_or_not", lambda: self.seconds)

    def ask(self) -> datetime:
        self.asked += 1
        return self.told.note(_NOON + timedelta(hours=self.asked))

    def now(self) -> datetime:
        return self.told.now(self.ask)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_it_is_read_on_for_less_than_a_second(machine: Machine) -> None:
    first = machine.now()
    machine.seconds += 0.999
    assert machine.now() == first + timedelta(milliseconds=999)
    assert machine.asked == 1
    machine.seconds += 0.001
    assert machine.now() == _NOON + timedelta(hours=2)


def test_what_was_asked_for_another_reason_counts(machine: Machine) -> None:
    machine.told.note(_NOON)
    machine.seconds += 0.25
    assert machine.now() == _NOON + timedelta(milliseconds=250)
    assert machine.asked == 0


def test_one_asks_for_all_who_come_meanwhile() -> None:
    told, begun, may_end = LastTold(), threading.Event(), threading.Event()
    asked = []

    def ask() -> datetime:
        asked.append(threading.get_ident())
        begun.set()
        may_end.wait(10)
        return told.note(_NOON)

    with ThreadPoolExecutor(8) as threads:
        found = [threads.submit(told.now, ask) for _ in range(8)]
        begun.wait(10)
        time.sleep(0.05)
        may_end.set()
        moments = [one.result() for one in found]
    assert len(asked) == 1
    assert all(_NOON <= one < _NOON + timedelta(seconds=1) for one in moments)


def test_who_cannot_be_asked_is_asked_again(machine: Machine) -> None:
    def broken() -> datetime:
        raise OSError("no answer")

    with pytest.raises(OSError, match="no answer"):
        machine.told.now(broken)
    assert machine.now() == _NOON + timedelta(hours=1)
