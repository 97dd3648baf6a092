"""The tables: history, which is only appended to, and apart from it what changes as it runs.

A table is declared when somebody first asks for it, together with those of its subject: a question
needs a few. Whoever asks for `metadata` gets all of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pricetrail.storage.tables.accounts import usage, usage_file, verification
    from pricetrail.storage.tables.events import EVENT_ID_START, event, event_count, event_id_start
    from pricetrail.storage.tables.history import (
        model,
        model_version,
        path,
        price,
        schema_seen,
        shared_body,
        snapshot,
        sunset,
    )
    from pricetrail.storage.tables.outbox import attempt, delivery, routing, silence, webhook
    from pricetrail.storage.tables.polls import coverage, held, poll, quarantine
    from pricetrail.storage.tables.schema import metadata
    from pricetrail.storage.tables.sources import removed_source, slot, source

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
    "shared_body",
    "silence",
    "slot",
    "snapshot",
    "source",
    "sunset",
    "usage",
    "usage_file",
    "verification",
    "webhook",
]

_SUBJECTS = ("accounts", "events", "history", "outbox", "polls", "sources")
_HOMES = {
    **dict.fromkeys(("usage", "usage_file", "verification"), "accounts"),
    **dict.fromkeys(("EVENT_ID_START", "event", "event_count", "event_id_start"), "events"),
    **dict.fromkeys(("attempt", "delivery", "routing", "silence", "webhook"), "outbox"),
    **dict.fromkeys(("coverage", "held", "poll", "quarantine"), "polls"),
    **dict.fromkeys(("removed_source", "slot", "source"), "sources"),
    **dict.fromkeys(("model", "model_version", "path", "price", "schema_seen"), "history"),
    **dict.fromkeys(("shared_body", "snapshot", "sunset"), "history"),
    "metadata": "schema",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Declare a table's subject, once; all of them for `metadata`."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        if name == "metadata":
            for subject in _SUBJECTS:
                import_module(f"{__name__}.{subject}")
        found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        return found
