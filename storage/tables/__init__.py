"""The tables: history, which is only appended to, and apart from it what changes as it runs."""

from pricetrail.storage.tables.accounts import usage, usage_file, verification
from pricetrail.storage.tables.events import EVENT_ID_START, event, event_count, event_id_start
from pricetrail.storage.tables.history import (
    model,
    model_version,
    path,
    price,
    schema_seen,
    snapshot,
)
from pricetrail.storage.tables.outbox import attempt, delivery, routing, silence, webhook
from pricetrail.storage.tables.polls import coverage, held, poll, quarantine
from pricetrail.storage.tables.schema import metadata
from pricetrail.storage.tables.sources import removed_source, source

__all__ = [
    "EVENT_ID_START",
    "attempt",
    "coverage",
    "delivery",
    "event",
    "event_count",
    "event_id_start",
    "held",
    "metadata",
    "model",
    "model_version",
    "path",
    "poll",
    "price",
    "quarantine",
    "removed_source",
    "routing",
    "schema_seen",
    "silence",
    "snapshot",
    "source",
    "usage",
    "usage_file",
    "verification",
    "webhook",
]
