"""What one snapshot changed about one model, or what happened to a source."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog import merkle
from pricetrail.catalog.changes import Change
from pricetrail.catalog.event_details import (
    Details,
    Heading,
    ModelAdded,
    ModelChanged,
    ModelRemoved,
    ModelSunset,
    Notice,
    Quarantined,
    Released,
    SchemaChanged,
    SourceFailing,
    SourceRecovered,
)
from pricetrail.catalog.event_types import (
    ADDED,
    COUNTED_TYPES,
    FAILING,
    MODEL_TYPES,
    PAUSED,
    QUARANTINED,
    RECOVERED,
    RELEASED,
    REMOVED,
    REPRICED,
    SCHEMA_CHANGED,
    SUNSET,
    TYPES,
    UPDATED,
)
from pricetrail.catalog.strict_json import dumps
from pricetrail.catalog.times import rfc3339

__all__ = [
    "ADDED",
    "COUNTED_TYPES",
    "FAILING",
    "MODEL_TYPES",
    "PAUSED",
    "QUARANTINED",
    "RECOVERED",
    "RELEASED",
    "REMOVED",
    "REPRICED",
    "SCHEMA_CHANGED",
    "SUNSET",
    "TYPES",
    "UPDATED",
    "Event",
]


@dataclass(frozen=True, slots=True)
class Event:
    """One event, exact; JSON is made of it where it leaves.

    `version` is the snapshot's; for source events the last accepted one (0: none yet), of which
    `head` is the chain's hash. `at` is the first instant that is known to have seen the new state,
    `not_before` the last that saw the old one (None: none did, or it belongs to no snapshot).
    """

    id: str
    source: str
    version: int
    sequence: int
    type: str
    model: str | None
    at: datetime
    details: Details
    head: bytes | None = None
    not_before: datetime | None = None

    @property
    def of_snapshot(self) -> bool:
        """Whether a snapshot made it; else it happened to a source, or is said again."""
        return (self.type in MODEL_TYPES or self.type == SCHEMA_CHANGED) and not self.reminder

    @property
    def reminder(self) -> int:
        """How many days before a date of retirement it is said again; 0 for all other events."""
        return self.details.reminder if isinstance(self.details, ModelSunset) else 0

    @property
    def window(self) -> tuple[datetime | None, datetime]:
        """The times between which it happened."""
        return self.not_before, self.at

    @property
    def changes(self) -> tuple[Change, ...]:
        """What changed of the model, by path; empty where it is not about that."""
        if isinstance(self.details, ModelChanged | ModelSunset):
            return self.details.changes
        return ()

    @property
    def direction(self) -> str | None:
        """`increase`, `decrease`, `mixed` or `none`; `None` where it is about no changes."""
        if isinstance(self.details, ModelChanged | ModelSunset):
            return self.details.direction
        return None

    @property
    def heading(self) -> Heading | None:
        """What identifies its model; `None` where it is about none."""
        match self.details:
            case ModelChanged(model=heading) | ModelSunset(model=heading):
                return heading
            case ModelAdded(document) | ModelRemoved(document):
                return Heading.of(document)
        return None

    def payload(self) -> dict[str, object]:
        """The `data` of its message."""
        start: dict[str, object] = {"id": self.id, "source": self.source}
        if self.of_snapshot:
            return {**start, **self.stamp(), **self.details.as_json()}
        return {**start, **self.particulars()}

    def stamp(self) -> dict[str, object]:
        """The members that all events of a snapshot share: `snapshot` and `observed`."""
        return {
            "snapshot": {
                "version": self.version,
                "previous": self.version - 1,
                "hash": None if self.head is None else merkle.hash_text(self.head),
            },
            "observed": {
                "not_before": rfc3339(self.not_before) if self.not_before else None,
                "not_after": rfc3339(self.at),
            },
        }

    def particulars(self) -> dict[str, object]:
        """What it says of its own; an event of a source bears witness to the head as well."""
        data = self.details.as_json()
        if not self.of_snapshot and self.head is not None:
            data["head"] = {"version": self.version, "hash": merkle.hash_text(self.head)}
        return data

    def as_json(self) -> dict[str, object]:
        """The body of the `json` format."""
        return {"type": self.type, "timestamp": rfc3339(self.at), "data": self.payload()}


def details_from_json(kind: str, data: Mapping[str, object]) -> Details:
    """The details of an event that no snapshot made or that is about no model, from their JSON.

    Raises:
        KeyError, TypeError, ValueError: they are none.
    """
    return _FROM_JSON.get(kind, Notice.from_json)(data)


_FROM_JSON: dict[str, Callable[[Mapping[str, object]], Details]] = {
    SUNSET: ModelSunset.from_json,
    SCHEMA_CHANGED: SchemaChanged.from_json,
    FAILING: SourceFailing.from_json,
    RECOVERED: SourceRecovered.from_json,
    QUARANTINED: Quarantined.from_json,
    RELEASED: Released.from_json,
}


def event_id(*parts: str) -> str:
    """The same change in the same snapshot of the same source has the same id everywhere.

    Built from what happened and never from when it was seen, so that every replica, every
    retry and an import of the same history agree.
    """
    digest = hashlib.sha256(b"pricetrail event 1\x00" + dumps(list(parts)).encode())
    return "evt_" + digest.hexdigest()[:40]
