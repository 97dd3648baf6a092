"""What one snapshot changed about one model, or what happened to a source."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pricetrail.catalog.changes import Change
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

    @property
    def changes(self) -> tuple[Change, ...]:
        """What changed of the model, by path; empty where it is not about that."""
        return tuple(map(Change.from_json, self.data.get("changes", ())))

    @property
    def direction(self) -> str | None:
        """`increase`, `decrease`, `mixed` or `none`; `None` where it is about no changes."""
        return self.data.get("direction")

    def as_json(self) -> dict[str, Any]:
        """The body of the `json` format."""
        return {"type": self.type, "timestamp": rfc3339(self.at), "data": self.data}
