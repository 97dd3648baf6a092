"""What a body that is another text comes to, by the dialect that reads it."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from unittest.mock import Mock

import pytest

from pricetrail.catalog.dialects.registry import ReadBy
from pricetrail.jobs.polls import bodies, reviewing
from pricetrail.jobs.polls.bodies import Bodies
from pricetrail.jobs.polls.results import Polled
from pricetrail.jobs.polls.reviewing import VerdictError
from pricetrail.jobs.polls.turns import Turn
from tests.jobs.stage import Stage, staged
from tests.support.dialects import entry, native, spoken


@pytest.fixture
def stage(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    spoken(monkeypatch)
    settings = {"dialect": "xai", "keep": ("/load", "/kind"), "ignore": ("/load",)}
    with staged(database_url, settings=settings) as stage:
        yield stage


def test_what_the_dialect_leaves_out_is_another_text_and_no_change(stage: Stage) -> None:
    stage.poll(native(entry("a", kind="x")))
    first = stage.state.body_hash
    assert stage.poll(native(entry("a", kind="x", up=1))).outcome == "unchanged"
    # The catalog is the same: from here on this text is looked for.
    assert stage.state.body_hash != first
    assert stage.state.head_version == 1


def test_what_is_kept_is_compared_unless_it_is_ignored(stage: Stage) -> None:
    stage.poll(native(entry("a", kind="x", load=1)))
    first = stage.state.body_hash
    assert stage.poll(native(entry("a", kind="x", load=2))).outcome == "unchanged"
    assert stage.state.body_hash == first
    assert stage.poll(native(entry("a", kind="y", load=3))).counts["updated"] == 1
    (event,) = stage.events()
    assert [change.path for change in event.changes] == ["/kind"]


def test_a_suspicious_list_is_set_aside_and_known_again(stage: Stage) -> None:
    stage.poll(native(*(entry(f"m{n}") for n in range(20))))
    few = native(entry("m1"), entry("m2"))
    assert stage.poll(few).outcome == "quarantined"
    again = stage.poll(native(entry("m2", up=3), entry("m1")))
    assert (again.outcome, again.held) == ("quarantined", False)


@pytest.mark.parametrize("configured", [True, False])
def test_it_is_approved_as_it_was_read_or_not_at_all(
    stage: Stage, configured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.poll(native(*(entry(f"m{n}") for n in range(20))))
    stage.poll(native(entry("m1", "7")))
    known = {"pipellm": stage.source()} if configured else {}
    spoken(monkeypatch, 2)
    with pytest.raises(VerdictError, match="dialect"):
        reviewing.approve(stage.database, {}, known, 1)
    spoken(monkeypatch, 1)
    new = reviewing.approve(stage.database, {}, known, 1)
    assert new.read_by == ReadBy("xai/1", ("/kind", "/load"))
    assert len(new.catalog) == 1


@pytest.mark.parametrize(("large", "at_once"), [(10, 1), (10**9, 2)])
def test_large_ones_are_read_one_by_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, large: int, at_once: int
) -> None:
    monkeypatch.setattr(bodies, "_LARGE", large)
    judge, reading, most = Bodies(stage.database), Counter[str](), []
    both = threading.Barrier(2)

    def record(turn: Turn, *_: object) -> Polled:
        reading["now"] += 1
        most.append(reading["now"])
        with suppress(threading.BrokenBarrierError):
            both.wait(20 if at_once == 2 else 0.2)
        most.append(reading["now"])
        reading["now"] -= 1
        return Polled("s", "unchanged", 1)

    monkeypatch.setattr(judge, "_record", record)
    work = partial(judge.record, Mock(), b"x" * 20, b"", None)
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert max(most) == at_once
