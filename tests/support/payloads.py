"""What an event says, looked into as a receiver of its message would."""

from typing import Any

from pricetrail.catalog.events import Event


def data(event: Event) -> dict[str, Any]:
    """The `data` of an event's message."""
    return event.payload()
