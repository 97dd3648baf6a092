"""The types of events: names alone, which cost nothing to have."""

ADDED = "model.added"
REMOVED = "model.removed"
REPRICED = "model.repriced"
UPDATED = "model.updated"
SUNSET = "model.sunset"
SCHEMA_CHANGED = "catalog.schema_changed"
FAILING = "source.failing"
RECOVERED = "source.recovered"
QUARANTINED = "source.quarantined"
RELEASED = "source.released"

# About pricetrail itself: told to people, no part of what a webhook subscribes to.
PAUSED = "webhook.paused"

MODEL_TYPES = (ADDED, REMOVED, REPRICED, UPDATED, SUNSET)
# What a snapshot is counted by; `SUNSET` is among those that were updated.
COUNTED_TYPES = (ADDED, REMOVED, REPRICED, UPDATED)
TYPES = (*MODEL_TYPES, SCHEMA_CHANGED, FAILING, RECOVERED, QUARANTINED, RELEASED)
# What the log may hold: a word about a webhook is owed to the others, whatever they ask for.
RECORDED_TYPES = (*TYPES, PAUSED)
