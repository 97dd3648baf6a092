"""A round of polls: those that are due once each, whoever else is at it; all that are asked for."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest

from pricetrail.catalog.errors import PricetrailError
from pricetrail.jobs.in_force import Configured, InForce
from pricetrail.jobs.planning import due_from, plan
from pricetrail.jobs.poll_round import Polls, poll_due, poll_each
from pricetrail.jobs.polls.gateway import Answer, GatewayError
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.polls.results import Polled
from pricetrail.jobs.slots import Claimed, Slots
from pricetrail.jobs.source import Source
from tests.jobs.stage import Stage, many, staged


@dataclass
class Round:
    """Sources of one stage, and workers that come like cron."""

    stage: Stage
    names: tuple[str, ...] = ("a", "b", "c")
    fetched: list[str] = field(default_factory=list)
    reported: list[Polled] = field(default_factory=list)
    during: Callable[[str], None] | None = None

    @property
    def sources(self) -> list[Source]:
        return [self.stage.source(name=name, schedule="*/15 * * * *") for name in self.names]

    def poller(self) -> Poller:
        return Poller(self.stage.database, {}, fetch=self.fetch)

    def fetch(self, source: Source, *_args: Any, **_limits: Any) -> Answer:
        self.fetched.append(source.name)
        if self.during is not None:
            self.during(source.name)
        return Answer(200, json.dumps(many(2)).encode(), None)

    def due(self, limit: int | None = None) -> list[str]:
        """What one more worker polls."""
        return [polled.source for polled in self.due_polls(limit).polled]

    def due_polls(self, limit: int | None = None) -> Polls:
        return poll_due(self.slots(self.poller()), limit, self.reported.append)

    def slots(self, poller: Poller) -> Slots:
        """The slots of one more worker, planned."""
        plan(self.stage.database, self.sources, due_from)
        in_force = InForce(Configured({source.name: source for source in self.sources}))
        return Slots(poller, in_force, spread=False)


@contextmanager
def rounds(url: str) -> Iterator[Round]:
    with staged(url) as stage:
        yield Round(stage)


def test_what_was_never_polled_is_due_and_then_at_its_slots(database_url: str) -> None:
    with rounds(database_url) as round_:
        assert sorted(round_.due()) == ["a", "b", "c"]
        assert [polled.next_at for polled in round_.reported] == [
            round_.stage.now + timedelta(minutes=15)
        ] * 3
        for minutes, due in ((14, 0), (1, 3), (1, 0), (60, 3), (0, 0)):
            round_.stage.pass_time(minutes=minutes)
            assert len(round_.due()) == due


def test_workers_at_once_share_what_is_due(database_url: str) -> None:
    with rounds(database_url) as round_:
        round_.names = tuple(f"s{number}" for number in range(10))
        all_there = threading.Barrier(3, timeout=20)

        def worker(limit: int | None) -> list[str]:
            all_there.wait()
            return round_.due(limit)

        with ThreadPoolExecutor(3) as pool:
            shares = list(pool.map(worker, (2, 3, None)))
        # Who finds a slot taken goes on to the next: a limit is of polls, and not of tries.
        assert len(shares[0]) <= 2
        assert len(shares[1]) <= 3
        assert sorted(chain(*shares)) == sorted(round_.names) == sorted(round_.fetched)


def test_a_limit_takes_the_most_overdue_and_the_next_worker_the_rest(sqlite_url: str) -> None:
    with rounds(sqlite_url) as round_:
        for name in ("c", "a", "b"):
            round_.names = (name,)
            round_.due()
            round_.stage.pass_time(minutes=20)
        round_.stage.pass_time(minutes=60)
        round_.names = ("a", "b", "c")
        assert round_.due(1) == ["c"]
        assert sorted(round_.due(2)) == ["a", "b"]
        assert round_.due(2) == []


def test_a_slot_that_another_worker_has_is_left_to_it_until_it_is_gone(database_url: str) -> None:
    with rounds(database_url) as round_:
        round_.names = ("a",)

        def killed(_name: str) -> None:
            round_.during = None
            # Another worker that comes meanwhile finds nothing.
            assert round_.due() == []
            raise KeyboardInterrupt

        round_.during = killed
        with pytest.raises(KeyboardInterrupt):
            round_.due()
        round_.stage.pass_time(minutes=9)
        assert round_.due() == []
        # Its lease ends with the slot at the latest.
        round_.stage.pass_time(minutes=7)
        assert round_.due() == ["a"]


def test_a_source_that_is_gone_by_the_time_it_is_its_turn_costs_no_place(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with rounds(sqlite_url) as round_:
        slots = round_.slots(round_.poller())
        serve = slots.serve

        def late(claimed: Claimed) -> Polled | None:
            # The configuration was read again meanwhile.
            configured = {"b": round_.stage.source(name="b")}
            slots.in_force.replace(Configured(configured))
            return serve(claimed)

        monkeypatch.setattr(slots, "serve", late)
        found = poll_due(slots, 1, round_.reported.append)
        assert [polled.source for polled in found.polled] == ["b"]


def test_a_failed_poll_waits_for_the_next_slot(sqlite_url: str) -> None:
    with rounds(sqlite_url) as round_:

        def refuse(name: str) -> None:
            if name == "b":
                raise GatewayError("HTTP 503", status=503)

        round_.during = refuse
        found = {polled.source: polled for polled in round_.due_polls().polled}
        assert {name: polled.outcome for name, polled in found.items()} == {
            "a": "changed",
            "b": "failed",
            "c": "changed",
        }
        assert (found["b"].status, found["a"].status) == (503, 200)
        assert round_.due() == []
        round_.during = None
        round_.stage.pass_time(minutes=15)
        assert sorted(round_.due()) == ["a", "b", "c"]


def test_what_keeps_one_from_being_polled_keeps_no_other(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with rounds(sqlite_url) as round_:

        def broken(name: str) -> None:
            if name != "b":
                raise PricetrailError(f"{name} cannot be read")

        round_.during = broken
        found = poll_each(round_.poller(), round_.sources, round_.reported.append)
        assert (
            [polled.source for polled in found.polled]
            == ["b"]
            == [polled.source for polled in round_.reported]
        )
        # The first one is for the caller to raise, any other is in the log.
        told = {str(found.problem), *(vars(record)["fields"]["error"] for record in caplog.records)}
        assert told == {"a cannot be read", "c cannot be read"}


@pytest.mark.parametrize(("due", "at_once"), [(True, 8), (False, 1)])
def test_a_stop_begins_nothing_new_and_names_what_is_left(
    sqlite_url: str, *, due: bool, at_once: int
) -> None:
    with rounds(sqlite_url) as round_:
        round_.names = tuple(f"s{number:02}" for number in range(12))
        poller = round_.poller()
        all_there = threading.Barrier(at_once, timeout=20)

        def stop(_name: str) -> None:
            all_there.wait()
            poller.stopping.set()

        round_.during = stop
        if due:
            found = poll_due(round_.slots(poller), None, print)
        else:
            found = poll_each(poller, round_.sources, print)
        assert [polled.source for polled in found.polled] == list(round_.names[:at_once])
        assert list(found.left) == list(round_.names[at_once:])
