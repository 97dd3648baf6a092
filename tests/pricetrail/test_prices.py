"""Events in words."""

from pricetrail.alerts.sample_events import sample_events
from pricetrail.catalog.event_details import Heading
from pricetrail.catalog.sunsets import reminded, reminder_event
from pricetrail.catalog.times import utc
from pricetrail.prices import event_words


def test_an_event_is_its_changes_or_else_what_it_was_without_the_models_name() -> None:
    told = {event.type: event_words(event) for event in sample_events()}
    assert told["model.repriced"] == ["▼ video $0.40 → $0.35 per second (−12.5%)"]
    [added], [removed] = told["model.added"], told["model.removed"]
    assert added.startswith("added: prompt $")
    assert removed == "no longer visible"


def test_a_date_of_retirement_is_said_with_the_days_that_are_left() -> None:
    at, date = utc("2026-11-24T10:00:00Z"), utc("2026-12-01")
    details = reminded(Heading("m", "M", "openai"), date, at, 7)
    event = reminder_event("s", 2, b"\x00" * 32, "s", details, at)
    assert event_words(event) == ["to be retired on 1 December 2026 (in 7 days)"]
