"""Threads for jobs: bounded, in order, and nobody waits for one that hangs."""

import threading
import time
from concurrent.futures import wait

import pytest

from pricetrail.jobs.stopping import Stop, StoppedError
from pricetrail.jobs.workers import Workers


def test_no_more_jobs_at_once_than_agreed_and_all_of_them_in_the_end() -> None:
    lock, running, most = threading.Lock(), [0], [0]

    def job() -> int:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.005)
        with lock:
            running[0] -= 1
        return 1

    workers = Workers(4, "test")
    futures = [workers.submit(job) for _ in range(40)]
    assert sum(one.result(20) for one in futures) == 40
    assert most[0] == 4


def test_what_a_job_raises_is_its_result_and_the_next_one_runs() -> None:
    workers = Workers(1, "test")
    first, second = workers.submit(lambda: 1 // 0), workers.submit(lambda: 2)
    wait([first, second], timeout=20)
    assert isinstance(first.exception(), ZeroDivisionError)
    assert second.result() == 2


def test_work_that_hangs_is_left_behind_after_the_stop() -> None:
    stop, never = Stop(), threading.Event()

    def hang() -> None:
        stop.set()
        never.wait(60)

    with pytest.raises(StoppedError, match="run it again"):
        stop.run(hang)
    never.set()


def test_what_is_in_hand_at_the_stop_is_finished() -> None:
    stop = Stop()

    def finish() -> str:
        with stop.in_hand("source a"):
            stop.set()
            assert stop.unfinished() == ["source a"]
            assert not stop.finished(0.05)
            time.sleep(0.2)
        return "done"

    assert stop.run(finish) == "done"
    assert stop.finished(0)


def test_an_error_of_the_work_is_raised_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        Stop().run(lambda: 1 // 0)
