"""Changes and events in words, as messages have them."""

from pricetrail.catalog.changes import Change, direction
from pricetrail.catalog.event_details import ModelSunset
from pricetrail.catalog.events import ADDED, REMOVED, Event
from pricetrail.text import phrases
from pricetrail.text.lines import joined, mark_of
from pricetrail.text.price_order import prompt_first


def change_words(change: Change) -> str:
    """`▼ prompt $3.00 → $2.50 /1M (−16.7%)`, as messages put it."""
    return f"{mark_of(direction([change]))} {joined(phrases.change_words(change))}"


def event_words(event: Event) -> list[str]:
    """What happened, without the model's name: a line for each change, or one of what it was."""
    if isinstance(event.details, ModelSunset):
        return [joined([*phrases.changes_words(event)])]
    if event.changes:
        return [change_words(change) for change in prompt_first(event.changes)]
    said = phrases.line_of(event)
    if event.type not in (ADDED, REMOVED):
        return [joined(said.spans)]
    # It begins with the model, which has a column of its own; then a new one's prices follow.
    prices = joined(said.spans[2:])
    return [f"{said.kind}: {prices}" if prices else said.kind]
