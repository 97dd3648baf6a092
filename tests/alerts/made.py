"""Events as polls make them, for the tests of messages."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pricetrail.alerts.messages import Message
from pricetrail.alerts.report import Blip
from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.changes import Change
from pricetrail.catalog.event_details import (
    Details,
    Heading,
    ModelAdded,
    ModelChanged,
    ModelRemoved,
)
from pricetrail.catalog.events import (
    ADDED,
    REMOVED,
    REPRICED,
    UPDATED,
    Event,
    details_from_json,
    event_id,
)
from pricetrail.catalog.times import utc

START, AT = utc("2026-11-23T09:00:04Z"), utc("2026-11-23T10:00:06Z")
NOW = datetime(2026, 11, 23, 10, 1, tzinfo=UTC)
HEAD = b"\x5a" * 32

# What nobody should be able to do with a model's name (fault 35).
NASTY = (
    "<!channel>",
    "*x*",
    "_x_ ~y~",
    "@everyone",
    "<script>alert(1)</script>",
    "=cmd()",
    "\x1b[31mred\x1b[0m",
    "one\r\ntwo",
    "abc\u202edcba",
    "<https://evil.example|free>",
    "[free](https://evil.example)",
    "`code` `again`",
    "a&b<c>d",
    "\u2066hidden\u2069\u200b",
)

Move = tuple[str, str | None, str | None]


def hook(format_name: str = "json", **settings: Any) -> Webhook:
    """A webhook of a format."""
    given = {"name": "prices", "url": "https://example.com/hook", **settings}
    return Webhook(format=format_name, **given)


def event(kind: str, model: str | None, data: dict[str, Any], **where: Any) -> Event:
    """An event in its envelope; `source`, `version` and `at` may be given."""
    source, version = where.get("source", "pipellm"), where.get("version", 1842)
    at = where.get("at", AT)
    name = event_id(source, str(version), kind, model or "")
    return Event(
        name, source, version, 0, kind, model, at, _details(kind, data), head=HEAD, not_before=START
    )


def _details(kind: str, data: dict[str, Any]) -> Details:
    if kind in (ADDED, REMOVED):
        return ModelAdded(data["model"]) if kind == ADDED else ModelRemoved(data["model"])
    if kind in (REPRICED, UPDATED):
        return ModelChanged(Heading.of(data.get("model", {})), tuple(data.get("changes", ())))
    return details_from_json(kind, data)


def repriced(model: str, *moves: Move, type_target: str = "openai", **where: Any) -> Event:
    """`moves` are (path below `/pricing`, old, new)."""
    shown = {"id": model, "display_name": model.title(), "type_target": type_target}
    data = {"model": shown, "changes": [change(*move) for move in moves]}
    return event(REPRICED, model, data, **where)


def change(path: str, old: object, new: object) -> Change:
    """A change of what stands at a path below `/pricing`."""
    return Change.from_json({"path": f"/pricing/{path}", "old": old, "new": new})


def added(model: str, **where: Any) -> Event:
    """A new model with two prices."""
    return event(ADDED, model, {"model": document(model)}, **where)


def removed(model: str, **where: Any) -> Event:
    """A model that is not listed any more."""
    return event(REMOVED, model, {"model": document(model)}, **where)


def document(model: str) -> dict[str, Any]:
    """A model as served."""
    return {
        "id": model,
        "display_name": model.title(),
        "type_target": "openai",
        "created_at": "2026-01-15T00:00:00Z",
        "pricing": {"kind": "token", "text": {"prompt": "0.000003", "completion": "0.000015"}},
    }


def blip(model: str = "gpt-5", kind: str = REPRICED) -> Blip:
    """A cut that lasted an hour."""
    moves = (change("text/prompt", "0.000003", "0.0000025"),) if kind == REPRICED else ()
    return Blip(f"evt_{model}", model, moves, START, AT, kind)


def many(count: int) -> list[Event]:
    """A snapshot that changed `count` models: four in five repriced, each differently, the others
    new or gone."""
    makers = (_cut, _cut, _cut, _cut, added, _cut, _cut, _cut, _cut, removed)
    return [makers[place % 10](f"vendor/model-{place:04}") for place in range(count)]


def _cut(model: str) -> Event:
    return repriced(
        model,
        ("text/prompt", f"0.000003{model[-4:]}", "0.0000025"),
        ("tiers/over_200k/text/prompt", "0.000006", "0.0000051"),
    )


def body(message: Message) -> dict[str, Any]:
    """The document that is posted."""
    document: dict[str, Any] = json.loads(message.body)
    return document


def strings(value: Any) -> Iterable[str]:
    """Every string inside a document."""
    if isinstance(value, dict):
        value = value.values()
    if isinstance(value, str):
        yield value
    elif not isinstance(value, int | float | None):
        for member in value:
            yield from strings(member)
