"""What was claimed and not begun: so many of one host at once, and the others in their turn."""

from collections.abc import Iterator

import pytest

from pricetrail.jobs import slot_queue
from pricetrail.jobs.in_force import Configured, InForce
from pricetrail.jobs.planning import plan, planned_slot
from pricetrail.jobs.slot_queue import LONGEST_ASIDE, SlotQueue
from pricetrail.jobs.slots import Claimed, Slots
from tests.jobs.stage import staged

URLS = ["https://a.example/1", "https://A.example:443/2", "https://a.example/3"]
OTHERS = ["https://a.example:8443/", "https://b.example/"]


@pytest.fixture
def claimed(sqlite_url: str) -> Iterator[list[Claimed]]:
    """Slots of sources at `URLS`, which are of one host and port, and at `OTHERS`."""
    with staged(sqlite_url) as stage:
        sources = {url: stage.source(name=f"s{n}", url=url) for n, url in enumerate(URLS + OTHERS)}
        plan(stage.database, sources.values(), planned_slot)
        in_force = InForce(Configured({one.name: one for one in sources.values()}))
        found = Slots(stage.poller(), in_force).claim(9)
        yield sorted(found, key=lambda one: one.source.name)


def test_so_many_of_one_host_and_the_next_once_one_is_over(claimed: list[Claimed]) -> None:
    queue = SlotQueue(each=2)
    assert all(queue.add(one, 0.0) for one in claimed)
    assert (queue.ready, queue.full()) == (4, frozenset({"a.example:443"}))
    begun = [queue.begin() for _ in range(5)]
    first, second, third, *others = claimed
    assert begun == [first, second, *others, None]
    queue.ended(second)
    assert queue.begin() is third
    assert queue.full() == {"a.example:443"}
    queue.ended(first)
    assert (queue.begin(), queue.full()) == (None, frozenset())


def test_nothing_is_kept_of_hosts_that_nobody_asks(claimed: list[Claimed]) -> None:
    queue = SlotQueue(each=1)
    assert all(queue.add(one, 0.0) for one in claimed)
    while (one := queue.begin()) is not None:
        queue.ended(one)
    assert (queue._counted, queue._aside) == ({}, {})


def test_nothing_waits_for_too_long_and_not_too_much_waits(
    claimed: list[Claimed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slot_queue, "_MOST_ASIDE", 1)
    queue = SlotQueue(each=1)
    first, second, third, *_ = claimed
    assert [queue.add(one, 5.0) for one in (first, second, third)] == [True, True, False]
    assert queue.late(4.9 + LONGEST_ASIDE) == []
    assert queue.late(5.0 + LONGEST_ASIDE) == [second]
    assert queue.add(third, 6.0)
    assert queue.clear() == [first, third]
    assert (queue.clear(), queue.full()) == ([], frozenset())
