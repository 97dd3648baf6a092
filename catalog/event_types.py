"""The types of events: names alone, which cost nothing to have."""

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
