"""The end of a process: what is in hand is finished, what is not is left behind."""

import threading
import time

import pytest

from pricetrail.jobs import stopping
from pricetrail.jobs.stopping import Stop, StoppedError, left_behind


def test_what_is_in_hand_is_named_until_it_is_done() -> None:
    stop = Stop()
    with stop.in_hand("source a"), stop.in_hand("webhook b"), stop.in_hand("source a"):
        assert stop.unfinished() == ["source a", "webhook b"]
        assert not stop.finished(seconds=0.01)
    assert stop.unfinished() == []
    assert stop.finished(seconds=0)


def test_an_error_lets_go_of_what_was_in_hand() -> None:
    stop = Stop()
    with pytest.raises(ValueError, match="broken"), stop.in_hand("source a"):
        raise ValueError("broken")
    assert stop.unfinished() == []


def test_the_end_waits_for_what_is_in_hand() -> None:
    stop, begun, go_on = Stop(), threading.Event(), threading.Event()

    def work() -> None:
        with stop.in_hand("source a"):
            begun.set()
            go_on.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(10)
    go_on.set()
    assert stop.finished(seconds=10)
    thread.join(10)


def test_work_gives_back_its_result_or_its_error() -> None:
    stop = Stop()
    assert stop.run(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        stop.run(lambda: 1 // 0)


def test_work_that_hangs_with_nothing_in_hand_is_left_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stopping, "MOMENT", 0.01)
    stop, over = Stop(), threading.Event()
    stop.set()
    try:
        with pytest.raises(StoppedError, match="run it again to go on"):
            stop.run(lambda: over.wait(10))
    finally:
        over.set()


def test_work_in_hand_when_the_stop_comes_is_finished() -> None:
    stop = Stop()

    def work() -> str:
        with stop.in_hand("source a"):
            stop.set()
            time.sleep(0.1)
        return "done"

    assert stop.run(work) == "done"


@pytest.mark.parametrize(
    ("names", "words"),
    [([], "before it was done"), (["source a", "webhook b"], r"\(source a, webhook b\)")],
)
def test_what_is_left_behind_is_named(names: list[str], words: str) -> None:
    with pytest.raises(StoppedError, match=words):
        raise StoppedError(left_behind(names))
