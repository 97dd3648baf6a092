"""Replicas whose Postgres goes away and comes back, or another server takes its place."""

import random
import signal
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from pricetrail.client import Prices, connect
from pricetrail.storage.schema import prepare
from tests.faults.ledgers import Message
from tests.faults.replicas import (
    WEBHOOKS,
    Fleet,
    begin_histories,
    check_history,
    fleet,
    wait_for,
    wait_for_fetches,
)
from tests.support import clusters
from tests.support.clusters import FAST, IMMEDIATE, Cluster
from tests.support.forks import Forked
from tests.support.postgres import Postgres
from tests.support.volume import size

pytestmark = pytest.mark.slow

REPLICAS, SOURCES = 3, 5
TIMES = size(10, thorough=60)


@contextmanager
def working(url: str, folder: Path) -> Iterator[Fleet]:
    """Replicas at work, on sources that change at every other fetch."""
    prepare(url)
    with fleet(url, folder, SOURCES, steps=2) as made:
        begin_histories(made)
        made.start(REPLICAS)
        yield made


def heard(made: Fleet, more: int = 8) -> None:
    """Wait until so many more messages have come: all of them are at work."""
    until = len(made.receiver.requests) + more
    wait_for(lambda: len(made.receiver.requests) >= until, made.said())


def check_all_is_told(made: Fleet) -> None:
    """Nothing was lost and nothing invented; of the trouble each replica has one line."""
    made.calm()
    # Whoever met it tries again ten seconds later.
    wait_for(lambda: all(map(is_over, made.replicas)), made.said())
    made.stop()
    check_history(made)
    for replica in made.ended:
        errors, _ = trouble(replica)
        assert len(errors) <= 1, errors
        assert all(" cannot reach postgresql+psycopg://" in line for line in errors)
        assert is_over(replica), replica.told()


def trouble(replica: Forked) -> tuple[list[str], list[str]]:
    """What a replica said of the database: that it is away, and that it is back."""
    lines = replica.told().splitlines()
    errors = [line for line in lines if line and " info " not in line]
    return errors, [line for line in lines if "the database answers again, after" in line]


def is_over(replica: Forked) -> bool:
    """Whether it has said the end of each trouble."""
    errors, answers = trouble(replica)
    return len(errors) == len(answers)


def test_a_server_that_is_restarted_is_said_once_and_costs_nothing(
    postgres_server: Postgres, tmp_path: Path
) -> None:
    with clusters.alone(postgres_server.binaries) as server:
        server.ask("CREATE DATABASE prices")
        with working(server.url("prices"), tmp_path) as made:
            for how in (FAST, IMMEDIATE, FAST):
                heard(made)
                server.end(how)
                fetches = made.gateway.total
                server.start()
            heard(made)
            assert made.gateway.total > fetches
            check_all_is_told(made)
            assert made.troubles()


def test_connections_that_are_ended_at_any_moment_cost_nothing(
    postgres_server: Postgres, postgres_url: str, tmp_path: Path
) -> None:
    chance = random.Random(5)
    name = postgres_url.partition("@/")[2].partition("?")[0]
    with working(postgres_url, tmp_path) as made, postgres_server.connect() as admin:
        for _ in range(TIMES):
            wait_for_fetches(made, chance.randint(0, 4))
            admin.execute(_END_ALL, [name])
        heard(made)
        check_all_is_told(made)
        assert made.troubles()


_END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


def fail_over(primary: Cluster, standby: Cluster, made: Fleet) -> None:
    """Kill the primary, let everybody notice, and have the standby take its place."""
    primary.end(signal.SIGKILL)
    wait_for(lambda: len(made.troubles()) == REPLICAS, made.said())
    standby.promote()


def test_a_standby_that_has_everything_takes_over_and_nothing_is_lost(
    postgres_server: Postgres, tmp_path: Path
) -> None:
    with clusters.pair(postgres_server.binaries, synchronous=True) as (primary, standby):
        primary.ask("CREATE DATABASE prices")
        url = clusters.url_of_both(primary, standby, "prices")
        with working(url, tmp_path) as made:
            heard(made, 20)
            fail_over(primary, standby, made)
            heard(made, 20)
            check_all_is_told(made)
            # What a receiver was told before is in the history that goes on.
            heads = {(one.source, one.version): one.head for one in made.messages()}
            assert len({one.head for one in made.messages()}) == len(heads)


def move(made: Fleet, names: Iterable[str]) -> None:
    """Let the gateway show these sources' next catalogs."""
    with made.gateway.lock:
        for name in names:
            made.gateway.numbers[name] += 1


def asked(client: Prices, names: Sequence[str]) -> list[object]:
    """What a process that reads answers."""
    questions = (client.events, client.snapshots, client.models, client.coverage)
    return [question(source=name).as_json() for name in names for question in questions]


def test_what_a_standby_never_got_is_told_again_under_the_same_ids(
    postgres_server: Postgres, tmp_path: Path
) -> None:
    """With an asynchronous one what was recorded last is lost with the primary."""
    with clusters.pair(postgres_server.binaries, synchronous=False) as (primary, standby):
        primary.ask("CREATE DATABASE prices")
        url = clusters.url_of_both(primary, standby, "prices")
        with working(url, tmp_path) as made, connect(url) as lasting:
            heard(made)
            made.calm()
            kept = {one.source: one for one in made.messages()}
            standby.set("primary_conninfo", "")
            clusters.wait_until_apart(primary)
            move(made, made.names)
            wait_for(made.led_to_the_end, made.said())
            lost = {one.source: one for one in made.messages()}
            asked(lasting, made.names)
            primary.end(signal.SIGKILL)
            # Some stay as they were seen, others have moved on by the time of the next poll.
            move(made, made.names[::2])
            wait_for(lambda: len(made.troubles()) >= REPLICAS, made.said())
            standby.promote()
            wait_for(lambda: lost.keys() == told_again(made, lost), made.said())
            wait_for(made.led_to_the_end, made.said())
            made.stop()
            check_history(made)
            with connect(url) as fresh:
                assert asked(lasting, made.names) == asked(fresh, made.names)
            # A head proves what was lost, and what is still there.
            for source in made.names[:2]:
                assert verified(made, kept[source]) == 0
                assert verified(made, lost[source]) == 1
            for line in made.troubles():
                assert " cannot reach " in line or " went back to version " in line


def told_again(made: Fleet, ones: Mapping[str, Message]) -> set[str]:
    """The sources of messages that came again to each webhook."""
    times = Counter(made.receiver.ids)
    return {source for source, one in ones.items() if times[one.id] >= 2 * len(WEBHOOKS)}


def verified(made: Fleet, one: Message) -> int:
    """The exit code of a verification by the head that a message carries."""
    head = f"{one.version}:{one.head}"
    with made.command("verify", "--source", one.source, "--head", head) as process:
        return process.wait()
