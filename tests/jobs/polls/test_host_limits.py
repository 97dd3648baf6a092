"""How many polls of one host are under way at once."""

import threading
from functools import partial

import pytest

from pricetrail.jobs.polls.host_limits import HostLimits
from pricetrail.jobs.source import Source
from pricetrail.jobs.workers import Workers


def source(url: str, number: int = 0) -> Source:
    return Source(name=f"s{number}", url=url, api_key="key")


def test_so_many_of_one_host_and_no_more_until_one_is_over() -> None:
    limits, one = HostLimits(each=2), source("https://a.example/v1/models")
    assert [limits.take(one) for _ in range(3)] == [True, True, False]
    assert limits.full() == {one.host} == {"a.example:443"}
    limits.give_back(one)
    assert limits.full() == frozenset()
    assert [limits.take(one) for _ in range(2)] == [True, False]


@pytest.mark.parametrize("other", ["https://b.example/", "https://a.example:8443/"])
def test_another_host_or_port_has_its_own(other: str) -> None:
    limits = HostLimits(each=1)
    assert limits.take(source("https://a.example/one"))
    assert not limits.take(source("https://A.example:443/two"))
    assert limits.take(source(other))


def test_nothing_is_kept_of_hosts_that_nobody_asks() -> None:
    limits = HostLimits()
    for number in range(10):
        one = source(f"https://{number}.example/")
        assert limits.take(one)
        limits.give_back(one)
    assert not limits._under_way


def test_a_host_that_hangs_keeps_nobody_from_the_others() -> None:
    limits, workers, free = HostLimits(each=4), Workers(8, "poll"), threading.Event()
    hanging = [source("https://hangs.example/", number) for number in range(50)]
    others = [source("https://answers.example/", 100 + number) for number in range(20)]
    polled: list[str] = []

    def poll(one: Source) -> None:
        if one in hanging:
            assert free.wait(60)
        polled.append(one.name)
        limits.give_back(one)

    waiting = hanging + others
    while any(one in waiting for one in others):
        taken = [one for one in waiting if limits.take(one)]
        waiting = [one for one in waiting if one not in taken]
        started = [workers.submit(partial(poll, one)) for one in taken]
        for one, future in zip(taken, started, strict=True):
            if one in others:
                future.result(20)
    assert sorted(polled) == sorted(one.name for one in others)
    assert len(waiting) == 46
    free.set()
