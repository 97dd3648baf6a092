"""Dates of retirement in messages: for people one line for all that say the same, in words."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from pricetrail.alerts import alertmanager, cloudevents
from pricetrail.alerts.channels import render
from pricetrail.alerts.messages import json_messages
from pricetrail.alerts.plaintext import text_of
from pricetrail.alerts.report import Blip, Context, report
from pricetrail.alerts.titles import title_of
from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.changes import ABSENT, Change
from pricetrail.catalog.event_details import Heading
from pricetrail.catalog.events import SUNSET, Event
from pricetrail.catalog.sunsets import announced, reminded, reminder_event
from pricetrail.catalog.times import utc
from pricetrail.text.lines import flat

AT, DATE = utc("2026-11-01T10:00:00Z"), utc("2026-12-01")
HEAD = b"\x5a" * 32


def heading(model: str) -> Heading:
    return Heading(model, model.title(), "openai")


def moved(model: str, new: object = "2026-12-01", old: object = ABSENT) -> Event:
    change: Any = Change("/sunset_at", old, new)  # type: ignore[arg-type]  # leaves, all of them
    details = announced(heading(model), (change,), AT)
    start = AT - timedelta(hours=1)
    return Event(f"evt_{model}", "s", 2, 0, SUNSET, model, AT, details, HEAD, start)


def again(model: str, days: int = 30, at: datetime = AT) -> Event:
    return reminder_event("s", 2, HEAD, "s", reminded(heading(model), DATE, at, days), at)


@pytest.mark.parametrize(
    ("events", "title", "line"),
    [
        (
            [moved("a")],
            "s: a to be retired on 1 December 2026 (in 30 days)",
            "a — to be retired on 1 December 2026 (in 30 days)",
        ),
        (
            [moved("a", old="2026-11-20")],
            "s: a to be retired on 1 December 2026 (in 30 days, before: 20 November 2026)",
            "a — to be retired on 1 December 2026 (in 30 days, before: 20 November 2026)",
        ),
        (
            [moved("a", new="soon", old="2026-12-01")],
            "s: a no longer to be retired (was 1 December 2026)",
            "a — no longer to be retired (was 1 December 2026), now soon",
        ),
        (
            [again("a", 7, utc("2026-11-26T10:00:00Z"))],
            "s: a to be retired on 1 December 2026 (in 5 days)",
            "a — to be retired on 1 December 2026 (in 5 days)",
        ),
        (
            [again(name) for name in "abc"],
            "s: 3 to be retired",
            "a, b and c: to be retired on 1 December 2026 (in 30 days)",
        ),
        (
            [moved("a"), moved("b", new=ABSENT, old="2026-12-01")],
            "s: 1 to be retired, 1 no longer to be retired",
            "b — no longer to be retired (was 1 December 2026)",
        ),
    ],
)
def test_people_read_the_day_and_how_far_away_it_is(
    events: list[Event], title: str, line: str
) -> None:
    assert flat(title_of(events)) == title
    text = text_of(report(events), 3000)
    assert "To be retired:\n" in text
    assert f"• {line}\n" in text + "\n"


def test_every_format_for_people_takes_it_and_says_the_same() -> None:
    for form in ("slack", "discord", "teams"):
        url = "https://example.com/x"
        messages = render(Webhook(name="w", url=url, format=form), [again("a"), again("b")])
        assert len(messages) == 1
        assert "to be retired on 1 December 2026 (in 30 days)" in messages[0].body.decode()


def test_a_date_that_was_undone_is_one_line() -> None:
    details = moved("a")
    blip = Blip("evt_a", "a", details.changes, AT, AT + timedelta(hours=2), SUNSET)
    [section] = report([], Context(blips=(blip,))).sections
    said = flat(section.lines[0])
    assert said == "• a had another date of retirement, undone within 2 h"


def test_programs_get_each_by_itself_and_reminders_never_in_a_batch() -> None:
    batching = Webhook(name="w", url="https://example.com/x", batch=True)
    events = [moved("a"), moved("b"), again("c"), again("d")]
    bodies: list[Any] = [json.loads(one.body) for one in json_messages(batching, events)]
    assert [body["type"] for body in bodies] == ["catalog.changed", SUNSET, SUNSET]
    assert [one["sunset"]["reminder"] for one in bodies[0]["data"]["events"]] == [0, 0]
    assert [body["data"]["sunset"]["reminder"] for body in bodies[1:]] == [30, 30]
    told = cloudevents.messages(batching, events)
    assert [len(json.loads(one.body)) for one in told] == [2, 2]
    assert told[1].webhook_id not in {event.id for event in events}
    assert cloudevents.messages(batching, events[2:3])[0].webhook_id == events[2].id


def test_each_reminder_is_an_alert_of_its_own() -> None:
    first: Any = alertmanager.alert(moved("a"))
    second: Any = alertmanager.alert(again("a"))
    third: Any = alertmanager.alert(again("a", 7))
    assert first["labels"]["alertname"] == "PricetrailModelSunset"
    assert (first["labels"]["version"], first["labels"]["model"]) == ("2", "a")
    assert [one["labels"].get("reminder") for one in (first, second, third)] == [None, "30", "7"]
    assert "version" not in second["labels"]
    assert first["annotations"]["summary"].endswith("(in 30 days)")


def test_a_reminder_has_one_id_whenever_it_is_said() -> None:
    assert again("a").id == again("a", at=AT + timedelta(days=3)).id
    assert len({again("a").id, again("a", 7).id, again("b").id}) == 3
