"""Made-up events: what `webhooks preview` shows."""

from pricetrail.catalog.changes import ABSENT, Change
from pricetrail.catalog.documents import Document
from pricetrail.catalog.event_details import (
    Details,
    Heading,
    ModelAdded,
    ModelChanged,
    ModelRemoved,
)
from pricetrail.catalog.events import ADDED, REMOVED, REPRICED, SUNSET, Event, event_id
from pricetrail.catalog.sunset_dates import PATH
from pricetrail.catalog.sunsets import announced
from pricetrail.catalog.times import utc

_SOURCE, _VERSION = "pipellm", 1842
_NOT_BEFORE, _AT = utc("2026-11-23T09:00:04Z"), utc("2026-11-23T10:00:06Z")
_HEAD = b"\x5a" * 32
_FAMILIES = {"claude": "anthropic", "gemini": "gemini"}


def sample_events() -> list[Event]:
    """All that one made-up snapshot changed: each way in which a price can move, and models that
    came, went and are to be retired."""
    changed = [
        _repriced("gpt-5", ("text/prompt", "0.00000125", "0.0000015")),
        _repriced(
            "claude-sonnet-4.5",
            ("text/prompt", "0.000003", "0.0000025"),
            ("tiers/over_200k/text/prompt", "0.000006", "0.000005"),
        ),
        _repriced(
            "gemini-2.5-flash",
            ("text/prompt", "0.0000003", "0.00000025"),
            ("text/completion", "0.0000025", "0.000003"),
        ),
        _repriced("kimi-k2", ("text/prompt", "0.0000006", "0")),
        _repriced("grok-4", ("cache/read", None, "0.00000075")),
        _repriced("qwen3-max", ("cache/write", "0.0000015", None)),
        _repriced("veo-3", ("generation/video/per_second", "0.4", "0.35")),
    ]
    added = _event(ADDED, "gpt-5-mini", ModelAdded(_document("gpt-5-mini")))
    removed = _event(REMOVED, "gpt-4-32k", ModelRemoved(_document("gpt-4-32k")))
    return [*changed, added, removed, _retired("gpt-4-turbo", "2026-12-23")]


def _retired(model: str, date: str) -> Event:
    changes = (Change(PATH, ABSENT, date),)
    return _event(SUNSET, model, announced(Heading.of(_document(model)), changes, _AT))


def _repriced(model: str, *changes: tuple[str, str | None, str | None]) -> Event:
    moved = (
        Change.from_json({"path": f"/pricing/{path}", "old": old, "new": new})
        for path, old, new in changes
    )
    return _event(REPRICED, model, ModelChanged(Heading.of(_document(model)), tuple(moved)))


def _document(model: str) -> Document:
    return {
        "id": model,
        "display_name": model.replace("-", " ").title(),
        "type_target": _FAMILIES.get(model.partition("-")[0], "openai"),
        "created_at": "2026-01-15T00:00:00Z",
        "pricing": {
            "kind": "token",
            "text": {"prompt": "0.00000025", "completion": "0.000002"},
            "cache": {"read": "0.000000025"},
        },
    }


def _event(kind: str, model: str, details: Details) -> Event:
    name = event_id(_SOURCE, str(_VERSION), kind, model, "sample")
    return Event(name, _SOURCE, _VERSION, 0, kind, model, _AT, details, _HEAD, _NOT_BEFORE)
