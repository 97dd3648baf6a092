"""What is posted, and the `json` format of contract section 3."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from pricetrail.alerts.report import NOTHING, Context
from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.events import Event
from pricetrail.catalog.strict_json import dumps, printable
from pricetrail.catalog.times import rfc3339

JSON_TYPE = "application/json"
CATALOG_CHANGED = "catalog.changed"


@dataclass(frozen=True, slots=True)
class Message:
    """One POST, the same bytes on every attempt; signing adds its headers at each of them.

    `plain_body` is what a chat is sent when it refuses the laid-out `body` as malformed.
    """

    webhook_id: str
    body: bytes
    content_type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)
    plain_body: bytes | None = None


def json_messages(
    webhook: Webhook, events: Sequence[Event], _context: Context = NOTHING
) -> list[Message]:
    """One message an event; with `batch`, one for all that a snapshot changed.

    What happens to a source belongs to no snapshot: its events are single in a batch, too.
    """
    if not webhook.batch:
        return [_single(event) for event in events]
    messages: list[Message] = []
    for some in by_occasion(events):
        messages += [_batch(some)] if some[0].of_snapshot else map(_single, some)
    return messages


def by_occasion(events: Sequence[Event]) -> list[list[Event]]:
    """The events of each snapshot together, in order; what happens to a source is by itself,
    and what a poll says again is together."""
    return [list(group) for _, group in groupby(events, key=_occasion)]


def _occasion(event: Event) -> tuple[str, int, str]:
    if event.reminder:
        return event.source, event.version, rfc3339(event.at)
    return event.source, event.version, "" if event.of_snapshot else event.id


def joint_id(events: Sequence[Event], blips: Sequence[str] = ()) -> str:
    """The deterministic id of a message that tells of several events, and of blips by their ids."""
    ids = [event.id for event in events] + [f"blip {name}" for name in blips]
    digest = hashlib.sha256("\n".join(ids).encode())
    return "msg_" + digest.hexdigest()[:40]


def _single(event: Event) -> Message:
    return Message(event.id, printable(dumps(event.as_json())).encode())


def _batch(events: list[Event]) -> Message:
    first, webhook_id = events[0], joint_id(events)
    data: dict[str, object] = {"id": webhook_id, "source": first.source, **first.stamp()}
    data["events"] = [{"type": event.type, **event.payload()} for event in events]
    document = {"type": CATALOG_CHANGED, "timestamp": rfc3339(first.at), "data": data}
    return Message(webhook_id, printable(dumps(document)).encode())
