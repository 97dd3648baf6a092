"""Hundreds of events to a receiver that does everything wrong: all arrive, in order."""

import random
import time
from functools import partial
from http.server import BaseHTTPRequestHandler

import pytest
from sqlalchemy import event as hooks

from pricetrail.alerts.posting import post
from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs.deliveries import sending
from pricetrail.storage.outbox import deliveries, webhooks
from tests.jobs.stage import Stage, many, staged
from tests.support.receivers import Receiver, Script, endless, receiving, reset, status
from tests.support.volume import size

pytestmark = pytest.mark.slow

# Enough for each fault to be met by several of them.
EVENTS = size(350, thorough=1000)


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Take the message, then byte after byte, and never a whole status line."""
    handler.close_connection = True
    try:
        for byte in b"HTTP/1.1 200 " * 10:
            handler.connection.sendall(bytes([byte]))
            time.sleep(0.02)
    except OSError:
        return


# Whether the receiver has taken the message when it behaves like this.
FAULTS: list[tuple[Script, bool]] = [
    (status(429, Retry_After="30"), False),
    (status(500), False),
    (status(302, Location="http://127.0.0.1:9/"), False),
    (status(410), False),
    (reset, True),
    (drip, True),
    (endless, True),
]


class Storm:
    """Misbehaves about every tenth time, and remembers what it took all the same."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.chance = random.Random(7)
        self.taken: list[str] = []
        self.unanswered: list[str] = []
        self.played: set[Script] = set()

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        script, takes = status(204), True
        if self.chance.random() < 0.1:
            script, takes = self.chance.choice(FAULTS)
            self.played.add(script)
        name = self.receiver.ids[-1]
        if takes:
            self.taken.append(name)
        if script in (reset, drip):
            self.unanswered.append(name)
        script(handler)


def deliver_all(stage: Stage) -> None:
    while True:
        stage.deliver()
        waiting = [one for one in stage.owed("main") if one.state == "pending"]
        if not waiting:
            return
        stage.now = max(stage.now, waiting[0].next_at)
        with stage.database.write() as connection:
            webhooks.enable(connection, "main")


def late_answers(stage: Stage) -> set[str]:
    """Events whose answer, on a busy machine, came too late: the sender saw none."""
    with stage.database.read() as connection:
        return {
            event_id
            for one in stage.owed()
            if any(
                tried.error == "no answer in time" for tried in deliveries.attempts(connection, one)
            )
            for event_id in one.event_ids
        }


def test_hundreds_of_events_through_a_storm(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "post", partial(post, timeout=0.4))
    with receiving() as receiver, staged(sqlite_url) as stage:
        hooks.listen(
            stage.database.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF")
        )
        storm = Storm(receiver)
        receiver.always = storm
        hook = Webhook(name="main", url=receiver.url, allow_private=True)
        stage.webhooks = {"main": hook}
        stage.poll(many(1))
        stage.poll(many(1 + EVENTS))
        deliver_all(stage)
        events = [event.id for event in stage.events("model.added")]
        assert list(dict.fromkeys(storm.taken)) == events
        assert len(events) == EVENTS
        # In order, and twice only where the answer was lost.
        again = [
            late for early, late in zip(storm.taken, storm.taken[1:], strict=False) if early == late
        ]
        assert len(storm.taken) == EVENTS + len(again)
        assert set(again) <= {*storm.unanswered, *late_answers(stage)}
        assert storm.played == {script for script, _ in FAULTS}
        assert {one.state for one in stage.owed()} == {"delivered"}
