"""What events are counted under in messages, in the order in which kinds are always named."""

from collections.abc import Mapping

from pricetrail.catalog.event_details import ModelSunset
from pricetrail.catalog.events import (
    ADDED,
    FAILING,
    QUARANTINED,
    RECOVERED,
    RELEASED,
    REMOVED,
    REPRICED,
    SCHEMA_CHANGED,
    SUNSET,
    UPDATED,
    Event,
)
from pricetrail.text.sums import counted

KINDS = {
    REPRICED: "repriced",
    ADDED: "added",
    REMOVED: "no longer visible",
    SUNSET: "to be retired",
    UPDATED: "updated",
    SCHEMA_CHANGED: "new in the catalog's format",
    FAILING: "source notice",
    RECOVERED: "source notice",
    QUARANTINED: "source notice",
    RELEASED: "source notice",
}
NOT_RETIRED = "no longer to be retired"


def kind_of(event: Event) -> str:
    """What an event is counted under."""
    if isinstance(event.details, ModelSunset) and event.details.sunset_at is None:
        return NOT_RETIRED
    return KINDS.get(event.type, "notice")


def of_kind(kind: str, count: int) -> str:
    """So many of a kind: `12 repriced`, `2 source notices`."""
    return counted(count, kind) if kind.endswith("notice") else f"{count:,} {kind}"


def in_order(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Counts by kind in the order in which kinds are always named."""
    order = [*dict.fromkeys(KINDS.values()), *counts]
    return [(kind, counts[kind]) for kind in dict.fromkeys(order) if counts.get(kind)]
