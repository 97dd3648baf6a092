"""The examples of docs/formats, made by the code that they document."""

import json
import re
from typing import Any

from pricetrail.alerts.channels import render
from pricetrail.alerts.sample_events import sample_events
from pricetrail.alerts.webhooks import PROGRAMS
from pricetrail.catalog.events import Event
from tests.alerts.made import hook

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


def batched() -> str:
    """The `json` page's second one: a batch, its events cut to their types."""
    [message] = render(hook(batch=True), sample_events()[:2])
    document = json.loads(message.body)
    events = document["data"]["events"]
    document["data"]["events"] = [{"type": event["type"], "id": event["id"]} for event in events]
    return indented(document)


def _events(name: str) -> list[Event]:
    events = {event.model or "": event for event in sample_events()}
    brief = (*PROGRAMS, "teams")
    short = ["claude-sonnet-4.5"] if name in brief else ["claude-sonnet-4.5", "kimi-k2"]
    gone = [] if name in PROGRAMS else ["gpt-4-32k"]
    return [events[model] for model in (*short, *gone)]


def indented(document: dict[str, Any] | list[Any]) -> str:
    """JSON for a page."""
    return json.dumps(document, indent=2, ensure_ascii=False)
