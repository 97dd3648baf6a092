"""What may be asked: checked, with one line about what is wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from pricetrail.catalog.times import utc
from pricetrail.mcp.arguments import DiffArguments, EventsArguments, PriceArguments
from tests.pricetrail.mcp.asking import Asked


def test_a_name_is_taken_as_an_answer_spells_it() -> None:
    given = PriceArguments.model_validate({"model": r"a\u{202e}b\u{5c}u{202e}"})
    assert given.model == "a\u202eb\\u{202e}"


def test_a_time_may_be_a_date() -> None:
    given = EventsArguments.model_validate({"since": "2026-03-01", "until": None})
    assert (given.since, given.until) == (utc("2026-03-01T00:00:00Z"), None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "model: missing: it is required"),
        ({"model": 5}, 'model: not text: write it in quotes, as "a"'),
        ({"model": "a\x00"}, "model: no name holds U+0000"),
        (
            {"model": "\ud800"},
            "model: not text: it holds half a character; write it in UTF-8",
        ),
        (
            {"model": "a", "at": "soon"},
            (
                "at: 'soon' is not a time: write 2026-11-23T10:00:00Z, '2026-11-23 10:00' (UTC) or "
                "2026-11-23, yesterday, 3d or 2h30m (so long ago)"
            ),
        ),
        (
            {"model": "a", "at": 5},
            "at: write a time as RFC 3339 text, such as 2026-03-01T12:00:00Z",
        ),
        (
            {"model": "a", "when": "now"},
            "when: no such argument; there are: source, model, at, field",
        ),
    ],
)
def test_what_is_wrong_is_one_line(
    asked_empty: Asked, arguments: dict[str, object], said: str
) -> None:
    assert asked_empty.refused("price", **arguments) == said


@pytest.mark.parametrize(
    ("limit", "said"),
    [(0, "too small: write 1"), (201, "too large: write 200"), ("many", "not a whole number")],
)
def test_a_page_has_its_limits(asked_empty: Asked, limit: object, said: str) -> None:
    assert asked_empty.refused("events", limit=limit).startswith(f"limit: {said}")


def test_a_type_that_there_is_not_is_told_with_those_that_there_are(asked: Asked) -> None:
    said = asked.refused("events", types=["model.exploded"])
    assert said.startswith("unknown event type 'model.exploded'; valid: model.added, ")


def test_times_and_revisions_may_be_words() -> None:
    given = PriceArguments.model_validate({"model": "a", "at": "3d"})
    assert given.at is not None
    assert timedelta(0) <= datetime.now(UTC) - timedelta(days=3) - given.at < timedelta(minutes=5)
    told = DiffArguments.model_validate({"from": "2026-03-01 12:00", "to": "17"})
    assert (told.older, told.newer) == ("2026-03-01T12:00:00Z", "17")
