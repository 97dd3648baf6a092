"""Events in words."""

from pricetrail.alerts.sample_events import sample_events
from pricetrail.prices import event_words


def test_an_event_is_its_changes_or_else_what_it_was_without_the_models_name() -> None:
    told = {event.type: event_words(event) for event in sample_events()}
    assert told["model.repriced"] == ["▼ video $0.40 → $0.35 per second (−12.5%)"]
    [added], [removed] = told["model.added"], told["model.removed"]
    assert added.startswith("added: prompt $")
    assert removed == "no longer visible"
