"""An Alertmanager on loopback: takes what the real one takes, and knows what fires.

As its `api/v2` (openapi.yaml, api.go), `alert.go` and `provider/mem` have it in version 0.28.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.receivers import Receiver, receiving, status

RESOLVE_TIMEOUT = timedelta(minutes=5)
_KEYS = {"labels", "annotations", "startsAt", "endsAt", "generatorURL"}
_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


@dataclass
class Alertmanager:
    """Takes alerts at `receiver.url`, and says which fire at a time."""

    receiver: Receiver
    alerts: dict[frozenset[tuple[str, str]], tuple[datetime, datetime, dict[str, str]]] = field(
        default_factory=dict
    )

    def firing(self, now: datetime) -> list[dict[str, str]]:
        """The labels of what fires, in order of the alerts' names."""
        found = [dict(key) for key, (_, ends, _) in self.alerts.items() if ends > now]
        return sorted(found, key=lambda labels: sorted(labels.items()))

    def post(self, alerts: Any, now: datetime) -> int:
        """The status that it answers with."""
        if not isinstance(alerts, list) or not all(map(_is_postable, alerts)):
            return 422
        refused = [alert for alert in alerts if not self._put(alert, now)]
        return 400 if refused else 200

    def _put(self, alert: dict[str, Any], now: datetime) -> bool:
        ends = _time(alert.get("endsAt"))
        starts = _time(alert.get("startsAt")) or ends or now
        ends = ends or now + RESOLVE_TIMEOUT
        labels = {name: value for name, value in alert["labels"].items() if value}
        if ends < starts or not labels or not all(map(_NAME.fullmatch, labels)):
            return False
        key = frozenset(labels.items())
        before = self.alerts.get(key)
        overlaps = before and (before[0] < ends < before[1] or before[0] < starts < before[1])
        if before and overlaps:
            starts = min(starts, before[0])
            ends = ends if ends <= now else max(ends, before[1])
        self.alerts[key] = (starts, ends, alert.get("annotations", {}))
        return True


def _is_postable(alert: Any) -> bool:
    return (
        isinstance(alert, dict)
        and alert.keys() <= _KEYS
        and _is_label_set(alert.get("labels"))
        and _is_label_set(alert.get("annotations", {}))
        and "generatorURL" not in alert
    )


def _is_label_set(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


@contextmanager
def alertmanager(clock: Any = lambda: datetime.now(UTC)) -> Iterator[Alertmanager]:
    """One that listens while the context is open, by this clock."""
    with receiving() as receiver:
        made = Alertmanager(receiver)

        def take(handler: BaseHTTPRequestHandler) -> None:
            request = receiver.requests[-1]
            wanted = (request.path.endswith("/api/v2/alerts"), request.headers["content-type"])
            code = 404
            if wanted == (True, "application/json"):
                code = made.post(json.loads(request.body), clock())
            status(code)(handler)

        receiver.always = take
        yield made
