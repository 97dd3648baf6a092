"""Deliveries: order, retries, leases, and receivers that misbehave one at a time."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from pricetrail.alerts.posting import post
from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs.deliveries import sending
from pricetrail.jobs.deliveries.attempts import DELAYS
from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.jobs.deliveries.ways import Way
from pricetrail.jobs.polls.gateway import GatewayError
from pricetrail.storage.outbox import deliveries, leases, webhooks
from pricetrail.storage.outbox.leases import Attempt
from tests.jobs.stage import Stage, many, staged
from tests.support.alertmanagers import alertmanager
from tests.support.receivers import Receiver, endless, receiving, reset, status

pytestmark = pytest.mark.slow

# For what an answer of a receiver means, which no database decides.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def stage(database_url: str, receiver: Receiver) -> Iterator[Stage]:
    with staged(database_url, webhooks=hook("main", receiver)) as made:
        made.poll(many(2))
        yield made


def hook(name: str, receiver: Receiver, **settings: Any) -> dict[str, Webhook]:
    return {name: Webhook(name=name, url=receiver.url, allow_private=True, **settings)}


def change(stage: Stage, *sizes: int) -> None:
    """One poll a size: each model more than before is one event."""
    for size in sizes:
        stage.poll(many(size))


def event_ids(stage: Stage, *types: str) -> list[str]:
    return [event.id for event in stage.events(*(types or ("model.added",)))]


def attempted_at(stage: Stage) -> list[datetime]:
    [delivery] = stage.owed("main")
    with stage.database.read() as connection:
        return [row.at for row in deliveries.attempts(connection, delivery)]


def go_on(stage: Stage) -> Tally:
    """Move the clock to when the next message is due, and deliver."""
    waiting = [one for one in stage.owed("main") if one.state == "pending"]
    stage.now = max(stage.now, waiting[0].next_at)
    return stage.deliver()


def test_messages_arrive_in_order_with_their_events_ids(stage: Stage, receiver: Receiver) -> None:
    change(stage, 5, 7)
    assert stage.deliver() == Tally(delivered=5)
    assert receiver.ids == event_ids(stage)
    assert {one.state for one in stage.owed()} == {"delivered"}
    assert stage.deliver() == Tally()


def test_nothing_overtakes_a_message_that_waits(stage: Stage, receiver: Receiver) -> None:
    receiver.scripts = [status(500)]
    change(stage, 5)
    assert stage.deliver() == Tally(retrying=1)
    assert stage.deliver() == Tally()
    assert len(receiver.requests) == 1
    assert go_on(stage) == Tally(delivered=3)
    first, *others = event_ids(stage)
    assert receiver.ids == [first, first, *others]


@on_sqlite
def test_what_a_webhook_is_owed_survives_another_format(stage: Stage, receiver: Receiver) -> None:
    receiver.always = status(200, b"ok")
    size, told = 2, 0
    batches = {"format": "cloudevents", "batch": True}
    for before, after in (
        ({"format": "slack"}, {}),
        ({"batch": True}, {}),
        ({"format": "slack", "digest": "@yearly"}, batches),
    ):
        receiver.requests.clear()
        stage.webhooks = hook("main", receiver, **before)
        change(stage, size := size + 2, size := size + 1)
        stage.pass_time(days=366)
        stage.deliverer().release()
        stage.webhooks = hook("main", receiver, **after)
        assert stage.deliver().retrying == 0
        said = b"".join(request.body for request in receiver.requests)
        ids, told = event_ids(stage)[told:], told + 3
        assert {said.count(one.encode()) for one in ids} in ({1}, {2}), (before, after)


@on_sqlite
def test_a_receiver_that_takes_the_first_half_gets_the_rest_later(
    stage: Stage, receiver: Receiver
) -> None:
    stage.webhooks = hook("main", receiver, format="slack")
    change(stage, 5)
    stage.webhooks = hook("main", receiver)
    receiver.scripts = [status(204), status(500)]
    assert stage.deliver() == Tally(retrying=1)
    assert go_on(stage) == Tally(delivered=1)
    first, second, third = event_ids(stage)
    assert receiver.ids == [first, second, first, second, third]


def test_in_a_chat_others_go_past_a_message_that_waits(stage: Stage, receiver: Receiver) -> None:
    stage.webhooks = hook("main", receiver, format="slack")
    receiver.always = status(200, b"ok")
    receiver.scripts = [status(500)]
    change(stage, 3, 4)
    assert stage.deliver() == Tally(delivered=1, retrying=1)
    assert go_on(stage) == Tally(delivered=1)


@pytest.mark.parametrize(
    ("database_url", "chance", "factor"),
    [
        ("sqlite", 0.0, 0.8),
        ("sqlite", 0.5, 1.0),
        ("postgres", 0.5, 1.0),
        ("sqlite", 0.999, 1.1996),
    ],
    indirect=["database_url"],
)
def test_the_pauses_between_attempts_are_the_agreed_ones(
    stage: Stage, receiver: Receiver, chance: float, factor: float
) -> None:
    receiver.always = status(500)
    change(stage, 3)
    for number, delay in enumerate(DELAYS):
        assert stage.deliverer(chance=lambda: chance).deliver_due() == Tally(retrying=1)
        [delivery] = stage.owed()
        assert delivery.attempts == number + 1
        wait = (delivery.next_at - stage.now) / delay
        assert wait == pytest.approx(factor, rel=1e-3)
        stage.now = delivery.next_at
    assert stage.deliver() == Tally(dead=1)
    [delivery] = stage.owed()
    assert (delivery.state, delivery.attempts, delivery.last_status) == ("dead", 10, 500)
    assert set(receiver.ids) == set(event_ids(stage))


def test_the_pauses_are_those_of_the_design() -> None:
    hours = [delay / timedelta(hours=1) for delay in DELAYS[3:]]
    assert [delay.seconds for delay in DELAYS[:3]] == [5, 300, 1800]
    assert hours == [2, 5, 10, 14, 20, 24]


def test_after_a_dead_message_the_next_one_goes_out(stage: Stage, receiver: Receiver) -> None:
    receiver.scripts = [status(500)] * 10
    change(stage, 4)
    for _ in range(10):
        go_on(stage)
    assert [one.state for one in stage.owed()] == ["dead", "delivered"]


def test_a_receiver_down_for_two_days_gets_everything_in_order(
    stage: Stage, receiver: Receiver
) -> None:
    with receiving() as other:
        stage.webhooks |= hook("other", other)
        receiver.always = status(503)
        size = 2
        for _ in range(12):
            size += 1
            stage.poll(many(size), after=240)
            stage.deliver()
            assert other.ids == event_ids(stage)
        assert set(receiver.ids) == set(event_ids(stage)[:1])
        receiver.always = None
        receiver.requests.clear()
        go_on(stage)
        assert receiver.ids == event_ids(stage)
        assert len(receiver.ids) == 12
        assert other.ids == event_ids(stage)


@on_sqlite
def test_a_reply_that_breaks_off_after_its_status_is_a_reply(
    stage: Stage, receiver: Receiver
) -> None:
    def breaks_off(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf of")
        handler.wfile.flush()
        reset(handler)

    receiver.scripts = [breaks_off]
    change(stage, 3)
    assert stage.deliver() == Tally(delivered=1)


def test_a_lost_answer_sends_the_same_id_again(stage: Stage, receiver: Receiver) -> None:
    receiver.scripts = [reset]
    change(stage, 3)
    assert stage.deliver() == Tally(retrying=1)
    assert go_on(stage) == Tally(delivered=1)
    [event] = event_ids(stage)
    assert receiver.ids == [event, event]
    first, second = receiver.requests
    assert first.body == second.body
    assert first.headers["webhook-timestamp"] < second.headers["webhook-timestamp"]


@on_sqlite
def test_a_redirect_is_not_followed(stage: Stage, receiver: Receiver) -> None:
    with receiving() as elsewhere:
        receiver.scripts = [status(code, Location=elsewhere.url) for code in (301, 302, 307, 308)]
        change(stage, 3)
        assert [go_on(stage) for _ in range(5)] == [Tally(retrying=1)] * 4 + [Tally(delivered=1)]
        assert elsewhere.requests == []


@on_sqlite
@pytest.mark.parametrize(
    ("chat", "answer", "seconds"),
    [
        ("json", status(429), 60),
        ("json", status(429, Retry_After="3"), 60),
        ("json", status(429, Retry_After="7200"), 7200),
        ("json", status(503, Retry_After="7200"), 7200),
        ("json", status(503, Retry_After="soon"), 5),
        ("discord", status(429, b'{"retry_after": 64.57}'), 64.57),
        ("slack", status(429, Retry_After="90"), 90),
    ],
)
def test_a_receiver_that_asks_for_a_pause_gets_it(
    stage: Stage, receiver: Receiver, chat: str, answer: Any, seconds: float
) -> None:
    stage.webhooks = hook("main", receiver, format=chat)
    receiver.scripts = [answer]
    change(stage, 3, 4)
    stage.deliver()
    waits = [one.next_at - stage.now for one in stage.owed() if one.state == "pending"]
    assert waits[0] >= timedelta(seconds=seconds)
    assert waits[0] < timedelta(seconds=seconds + 30)
    if seconds >= 60:
        # The pause is the receiver's: nothing else of the queue goes out either.
        assert stage.deliver() == Tally()
        assert len(receiver.requests) == 1


@on_sqlite
def test_whoever_is_silent_is_left_alone_for_a_minute(
    stage: Stage, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "post", partial(post, timeout=0.2))
    receiver.scripts = [drip]
    change(stage, 3)
    assert stage.deliver() == Tally(retrying=1)
    [delivery] = stage.owed()
    assert delivery.next_at - stage.now >= timedelta(seconds=60)
    assert delivery.last_error == "no answer in time"


def drip(handler: BaseHTTPRequestHandler, start: bytes = b"") -> None:
    """Byte after byte, and never a whole answer."""
    handler.close_connection = True
    handler.connection.settimeout(5)
    try:
        handler.connection.sendall(start)
        for byte in b"HTTP/1.1 200 OK\r\n" * 20:
            handler.connection.sendall(bytes([byte]))
            _pause()
    except OSError:
        return


def _pause() -> None:
    time.sleep(0.05)


@on_sqlite
def test_a_slack_answer_that_is_not_ok_is_a_failure(stage: Stage, receiver: Receiver) -> None:
    stage.webhooks = hook("main", receiver, format="slack")
    receiver.scripts = [status(200, b"no_text"), status(200, b"ok")]
    change(stage, 3)
    assert stage.deliver() == Tally(retrying=1)
    assert go_on(stage) == Tally(delivered=1)


@on_sqlite
def test_a_slack_message_refused_as_malformed_is_tried_as_plain_text_then_dead(
    stage: Stage, receiver: Receiver
) -> None:
    stage.webhooks = hook("main", receiver, format="slack")
    receiver.always = status(400, b"invalid_blocks")
    change(stage, 3)
    assert stage.deliver() == Tally(dead=1)
    rich, plain = (json.loads(request.body) for request in receiver.requests)
    assert "blocks" in rich
    assert "blocks" not in plain


@on_sqlite
@pytest.mark.parametrize("code", [403, 404, 410])
def test_a_slack_webhook_that_is_gone_is_paused(
    stage: Stage, receiver: Receiver, code: int
) -> None:
    stage.webhooks = hook("main", receiver, format="slack")
    receiver.always = status(code, b"no_service")
    change(stage, 3, 4)
    assert stage.deliver() == Tally(retrying=1)
    assert len(receiver.requests) == 1
    with stage.database.read() as connection:
        assert webhooks.state(connection, "main").disabled_at == stage.now


def test_410_pauses_the_webhook_and_another_one_is_told(stage: Stage, receiver: Receiver) -> None:
    with receiving() as other:
        stage.webhooks |= hook("chat", other, format="slack", models=("nothing",))
        other.always = status(200, b"ok")
        receiver.scripts = [status(410)]
        change(stage, 4)
        assert stage.deliver().retrying == 1
        stage.deliver()
        [told] = other.requests
        assert "webhook main is paused" in told.body.decode()
        assert "pricetrail webhooks resume main" in told.body.decode()
        # Paused: nothing goes out, and what is owed is kept.
        change(stage, 5)
        assert stage.deliver() == Tally()
        with stage.database.write() as connection:
            assert webhooks.enable(connection, "main")
        stage.deliver()
        first, *others = event_ids(stage)
        assert receiver.ids == [first, first, *others]


def test_a_webhook_that_only_failed_for_five_days_is_paused(
    stage: Stage, receiver: Receiver
) -> None:
    with receiving() as other:
        stage.webhooks |= hook("other", other)
        receiver.always = status(500)
        change(stage, 3, 4, 5)
        began = stage.now
        stage.deliver()
        while not _paused(stage):
            assert stage.now - began < timedelta(days=6)
            go_on(stage)
        assert stage.now - began >= timedelta(days=5)
        stage.deliver()
        notice = json.loads(other.requests[-1].body)
        assert notice["type"] == "webhook.paused"
        assert notice["data"]["webhook"] == "main"


@pytest.mark.parametrize("back", [True, False], ids=["and back", "for good"])
def test_a_clock_that_jumps_makes_no_days_of_failures(
    stage: Stage, receiver: Receiver, back: bool
) -> None:
    receiver.always = status(500)
    change(stage, 3)
    stage.deliver()
    right = stage.now
    stage.now = right + timedelta(days=30 * 365)
    for _ in range(5):
        go_on(stage)
        assert not _paused(stage)
    if back:
        stage.now = right + timedelta(minutes=10)
        for _ in range(2):
            stage.deliver()
            assert not _paused(stage)
            stage.pass_time(hours=1)
    began = stage.now
    while not _paused(stage):
        change(stage, len(stage.owed()) + 3)
        go_on(stage)
        assert stage.now - began < timedelta(days=6)
    assert stage.now - began > timedelta(days=3)


def _paused(stage: Stage) -> bool:
    with stage.database.read() as connection:
        return webhooks.state(connection, "main").disabled_at is not None


def test_one_success_ends_the_count_of_days(stage: Stage, receiver: Receiver) -> None:
    receiver.scripts = [status(500), status(500), status(204)]
    change(stage, 3)
    for _ in range(3):
        go_on(stage)
    with stage.database.read() as connection:
        assert webhooks.state(connection, "main").failing_since is None


def test_a_lease_that_ran_out_is_taken_over_and_its_holder_refused(stage: Stage) -> None:
    change(stage, 3)

    def claim(token: str) -> deliveries.Delivery | None:
        with stage.database.write() as connection:
            until = stage.now + sending.LEASE
            options = {"ordered": True, "token": token, "now": stage.now, "lease_until": until}
            found = leases.claim(connection, "main", **options)  # type: ignore[arg-type]  # mixed
        return found[0] if found else None

    first = claim("first")
    assert first is not None
    assert claim("second") is None
    stage.pass_time(seconds=91)
    second = claim("second")
    assert second is not None
    assert second.id == first.id
    with stage.database.write() as connection:
        assert leases.record_attempt(connection, [Attempt(first, deliveries.DEAD, stage.now)]) == 0
        assert (
            leases.record_attempt(connection, [Attempt(second, deliveries.DELIVERED, stage.now)])
            == 1
        )
    assert [one.state for one in stage.owed()] == ["delivered"]


def test_a_worker_that_was_stopped_before_its_claim_takes_nothing_from_another(
    stage: Stage, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(stage, 3)
    write = stage.database.write
    claimed: list[deliveries.Delivery] = []

    @contextmanager
    def stopped(**options: bool) -> Iterator[Any]:
        """For longer than any lease: meanwhile somebody else claims the message."""
        stage.pass_time(hours=1)
        with write(**options) as connection:
            until = stage.now + sending.LEASE
            claimed.extend(
                leases.claim(
                    connection, "main", ordered=True, token="a", now=stage.now, lease_until=until
                )
            )
        with write(**options) as connection:
            yield connection

    deliverer = stage.deliverer()
    monkeypatch.setattr(stage.database, "write", stopped)
    assert deliverer.drain("main") == Tally()
    assert len(claimed) == 1
    assert receiver.ids == []
    [delivery] = stage.owed("main")
    assert delivery.state == deliveries.LEASED


def test_a_worker_that_lost_its_lease_decides_nothing(stage: Stage, receiver: Receiver) -> None:
    other: list[Tally] = []

    def slow(handler: BaseHTTPRequestHandler) -> None:
        # While this request is in hand its lease runs out, and another replica takes it over.
        stage.pass_time(seconds=91)
        other.append(stage.deliver())
        status(500)(handler)

    receiver.scripts = [slow]
    change(stage, 3)
    assert stage.deliver() == Tally()
    assert other == [Tally(delivered=1)]
    [delivery] = stage.owed()
    assert (delivery.state, delivery.attempts) == ("delivered", 1)
    assert len(set(receiver.ids)) == 1
    with stage.database.read() as connection:
        assert webhooks.state(connection, "main").failing_since is None


def test_a_replay_has_the_same_id_and_a_new_timestamp(stage: Stage, receiver: Receiver) -> None:
    change(stage, 3)
    stage.deliver()
    stage.pass_time(days=3)
    with stage.database.write() as connection:
        assert deliveries.requeue(connection, [one.number for one in stage.owed()], stage.now) == 1
    assert stage.deliver() == Tally(delivered=1)
    first, second = (request.headers for request in receiver.requests)
    assert first["webhook-id"] == second["webhook-id"]
    passed = int(second["webhook-timestamp"]) - int(first["webhook-timestamp"])
    assert passed == 3 * 24 * 3600


@on_sqlite
def test_during_a_rotation_the_next_attempt_has_both_signatures(
    stage: Stage, receiver: Receiver
) -> None:
    old, new = (
        "whsec_" + base64.b64encode(text * 4).decode() for text in (b"old secret", b"new one")
    )
    stage.webhooks = hook("main", receiver, secrets=(old,))
    receiver.scripts = [status(500)]
    change(stage, 3)
    stage.deliver()
    stage.webhooks = hook("main", receiver, secrets=(new, old))
    go_on(stage)
    first, second = receiver.requests
    assert _signatures(first.headers) == [_sign(first, old)]
    assert _signatures(second.headers) == [_sign(second, new), _sign(second, old)]


def _signatures(headers: dict[str, str]) -> list[str]:
    return headers["webhook-signature"].split()


def _sign(request: Any, secret: str) -> str:
    head = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}."
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, head.encode() + request.body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def test_whoever_is_stopping_begins_nothing(stage: Stage, receiver: Receiver) -> None:
    change(stage, 3)
    deliverer = stage.deliverer()
    deliverer.stopping.set()
    assert deliverer.deliver_due() == Tally()
    assert receiver.requests == []


def test_a_clock_that_was_far_ahead_holds_nothing_back(stage: Stage, receiver: Receiver) -> None:
    right = stage.now
    stage.now = right + timedelta(days=30 * 365)
    receiver.scripts = [status(500)]
    change(stage, 3)
    stage.deliver()
    stage.now = right
    assert stage.deliver() == Tally(delivered=1)
    change(stage, 4)
    assert stage.deliver() == Tally(delivered=1)


def test_a_clock_set_back_an_hour_delays_no_message(stage: Stage, receiver: Receiver) -> None:
    stage.now -= timedelta(hours=1)
    change(stage, 3)
    assert stage.deliver() == Tally(delivered=1)
    assert len(receiver.requests) == 1


@on_sqlite
def test_an_endless_reply_counts_by_its_status(stage: Stage, receiver: Receiver) -> None:
    receiver.scripts = [endless]
    change(stage, 3)
    assert stage.deliver() == Tally(delivered=1)
    assert attempted_at(stage) == [stage.now]


# Claims of 1, 2, 4, 8 and the rest; and as many as take claims of all sizes.
MANY, MORE = 40, 150


@pytest.fixture
def queued(
    database_url: str, receiver: Receiver, request: pytest.FixtureRequest
) -> Iterator[Stage]:
    hooks = {"main": Webhook(name="main", url=receiver.url, allow_private=True)}
    with staged(database_url, webhooks=hooks) as made:
        made.poll(many(1))
        made.poll(many(1 + getattr(request, "param", MANY)))
        yield made


def ids(queued: Stage) -> list[str]:
    return [event.id for event in queued.events("model.added")]


def states(queued: Stage) -> list[str]:
    return [one.state for one in queued.owed()]


def tries(queued: Stage) -> int:
    with queued.database.read() as connection:
        return sum(len(deliveries.attempts(connection, one)) for one in queued.owed())


@pytest.mark.parametrize("queued", [MORE], indirect=True)
def test_all_arrive_in_order_and_once_in_few_transactions(
    queued: Stage, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims: list[int] = []
    real = leases.claim

    def claim(*arguments: Any, **options: Any) -> list[deliveries.Delivery]:
        found = real(*arguments, **options)
        claims.append(len(found))
        return found

    monkeypatch.setattr(leases, "claim", claim)
    assert queued.deliver() == Tally(delivered=MORE)
    assert receiver.ids == ids(queued)
    assert set(states(queued)) == {"delivered"}
    assert tries(queued) == MORE
    # One at first: whoever fails or a process that is killed has few in hand.
    assert claims[:4] == [1, 2, 4, 8]
    assert len(claims) < 12


@pytest.mark.parametrize("before", [0, 1, 2, 20])
def test_one_that_fails_amid_others_holds_them_back(
    queued: Stage, receiver: Receiver, before: int
) -> None:
    receiver.scripts = [status(204)] * before + [status(500)]
    assert queued.deliver() == Tally(delivered=before, retrying=1)
    assert states(queued) == ["delivered"] * before + ["pending"] * (MANY - before)
    assert [one.attempts for one in queued.owed()] == [1] * (before + 1) + [0] * (MANY - before - 1)
    assert queued.deliver() == Tally()
    queued.now = queued.owed()[before].next_at
    assert queued.deliver() == Tally(delivered=MANY - before)
    found = ids(queued)
    assert receiver.ids == found[: before + 1] + found[before:]


def test_a_stop_amid_others_gives_them_back(queued: Stage, receiver: Receiver) -> None:
    deliverer = queued.deliverer()
    answered = 0

    def answer(handler: BaseHTTPRequestHandler) -> None:
        nonlocal answered
        answered += 1
        if answered == 20:
            deliverer.stopping.set()
        status(204)(handler)

    receiver.always = answer
    assert deliverer.deliver_due() == Tally(delivered=20)
    assert states(queued) == ["delivered"] * 20 + ["pending"] * (MANY - 20)
    # Nobody has to wait for a lease to run out.
    assert queued.deliver() == Tally(delivered=MANY - 20)
    assert receiver.ids == ids(queued)


def test_whoever_holds_them_too_long_sends_no_more_of_them(
    queued: Stage, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a process that was stopped and goes on: somebody else may send them by now."""
    monkeypatch.setattr(sending, "_LEASE_USED", 0.0)
    deliverer = queued.deliverer()
    sender = deliverer._sender()
    configured, webhook = deliverer.in_force.now, queued.webhooks["main"]
    claimed = sender._claim(webhook, 8, ExitStack())
    assert len(claimed.deliveries) == 8
    with Way(deliverer.network) as way:
        assert sender._send(configured, webhook, claimed, way) == (Tally(), True)
    assert receiver.requests == []
    assert states(queued) == ["pending"] * MANY


