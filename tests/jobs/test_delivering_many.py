"""Many messages at once: claimed and written down in sets, and still in order, once, and safe."""

from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from pricetrail.alerts.posting import route_to
from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs.deliveries import delivering
from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.storage.outbox import deliveries, leases, webhooks
from tests.jobs.stage import Stage, many, staged
from tests.support.receivers import Receiver, receiving, reset, status

pytestmark = pytest.mark.slow

MANY = 150


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def stage(database_url: str, receiver: Receiver) -> Iterator[Stage]:
    hooks = {"main": Webhook(name="main", url=receiver.url, allow_private=True)}
    with staged(database_url, webhooks=hooks) as made:
        made.poll(many(1))
        made.poll(many(1 + MANY))
        yield made


def ids(stage: Stage) -> list[str]:
    return [event.id for event in stage.events("model.added")]


def states(stage: Stage) -> list[str]:
    return [one.state for one in stage.owed()]


def tries(stage: Stage) -> int:
    with stage.database.read() as connection:
        return sum(len(deliveries.attempts(connection, one)) for one in stage.owed())


def test_all_arrive_in_order_and_once_in_few_transactions(
    stage: Stage, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims: list[int] = []
    real = leases.claim

    def claim(*arguments: Any, **options: Any) -> list[deliveries.Delivery]:
        found = real(*arguments, **options)
        claims.append(len(found))
        return found

    monkeypatch.setattr(leases, "claim", claim)
    assert stage.deliver() == Tally(delivered=MANY)
    assert receiver.ids == ids(stage)
    assert set(states(stage)) == {"delivered"}
    assert tries(stage) == MANY
    # One at first: whoever fails or a process that is killed has few in hand.
    assert claims[:4] == [1, 2, 4, 8]
    assert len(claims) < 12


@pytest.mark.parametrize("before", [0, 1, 2, 10, 40])
def test_one_that_fails_amid_others_holds_them_back(
    stage: Stage, receiver: Receiver, before: int
) -> None:
    receiver.scripts = [status(204)] * before + [status(500)]
    assert stage.deliver() == Tally(delivered=before, retrying=1)
    assert states(stage) == ["delivered"] * before + ["pending"] * (MANY - before)
    assert [one.attempts for one in stage.owed()] == [1] * (before + 1) + [0] * (MANY - before - 1)
    assert stage.deliver() == Tally()
    stage.now = stage.owed()[before].next_at
    assert stage.deliver() == Tally(delivered=MANY - before)
    found = ids(stage)
    assert receiver.ids == found[: before + 1] + found[before:]


def test_a_stop_amid_others_gives_them_back(stage: Stage, receiver: Receiver) -> None:
    deliverer = stage.deliverer()
    answered = 0

    def answer(handler: BaseHTTPRequestHandler) -> None:
        nonlocal answered
        answered += 1
        if answered == 20:
            deliverer.stopping.set()
        status(204)(handler)

    receiver.always = answer
    assert deliverer.deliver_due() == Tally(delivered=20)
    assert states(stage) == ["delivered"] * 20 + ["pending"] * (MANY - 20)
    # Nobody has to wait for a lease to run out.
    assert stage.deliver() == Tally(delivered=MANY - 20)
    assert receiver.ids == ids(stage)


def test_whoever_holds_them_too_long_sends_no_more_of_them(
    stage: Stage, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a process that was stopped and goes on: somebody else may send them by now."""
    monkeypatch.setattr(delivering, "_LEASE_USED", 0.0)
    deliverer = stage.deliverer()
    claimed = deliverer._claim(stage.webhooks["main"], 8, ExitStack())
    assert len(claimed.deliveries) == 8
    with route_to(stage.webhooks["main"], deliverer.network) as route:
        assert deliverer._send(stage.webhooks["main"], claimed, route) == (Tally(), True)
    assert receiver.requests == []
    assert states(stage) == ["pending"] * MANY


def test_a_receiver_that_hangs_up_now_and_then_misses_nothing(
    stage: Stage, receiver: Receiver
) -> None:
    def last(handler: BaseHTTPRequestHandler) -> None:
        status(204)(handler)
        handler.close_connection = True

    receiver.scripts = [last if number % 3 else status(204) for number in range(MANY)]
    assert stage.deliver() == Tally(delivered=MANY)
    assert receiver.ids == ids(stage)


def test_an_answer_lost_on_a_connection_that_served_before_goes_out_again_with_its_id(
    stage: Stage, receiver: Receiver
) -> None:
    receiver.scripts = [status(204), status(204), reset]
    tally = stage.deliver()
    while tally.retrying:
        stage.now = next(one for one in stage.owed() if one.state == "pending").next_at
        tally = stage.deliver()
    found = ids(stage)
    assert receiver.ids == found[:3] + found[2:]
    with stage.database.read() as connection:
        assert webhooks.state(connection, "main").failing_since is None
