"""What one snapshot changed about one model, or what happened to a source."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pricetrail.catalog.times import rfc3339

ADDED = "model.added"
REMOVED = "model.removed"
REPRICED = "model.repriced"
UPDATED = "model.updated"
SCHEMA_CHANGED = "catalog.schema_changed"
FAILING = "source.failing"
RECOVERED = "source.recovered"
QUARANTINED = "source.quarantined"
RELEASED = "source.released"

# About pricetrail itself: told to people, no part of what a webhook subscribes to.
PAUSED = "webhook.paused"

MODEL_TYPES = (ADDED, REMOVED, REPRICED, UPDATED)
TYPES = (*MODEL_TYPES, SCHEMA_CHANGED, FAILING, RECOVERED, QUARANTINED, RELEASED)


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `data` is the message's own `data`, JSON-ready (amounts are strings).

    `version` is the snapshot's; for source events the last accepted one (0: none yet).
    `at` is the first instant that is known to have seen the new state.
    """

    id: str
    source: str
    version: int
    sequence: int
    type: str
    model: str | None
    at: datetime
    data: dict[str, Any]

    def message(self) -> dict[str, Any]:
        """The body of the `json` format."""
        return {"type": self.type, "timestamp": rfc3339(self.at), "data": self.data}
