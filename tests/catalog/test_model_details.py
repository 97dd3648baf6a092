"""What an event of a model says: its heading, and a reminder read back from its JSON."""

import pytest

from pricetrail.catalog.model_details import (
    Heading,
    ModelAdded,
    ModelRemoved,
    ModelSunset,
    number,
)
from pricetrail.catalog.times import utc

HEADING = Heading("m", "M", None)
REMINDER = ModelSunset(HEADING, (), utc("2026-12-01T15:00:00Z"), None, 6, 7)


def test_a_heading_has_what_a_document_says_and_nothing_for_the_rest() -> None:
    assert Heading.of({"id": "m", "display_name": "M", "pricing": {}}) == HEADING
    assert HEADING.as_json() == {"id": "m", "display_name": "M", "type_target": None}
    assert Heading.of({"id": 1, "type_target": "openai"}) == Heading(1, None, "openai")
    document = {"id": "m", "more": [1]}
    assert ModelAdded(document).as_json() == ModelRemoved(document).as_json() == {"model": document}


def test_a_reminder_is_read_back_as_it_was_written() -> None:
    written = REMINDER.as_json()
    assert written["sunset"] == {
        "at": "2026-12-01T15:00:00Z",
        "previous": None,
        "days_left": 6,
        "reminder": 7,
    }
    assert written == {
        "model": {"id": "m", "display_name": "M", "type_target": None},
        "direction": "none",
        "changes": [],
        "sunset": written["sunset"],
    }
    assert ModelSunset.from_json(written) == REMINDER


def test_a_date_that_went_is_told_as_the_one_before() -> None:
    assert ModelSunset(HEADING, (), None, utc("2026-12-01"), None).sunset() == {
        "at": None,
        "previous": "2026-12-01T00:00:00Z",
        "days_left": None,
        "reminder": 0,
    }


@pytest.mark.parametrize(
    "spoiled",
    [
        {"model": None},
        {"sunset": []},
        {"sunset": {"at": None, "days_left": 1, "reminder": 1}},
        {"sunset": {"at": "soon", "days_left": 1, "reminder": 1}},
        {"sunset": {"at": "2026-12-01", "days_left": "1", "reminder": 1}},
        {"sunset": {"at": "2026-12-01", "days_left": 1}},
    ],
)
def test_what_is_no_reminder_is_refused(spoiled: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        ModelSunset.from_json({**REMINDER.as_json(), **spoiled})


def test_a_refusal_says_what_is_missing() -> None:
    with pytest.raises(TypeError, match=r"^not a reminder$"):
        ModelSunset.from_json({**REMINDER.as_json(), "model": None})
    with pytest.raises(TypeError, match=r"^not a whole number$"):
        number("7")
