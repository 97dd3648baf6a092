"""A service ends at SIGTERM and Ctrl-C, whatever its main thread was doing."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway
from pricetrail.signals import stop_on_signals

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _own_handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_the_main_thread_holds_the_lock_that_stopping_needs(
    number: signal.Signals,
) -> None:
    lock, stopped = threading.Lock(), threading.Event()

    def stop() -> None:
        # The timeout keeps a handler that runs in the main thread from hanging the test.
        if lock.acquire(timeout=5):
            stopped.set()

    stop_on_signals(stop)
    with lock:
        signal.raise_signal(number)
        assert not stopped.is_set()
    assert stopped.wait(10)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
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
    assert (process.returncode, told) == (0, "")
