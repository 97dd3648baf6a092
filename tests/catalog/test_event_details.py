"""What each kind of event says of its own: as JSON, and back from it."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pricetrail.catalog.changes import ABSENT, Change
from pricetrail.catalog.event_details import (
    Details,
    Heading,
    ModelChanged,
    Notice,
    Quarantined,
    Released,
    SchemaChanged,
    SourceFailing,
    SourceRecovered,
    Trial,
)
from pricetrail.catalog.events import (
    FAILING,
    PAUSED,
    QUARANTINED,
    RECOVERED,
    RELEASED,
    SCHEMA_CHANGED,
    details_from_json,
)
from pricetrail.catalog.strict_json import dumps, loads

SINCE = datetime(2026, 3, 1, 10, 30, 0, 250_000, tzinfo=UTC)
COUNTS = {"added": 0, "removed": 9, "repriced": 1, "updated": 0}


@pytest.mark.parametrize(
    ("kind", "details", "text"),
    [
        (
            SCHEMA_CHANGED,
            SchemaChanged(("/pricing/a/b",), (), ("m", "n")),
            '{"paths":["/pricing/a/b"],"kinds":[],"models":["m","n"]}',
        ),
        (
            FAILING,
            SourceFailing(3, SINCE, "HTTP 503", 7, 2),
            (
                '{"failures":3,"since":"2026-03-01T10:30:00.250Z","error":"HTTP 503",'
                '"missed":7,"reminder":2}'
            ),
        ),
        (
            RECOVERED,
            SourceRecovered(SINCE, 4, 7),
            '{"since":"2026-03-01T10:30:00.250Z","failed_polls":4,"missed_polls":7}',
        ),
        (
            QUARANTINED,
            Quarantined(7, "empty", 0, COUNTS),
            '{"quarantine":7,"reason":"empty","models":0,"counts":' + dumps(COUNTS) + "}",
        ),
        (RELEASED, Released(7, "approved"), '{"quarantine":7,"verdict":"approved"}'),
        (PAUSED, Notice("it is paused", "prices"), '{"webhook":"prices","text":"it is paused"}'),
        (
            PAUSED,
            Notice("it is paused", "prices", "by hand"),
            '{"webhook":"prices","why":"by hand","text":"it is paused"}',
        ),
        ("pricetrail.test", Notice("hello"), '{"text":"hello"}'),
    ],
)
def test_details_come_back_from_their_json(kind: str, details: Details, text: str) -> None:
    assert dumps(details.as_json()) == text
    assert details_from_json(kind, loads(text)) == details


def test_what_an_older_version_wrote_is_read() -> None:
    text = '{"failures":3,"since":"2026-03-01T10:30:00.250Z","error":"HTTP 503"}'
    assert details_from_json(FAILING, loads(text)) == SourceFailing(3, SINCE, "HTTP 503", 0, 0)
    text = '{"since":"2026-03-01T10:30:00.250Z","failed_polls":4}'
    assert details_from_json(RECOVERED, loads(text)) == SourceRecovered(SINCE, 4, 0)


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (FAILING, "{}", "'failures'"),
        (
            FAILING,
            '{"failures":"3","since":"2026-03-01T10:30:00Z","error":"x"}',
            "not a whole number",
        ),
        (FAILING, '{"failures":3,"since":"yesterday","error":"x"}', "'yesterday' is not a time"),
        (
            QUARANTINED,
            '{"quarantine":7,"reason":"empty","models":0,"counts":[]}',
            "counts are no object",
        ),
        (SCHEMA_CHANGED, '{"paths":"/pricing/x","kinds":[],"models":[]}', "not a list"),
        (SCHEMA_CHANGED, '{"paths":{"x":1},"kinds":[],"models":[]}', "not a list"),
        (PAUSED, '{"webhook":"prices"}', "'text'"),
    ],
)
def test_what_is_no_such_json_is_refused(kind: str, text: str, said: str) -> None:
    with pytest.raises((KeyError, TypeError, ValueError), match=f"^{said}"):
        details_from_json(kind, loads(text))


DOCUMENT = {"id": "gpt-5", "type_target": 5, "pricing": {"text": {"prompt": "2"}}}
RISE = Change("/pricing/text/prompt", Decimal(1), Decimal(2))


def test_a_trial_says_that_it_is_one_before_its_rules_and_its_example() -> None:
    sample = ModelChanged(Heading.of(DOCUMENT), (RISE,))
    trial = Trial("prices", "slack", {"models": ["gpt-*"]}, sample)
    text = (
        "This is a test message from pricetrail: the webhook prices works. "
        "Nothing has changed, and there is nothing to do."
    )
    assert trial.text == text
    assert trial.as_json() == {
        "test": True,
        "webhook": "prices",
        "format": "slack",
        "text": text,
        "rules": {"models": ["gpt-*"]},
        "sample": {"type": "model.repriced", **sample.as_json()},
    }


def test_changes_say_of_which_model_and_in_which_direction() -> None:
    details = ModelChanged(Heading.of(DOCUMENT), (RISE, Change("/note", ABSENT, "x")))
    assert details.as_json() == {
        "model": {"id": "gpt-5", "display_name": None, "type_target": 5},
        "direction": "increase",
        "changes": [change.as_json() for change in details.changes],
    }
