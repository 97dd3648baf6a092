"""A receiver that keeps a ledger of what it took, and does not always answer well."""

import json
import random
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.receivers import Receiver, receiving, reset, status


@dataclass
class Ledger:
    """What each path took: ids and messages, in order, those that came again among them.

    `lost` counts the answers that whoever sent a message never got, by path and id. Once it is
    `kind` it takes everything.
    """

    receiver: Receiver
    chance: random.Random
    kind: bool = False
    taken: dict[str, list[tuple[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    lost: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        with self.lock:
            request = self.receiver.requests.pop()
            script = status(204)
            dice = 1.0 if self.kind else self.chance.random()
            name, path = request.headers["webhook-id"], request.path.rpartition("/")[2]
            if dice < 0.08:
                script, self.refused = status(500), self.refused + 1
            else:
                self.taken[path].append((name, json.loads(request.body)))
            if 0.08 <= dice < 0.16:
                script = reset
                self.lost[path, name] += 1
        script(handler)

    def first_taken(self, path: str) -> list[str]:
        """The ids that a path took, each when it came first."""
        return list(dict.fromkeys(name for name, _ in self.taken[path]))


@contextmanager
def keeping_a_ledger(seed: int) -> Iterator[Ledger]:
    """A ledger that takes messages while the context is open."""
    with receiving() as receiver:
        ledger = Ledger(receiver, random.Random(seed))
        receiver.always = ledger
        yield ledger
