"""A fault at every call of the database's driver, one by one, until a run passes untouched."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pricetrail.jobs.polls import recording, together
from pricetrail.jobs.polls.together import Together
from tests.faults import faulty_postgres, faulty_sqlite
from tests.faults.broken import BROKEN
from tests.faults.copies import Copies, Files, OnServer
from tests.faults.faulty_drivers import Fault, faulty
from tests.faults.trying import PASSWORD, Trial, trial
from tests.faults.works import DUE, EVERY_CALL, SOME, WORKS, Work
from tests.support.postgres import Postgres
from tests.support.volume import size

pytestmark = pytest.mark.slow

KINDS = {"sqlite": faulty_sqlite.KINDS, "postgres": faulty_postgres.KINDS}
Way = tuple[str, bool]


@pytest.fixture(params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def copies(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Copies]:
    template = request.getfixturevalue(f"_{backend}_template")
    if backend == "sqlite":
        yield Files(tmp_path, template)
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    with OnServer(server, template, user=f"postgres:{PASSWORD}") as found:
        yield found


def ways_of(backend: str, number: int, name: str) -> list[Way]:
    """The kinds of fault that a call is to meet, once or for good: in turn, or all of them.

    A commit of which nobody knows whether it was done is always among them.
    """
    ways = [(kind, lasts) for kind in KINDS[backend] for lasts in (False, True)]
    lost = [(faulty_postgres.AFTER, False)] if (backend, name) == ("postgres", "commit") else []
    some = size(1, len(ways))
    chosen = [ways[(number + more) % len(ways)] for more in range(some)]
    return list(dict.fromkeys([*lost, *chosen]))


def fail_each(this: Trial, backend: str, step: int) -> int:
    """Let every `step`th call fail, until one is not made any more; the number of that one."""
    counted = Fault()
    this.try_with(faulty(counted))
    number = 1
    while True:
        name = counted.calls[number - 1] if number <= len(counted.calls) else ""
        for kind, lasts in ways_of(backend, number, name):
            fault = Fault(number, kind, lasts)
            ended = this.try_with(faulty(fault))
            if not fault.came:
                assert ended.code == this.usual.code
                return number
        number += step


@pytest.mark.parametrize("name", WORKS)
def test_whichever_call_fails_nothing_is_lost(copies: Copies, backend: str, name: str) -> None:
    step = 1 if name == EVERY_CALL else size(SOME, 1)
    with trial(WORKS[name], copies) as this:
        untouched = fail_each(this, backend, step)
    assert untouched > 50


def test_what_is_recorded_at_once_is_lost_for_none(
    copies: Copies, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where polls cannot be recorded by one transaction, each is by its own, in the same run."""
    writing, sizes = threading.local(), []
    real, record = Together._write, recording.record_plain

    def write(self: Together) -> None:
        writing.now = True
        try:
            real(self)
        finally:
            writing.now = False

    def recorded(connection: Any, seen: Any) -> None:
        sizes.append(len(seen))
        record(connection, seen)

    monkeypatch.setattr(Together, "_write", write)
    monkeypatch.setattr(together, "record_plain", recorded)
    with trial(Work(DUE, still=3), copies) as this:
        for number in range(1, 10_000):
            kinds = KINDS[backend]
            kind = kinds[number % len(kinds)]
            fault = Fault(number, kind, only_while=lambda: getattr(writing, "now", False))
            ended = this.try_with(faulty(fault))
            assert ended.code == 0, ended
            if not fault.came:
                break
    assert number > 10
    assert max(sizes) > 1


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_product_is_noticed(copies: Copies, backend: str, how: str) -> None:
    name, broken = BROKEN[how]
    with trial(WORKS[name], copies) as this, broken():
        # Nothing is to be seen of it where nothing fails.
        this.try_with(faulty(Fault()))
        with pytest.raises(AssertionError):
            fail_each(this, backend, 5)
