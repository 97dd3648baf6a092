"""Teams: one adaptive card within its size."""

import re
from collections.abc import Sequence
from typing import Any

import pytest

from pricetrail.alerts import teams
from pricetrail.alerts.outcomes import DELIVERED, DISABLE, RETRY
from pricetrail.alerts.report import NOTHING, Context
from pricetrail.alerts.sample_events import sample_events
from pricetrail.catalog.events import Event
from pricetrail.net.answer import Answer
from tests.alerts.made import NASTY, NOW, added, blip, body, many, removed, repriced, strings


def judged(events: Sequence[Event], context: Context = NOTHING) -> dict[str, Any]:
    """The card, after its envelope, schema and size were checked."""
    message = teams.render(events, context)
    assert len(message.body) <= 20_000
    document = body(message)
    assert document["type"] == "message"
    [attachment] = document["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card: dict[str, Any] = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert card["fallbackText"]
    for block in card["body"]:
        # Text blocks read markdown; rich text blocks do not.
        assert block["type"] == "RichTextBlock"
        assert block["inlines"]
        assert all(run["type"] == "TextRun" and run["text"] for run in block["inlines"])
    return card


def lines(card: dict[str, Any]) -> list[str]:
    return ["".join(run["text"] for run in block["inlines"]) for block in card["body"]]


def test_the_sample_reads_as_a_person_would_want_it() -> None:
    shown = lines(judged(sample_events()))
    assert shown[0].startswith("pipellm: 7 repriced")
    assert shown[1] == "Seen between 09:00 and 10:00 UTC on 23 Nov 2026."
    assert "▼ kimi-k2 — prompt became free (was $0.60 /1M)" in shown
    assert shown[shown.index("No longer visible to this key") + 1] == "gpt-4-32k"


@pytest.mark.parametrize("count", [1, 10, 100, 1000])
def test_any_number_of_changes_fits_and_the_counts_are_exact(count: int) -> None:
    shown = "\n".join(lines(judged(many(count)))[1:])
    left = re.search(r"and ([\d,]+) more changes?: (.*)", shown)
    counted = int(left[1].replace(",", "")) if left else 0
    if count > 1:
        assert len(re.findall(r"vendor/model-\d{4}", shown)) + counted == count


def test_sizes_are_counted_in_bytes() -> None:
    events = [
        repriced(
            "模" * 200 + str(place), *[("价" * 200 + str(leaf), "1", "2") for leaf in range(9)]
        )
        for place in range(100)
    ]
    sources = [added("模" * 200, source="源" * 59 + str(place)) for place in range(4)]
    judged(events)
    judged([*events, *sources, *map(removed, "abc")], Context(blips=(blip("模" * 200),) * 50))
    judged([made('\\"' * 60 + f"{n:03}") for n in range(400) for made in (added, removed)])


@pytest.mark.parametrize("nasty", NASTY)
def test_names_are_text_runs_and_nothing_else(nasty: str) -> None:
    card = judged([repriced(nasty, ("text/prompt", "1", "2"), source=nasty), added(nasty)])
    assert not any("\x1b" in text or "\u202e" in text or "\n" in text for text in strings(card))
    named = [run for block in card["body"] for run in block["inlines"] if run.get("fontType")]
    assert all(run["fontType"] == "Monospace" for run in named)
    assert len(named) >= 4


def test_blips_alone_are_a_message() -> None:
    shown = lines(judged([], Context(blips=(blip(),))))
    assert shown[:2] == ["1 went and came back", "Went and came back"]


@pytest.mark.parametrize(
    ("status", "reply", "verdict"),
    [
        (202, b"", DELIVERED),
        (200, b"1", DELIVERED),
        (200, b"Webhook message delivery failed with error: Microsoft Teams endpoint", RETRY),
        (400, b"", RETRY),
        (401, b"", DISABLE),
        (403, b"", DISABLE),
        (404, b"", DISABLE),
        (410, b"", DISABLE),
        (413, b"", RETRY),
        (429, b"", RETRY),
        (502, b"", RETRY),
    ],
)
def test_what_teams_answers_means(status: int, reply: bytes, verdict: str) -> None:
    assert teams.read(Answer(status, {}, reply), NOW).verdict == verdict
