"""The examples of docs/formats, made by the code that they document."""

import json
import re
from decimal import Decimal
from typing import Any

from pricetrail.alerts.channels import render
from pricetrail.alerts.plaintext import text_of
from pricetrail.alerts.report import report
from pricetrail.alerts.sample_events import sample_events
from pricetrail.alerts.trial import test_event
from pricetrail.alerts.webhooks import PROGRAMS
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.events import SUNSET, Event
from pricetrail.text.lines import flat
from tests.alerts.made import NOW, hook, repriced

# Of the source that is told of.
LABELS = {"pipellm": {"team": "search"}}
PAGES = ("json", "cloudevents", "alertmanager", "slack", "discord", "teams", "apprise")


def example(name: str) -> str:
    """What a page shows: a short message's body, indented; Apprise's as its text."""
    [message] = render(hook(name, labels=LABELS), _events(name))
    document = json.loads(message.body)
    if name == "apprise":
        return f"{document['title']}\n\n{document['body']}"
    return _run_by_run(indented(document)) if name == "teams" else indented(document)


def _run_by_run(text: str) -> str:
    """A card's innermost objects in one line each, so that it can be read."""
    return re.sub(r"\{\s+([^{}]*?)\s+\}", lambda found: _in_one_line(found[1]), text)


def _in_one_line(members: str) -> str:
    return "{" + re.sub(r"\n\s+", " ", members) + "}"


def retired() -> str:
    """The `json` page's third one: a date of retirement that came."""
    [event] = [event for event in sample_events() if event.type == SUNSET]
    [message] = render(hook(), [event])
    return indented(json.loads(message.body))


def batched() -> str:
    """The `json` page's second one: a batch, its events cut to their types."""
    [message] = render(hook(batch=True), sample_events()[:2])
    document = json.loads(message.body)
    events = document["data"]["events"]
    document["data"]["events"] = [{"type": event["type"], "id": event["id"]} for event in events]
    return indented(document)


def folded() -> str:
    """What `messages.md` shows first: many models with the same change, as plain text."""
    gone = [event for event in sample_events() if event.model in ("grok-4", "kimi-k2", "gpt-4-32k")]
    rise = repriced("o9", ("text/prompt", "0.0000001", "0.0009"))
    names = ["gpt-a", "gpt-b", "gpt-c", *(f"gpt-x{place}" for place in range(297))]
    cuts = [repriced(one, ("text/prompt", "0.000003", "0.0000025")) for one in names]
    return text_of(report([*gone, rise, *cuts]), 3000)


def by_one_ratio() -> str:
    """What `messages.md` shows next: many different changes by one percentage."""
    names = ["gpt-a", "gpt-b", "gpt-c", *(f"gpt-x{place:02}" for place in range(45))]
    paths = ("text/prompt", "text/completion", "cache/read")
    events = [
        repriced(one, *(_raised(path, f"0.00000{300 + place}") for path in some))
        for place, one in enumerate(names)
        for some in [paths[: 3 if place < 35 else 2]]
    ]
    [section] = report(events).sections
    return "\n".join(map(flat, section.lines))


def trial_text() -> str:
    """The test message that `messages.md` shows."""
    settings = {"models": ("gpt-*", "claude-*"), "min_percent": Decimal(1), "digest": "0 9 * * 1-5"}
    return text_of(report([test_event(hook("slack", **settings), NOW)]), 3000)


def _raised(path: str, old: str) -> tuple[str, str, str]:
    return path, old, plain(Decimal(old) * Decimal("1.05"))


def _events(name: str) -> list[Event]:
    events = {event.model or "": event for event in sample_events()}
    brief = (*PROGRAMS, "teams")
    short = ["claude-sonnet-4.5"] if name in brief else ["claude-sonnet-4.5", "kimi-k2"]
    gone = [] if name in PROGRAMS else ["gpt-4-32k"]
    return [events[model] for model in (*short, *gone)]


def indented(document: dict[str, Any] | list[Any]) -> str:
    """JSON for a page."""
    return json.dumps(document, indent=2, ensure_ascii=False)
