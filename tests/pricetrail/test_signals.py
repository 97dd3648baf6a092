"""A process ends at SIGTERM and Ctrl-C, whatever its threads are doing."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway
from pricetrail.jobs.stopping import Stop
from pricetrail.signals import ended_by_signals, interrupted_by_signals, stopping_on_signals

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
BOTH = [signal.SIGTERM, signal.SIGINT]
ALL = [*BOTH, signal.SIGHUP]


@pytest.fixture(autouse=True)
def _hangups_are_heard() -> Iterator[None]:
    """Whoever runs the tests may ignore them."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


class Locking(Stop):
    """One that takes a lock of somebody else's to be set."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()

    def set(self) -> None:
        # The timeout keeps a handler that runs in the main thread from hanging the test.
        if self.lock.acquire(timeout=5):
            super().set()


@pytest.mark.parametrize("number", ALL)
def test_a_signal_while_the_main_thread_holds_the_lock_that_stopping_needs(
    number: signal.Signals,
) -> None:
    stop = Locking()
    with stopping_on_signals(stop):
        with stop.lock:
            signal.raise_signal(number)
            assert not stop.is_set()
        assert stop.wait(10)


@pytest.mark.parametrize("number", ALL)
def test_afterwards_signals_do_what_they_did_before(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    stop = Stop()
    with stopping_on_signals(stop):
        assert signal.getsignal(number) is not before
    assert signal.getsignal(number) is before
    assert signal.set_wakeup_fd(-1) == -1
    assert not stop.is_set()


@pytest.mark.parametrize("number", ALL)
def test_what_only_answers_questions_is_ended_as_done(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    child = os.fork()
    if child == 0:
        with ended_by_signals():
            signal.raise_signal(number)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with ended_by_signals():
        assert signal.getsignal(number) is not before
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("number", ALL)
def test_what_has_nothing_in_hand_is_interrupted(number: signal.Signals) -> None:
    with interrupted_by_signals(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(number)


def test_a_service_is_told_of_each_hangup_and_goes_on() -> None:
    heard, stop = threading.Semaphore(0), Stop()
    with stopping_on_signals(stop, hangup=heard.release):
        for _ in range(2):
            signal.raise_signal(signal.SIGHUP)
            assert heard.acquire(timeout=10)
        assert not stop.is_set()


def test_a_terminal_that_closes_may_say_so_twice() -> None:
    with interrupted_by_signals():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGHUP)
    stop = Stop()
    with stopping_on_signals(stop):
        for _ in range(2):
            signal.raise_signal(signal.SIGHUP)
            assert stop.wait(10)


def test_a_hangup_that_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stop = Stop()
    for way in (stopping_on_signals(stop), interrupted_by_signals(), ended_by_signals()):
        with way:
            signal.raise_signal(signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    assert not stop.is_set()


@pytest.mark.parametrize("number", BOTH)
def test_the_service_ends_with_success(number: signal.Signals, tmp_path: Path) -> None:
    with Gateway([{"id": "a"}], key="k") as gateway:
        settings = {"PIPELLM_API_KEY": "k", "PRICETRAIL_URL": gateway.url}
        with subprocess.Popen(
            [sys.executable, "-m", "pricetrail", "run"],
            cwd=tmp_path,
            env=os.environ | settings | {"PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as process:
            assert process.stderr is not None
            assert any("changed, version 1" in line for line in process.stderr)
            process.send_signal(number)
            try:
                _, told = process.communicate(timeout=60)
            finally:
                process.kill()
    assert process.returncode == 0
    assert told.endswith(" info stopped: everything in hand was finished\n")
    assert told.count("\n") == 1


# A library that waits inside C, on the main thread: no handler of Python's runs meanwhile.
_IN_C = """
import sqlite3
from pricetrail.jobs.stopping import Stop
from pricetrail.signals import ended_by_signals, interrupted_by_signals, stopping_on_signals
locking = sqlite3.connect(FILE, isolation_level=None)
locking.execute("BEGIN EXCLUSIVE")
waiting = sqlite3.connect(FILE, isolation_level=None, timeout=60)
stop = Stop()
waits = stopping_on_signals(stop, bound=BOUND) if STOPPING else interrupted_by_signals(bound=BOUND)
with waits, stop.in_hand("source slow"):
    print("ready", flush=True)
    waiting.execute("BEGIN IMMEDIATE")
"""


def ended(script: str, *, signals: int) -> tuple[int, str]:
    """Send signals to a script once it is ready; its exit code, and what it said."""
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for _ in range(signals):
            # It is to be inside the library by then; and one that comes while another of its kind
            # is pending is none of its own.
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
        try:
            _, told = process.communicate(timeout=45)
        finally:
            process.kill()
    return process.returncode, told


@pytest.mark.parametrize("stopping", [True, False])
@pytest.mark.parametrize(("signals", "bound"), [(1, 0.5), (2, 600.0)])
def test_a_library_that_waits_keeps_no_process_alive(
    stopping: bool, signals: int, bound: float, tmp_path: Path
) -> None:
    """At the bound, or at a second signal, it ends; the one line says what was in hand."""
    file = str(tmp_path / "locked.db")
    script = f"BOUND, STOPPING, FILE = {bound}, {stopping}, {file!r}\n{_IN_C}"
    code, told = ended(script, signals=signals)
    assert code == 1
    assert told.count("\n") == 1
    assert told.startswith("pricetrail: stopped")
    assert ("source slow" in told) == stopping
