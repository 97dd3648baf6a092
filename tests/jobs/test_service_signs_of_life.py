"""The service's signs of life: they go on whatever fails or is slow, and end where a look hangs."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.service import Service
from pricetrail.jobs.source import Source
from pricetrail.jobs.supervisor import Supervisor
from pricetrail.storage.database import Database
from pricetrail.storage.errors import DatabaseUnavailableError
from tests.jobs.stage import KEY


class Told(Supervisor):
    """Counts the rounds."""

    rounds = 0
    ended = False

    def went_round(self, status: str) -> None:
        assert status == "polling 1 source"
        self.rounds += 1

    def ending(self) -> None:
        self.ended = True


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@contextmanager
def running(
    database: Database, monkeypatch: pytest.MonkeyPatch, what: str, job: Callable[..., Any]
) -> Iterator[Told]:
    """A service of which one step was replaced."""
    told = Told()
    source = Source(name="s", url="http://localhost/v1/models", api_key=KEY)
    poller = Poller(database, {}, fetch=job if what == "fetch" else refused)
    deliverer = Deliverer(database, {})
    if what == "release":
        monkeypatch.setattr(deliverer, "release", job)
    if what == "read":
        monkeypatch.setattr(database, "read", job)
    service = Service(database, {"s": source}, poller, deliverer, tick=0.01, supervisor=told)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield told
    finally:
        service.stop()
        thread.join()
    assert told.ended


def refused(*_: Any, **__: Any) -> Answer:
    return Answer(500, b"", None)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize("away", ["fetch", "read", "release"])
def test_rounds_go_on_while_a_gateway_is_slow_or_a_database_away(
    database: Database, monkeypatch: pytest.MonkeyPatch, away: str
) -> None:
    over = threading.Event()

    def fail(*_: Any, **__: Any) -> Any:
        if away == "fetch":
            over.wait(60)
            return refused()
        raise DatabaseUnavailableError("away")

    with running(database, monkeypatch, away, fail) as told:
        wait_for(lambda: told.rounds >= 3)
        over.set()


def test_a_look_that_hangs_ends_them(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging, over, looks = threading.Event(), threading.Event(), []

    def hang() -> None:
        looks.append(1)
        if len(looks) == 3:
            hanging.set()
            over.wait(60)

    with running(database, monkeypatch, "release", hang) as told:
        assert hanging.wait(60)
        # Those looks that do not hang go on.
        time.sleep(0.1)
        rounds = told.rounds
        assert rounds <= 2
        over.set()
        wait_for(lambda: told.rounds > rounds)
