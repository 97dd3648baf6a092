"""Made-up receivers of webhooks: they take messages, or do not, or do and say nothing."""

import base64
import hmac
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from pricetrail.alerts.webhooks import Webhook
from pricetrail.net.answer import Answer
from pricetrail.net.no_answer import Cause, NoAnswerError
from tests.faults.simulation import scheduler

SECRET = "whsec_" + base64.b64encode(b"a secret of the simulation").decode()
_MOODS = {"takes": 30, "500": 4, "429": 2, "loses": 3, "refuses": 3, "410": 1}


@dataclass(frozen=True)
class Taken:
    """A message that a receiver has: its id, its bytes, and when, in seconds of the world."""

    id: str
    body: bytes
    at: int

    @property
    def events(self) -> list[dict[str, Any]]:
        """What it tells, each event with its type, id and data."""
        message = json.loads(self.body)
        if message["type"] == "catalog.changed":
            return list(message["data"]["events"])
        return [message["data"] | {"type": message["type"]}]


@dataclass
class Receiver:
    """One webhook's, with the ledger of all it has taken."""

    chance: random.Random
    mood: str = "takes"
    ledger: list[Taken] = field(default_factory=list)

    def live(self) -> str:
        """Change how it answers, or not."""
        self.mood = self.chance.choices(list(_MOODS), list(_MOODS.values()))[0]
        return self.mood

    def answer(self, headers: Mapping[str, str], body: bytes, now: int) -> Answer:
        """Take a POST, or not."""
        mood = self.mood
        if mood == "refuses":
            raise NoAnswerError(Cause.REFUSED)
        if mood in ("500", "410", "429"):
            retry = {"retry-after": "120"} if mood == "429" else {}
            return Answer(int(mood), retry)
        _check_signature(headers, body)
        self.ledger.append(Taken(headers["webhook-id"], body, now))
        if mood == "loses":
            raise NoAnswerError(Cause.SLOW)
        return Answer(204)


def _check_signature(headers: Mapping[str, str], body: bytes) -> None:
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = "v1," + base64.b64encode(hmac.digest(key, signed, sha256)).decode()
    assert expected in headers["webhook-signature"].split()


class Wire:
    """What stands in the place of a connection: `ways.Way`, and the route that it gives.

    Args:
        receivers: by the webhook's name.
        now: the second of the world.
    """

    def __init__(self, receivers: Mapping[str, Receiver], now: Callable[[], int]) -> None:
        self._receivers, self._now = receivers, now

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing is open."""

    def to(self, webhook: Webhook) -> "Line":
        """The route to a webhook."""
        return Line(self._receivers[webhook.name], self._now)


@dataclass(frozen=True)
class Line:
    """One route; whoever waits at either end of a message may be killed or stopped there."""

    receiver: Receiver
    now: Callable[[], int]

    def send(self, headers: Mapping[str, str], body: bytes, *, timeout: float) -> Answer:
        """POST once."""
        assert timeout > 0
        scheduler.point("post")
        try:
            return self.receiver.answer(headers, body, self.now())
        finally:
            scheduler.point("posted")