def test_a_receiver_that_hangs_up_now_and_then_misses_nothing(
    queued: Stage, receiver: Receiver
) -> None:
    def last(handler: BaseHTTPRequestHandler) -> None:
        status(204)(handler)
        handler.close_connection = True

    receiver.scripts = [last if number % 3 else status(204) for number in range(MANY)]
    assert queued.deliver() == Tally(delivered=MANY)
    assert receiver.ids == ids(queued)


def test_an_answer_lost_on_a_connection_that_served_before_goes_out_again_with_its_id(
    queued: Stage, receiver: Receiver
) -> None:
    receiver.scripts = [status(204), status(204), reset]
    tally = queued.deliver()
    while tally.retrying:
        queued.now = next(one for one in queued.owed() if one.state == "pending").next_at
        tally = queued.deliver()
    found = ids(queued)
    assert receiver.ids == found[:3] + found[2:]
    with queued.database.read() as connection:
        assert webhooks.state(connection, "main").failing_since is None


def test_an_alertmanager_shows_trouble_for_as_long_as_it_lasts(stage: Stage) -> None:
    with alertmanager(lambda: stage.now) as found:
        settings: dict[str, Any] = {"format": "alertmanager", "labels": {"pipellm": {"team": "x"}}}
        stage.webhooks.update(hook("main", found.receiver, **settings))

        def firing() -> list[str]:
            assert stage.deliver().failed == 0
            return [labels["alertname"] for labels in found.firing(stage.now)]

        stage.poll(many(12))
        assert firing() == ["PricetrailModelAdded"] * 10
        for _ in range(3):
            stage.poll(GatewayError("HTTP 503"), after=60)
        assert firing() == ["PricetrailSourceFailing"]
        # What was not taken for hours lasts from when it is.
        stage.poll(many(13), after=15)
        found.receiver.scripts = [status(503)]
        stage.deliver()
        stage.pass_time(hours=5)
        assert firing() == ["PricetrailModelAdded"]
        assert stage.poll(many(3), after=60).outcome == "quarantined"
        assert firing() == ["PricetrailSourceQuarantined"]
        stage.poll(many(13), after=60)
        assert firing() == []
        assert {dict(key)["team"] for key in found.alerts} == {"x"}
