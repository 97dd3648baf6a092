"""Prometheus' Alertmanager: `POST /api/v2/alerts`, an alert for each event.

https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
An alert is known by its labels: what resolves it has the same ones. One without an end is taken to
be over after `resolve_timeout` (5 min), so each says when it ends, counted from when it is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from pricetrail.alerts.messages import Message, joint_id
from pricetrail.alerts.outcomes import DEAD, Reading, status_text
from pricetrail.alerts.outcomes import read as read_status
from pricetrail.alerts.plaintext import text_of
from pricetrail.alerts.report import NOTHING, Context, report
from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.event_details import Notice, SourceFailing, SourceRecovered
from pricetrail.catalog.events import (
    FAILING,
    PAUSED,
    QUARANTINED,
    RECOVERED,
    RELEASED,
    Event,
)
from pricetrail.catalog.strict_json import dumps
from pricetrail.catalog.times import rfc3339
from pricetrail.net.answer import Answer
from pricetrail.text.lines import flat
from pricetrail.text.sanitize import sanitize

PATH = "/api/v2/alerts"
# Long enough for a group's `group_interval` (5 min), and short of its `repeat_interval` (4 h).
NEWS_LASTS = timedelta(hours=1)
# What lasts is resolved by an event of its own; a reminder puts its end off.
TROUBLE_LASTS = timedelta(days=30)
MAX_LABEL, MAX_TEXT = 512, 3500
_SEVERITIES = {FAILING: "critical", QUARANTINED: "warning", PAUSED: "warning"}
_RESOLVES = {RECOVERED: FAILING, RELEASED: QUARANTINED}


def messages(
    _webhook: Webhook, events: Sequence[Event], context: Context = NOTHING
) -> list[Message]:
    """One message for all events, an alert each; blips are none."""
    if not events:
        return []
    alerts = [alert(event, context) for event in events]
    return [Message(joint_id(events), dumps(alerts).encode())]


def alert(event: Event, context: Context = NOTHING) -> dict[str, object]:
    """An event as a `postableAlert`."""
    # Labels are the alert's own.
    content = report([event], replace(context, labels={}))
    return {
        "labels": labels(event, context.labels.get(event.source, {})),
        "annotations": {
            "summary": flat(content.title),
            "description": text_of(content, MAX_TEXT, titled=False),
            "event_id": event.id,
        },
        "startsAt": rfc3339(_start(event)),
        "endsAt": rfc3339(_end(event, context.now or event.at)),
    }


def labels(event: Event, own: Mapping[str, str]) -> dict[str, str]:
    """What an alert is known by. Of the source's `own` labels, `severity` may be another."""
    fires = _RESOLVES.get(event.type, event.type)
    words = fires.replace(".", " ").replace("_", " ").title().replace(" ", "")
    name = f"Pricetrail{words.removeprefix('Pricetrail')}"
    ours = {"alertname": name, "source": event.source}
    found = {**ours, "severity": _SEVERITIES.get(fires, "info"), **own, **ours}
    if event.model is not None:
        found["model"] = event.model
    if event.of_snapshot:
        # A model's next change is news, too: an alert that goes on is not told again.
        found["version"] = str(event.version)
    if event.reminder:
        found["reminder"] = str(event.reminder)
    if isinstance(event.details, Notice) and event.details.webhook is not None:
        found["webhook"] = event.details.webhook
    return {name: sanitize(value, MAX_LABEL) for name, value in found.items()}


def address(url: str) -> str:
    """The URL that is called: an Alertmanager's own has the path put behind it."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    return urlunsplit(parts._replace(path=path if path.endswith(PATH) else path + PATH))


def read(answer: Answer, now: datetime) -> Reading:
    """Alerts that it calls invalid will be so at every attempt; it has taken those beside them."""
    if answer.status in (400, 422):
        return Reading(DEAD, status_text(answer) + ": Alertmanager calls an alert invalid")
    return read_status(answer, now)


def _start(event: Event) -> datetime:
    match event.details:
        case SourceFailing(since=since) | SourceRecovered(since=since):
            return min(since, event.at)
    return event.at


def _end(event: Event, now: datetime) -> datetime:
    if event.type in _RESOLVES:
        return event.at
    lasts = TROUBLE_LASTS if event.type in (FAILING, QUARANTINED) else NEWS_LASTS
    return max(now, event.at) + lasts
