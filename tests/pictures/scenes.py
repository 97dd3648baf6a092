"""What the pictures tell of: a sample, and what is small, large, gathered, or bad news."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from pricetrail.alerts.report import NOTHING, Context
from pricetrail.alerts.sample_events import sample_events
from pricetrail.alerts.trial import test_event
from pricetrail.alerts.webhooks import PROGRAMS
from pricetrail.catalog.events import Event
from tests.alerts.made import AT, NOW, added, hook, removed, repriced


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture's name, its format, and what the message in it tells."""

    name: str
    format: str
    events: list[Event]
    context: Context = NOTHING


def scenes() -> list[Scene]:
    """Every picture of docs/formats."""
    sample = sample_events()
    trial = hook("slack", models=("gpt-*", "claude-*"), min_percent=Decimal(1))
    return [
        *(Scene(name, name, sample) for name in ("slack", "discord", "teams", "apprise")),
        *(Scene(name, name, sample[:1]) for name in PROGRAMS),
        Scene("one-change", "slack", sample[1:2]),
        Scene("rise", "discord", *_rise()),
        Scene("400-changes", "slack", _many()),
        Scene("digest", "teams", _digest()),
        Scene("test-message", "slack", [test_event(trial, NOW)]),
    ]


def _rise() -> tuple[list[Event], Context]:
    events = [
        _at("claude-opus-4.1", ("text/prompt", 15, 18), ("text/completion", 75, 90)),
        _at("gpt-5", ("text/prompt", "1.25", "1.5"), ("text/completion", 10, 12)),
        _at("gpt-5-mini", ("cache/read", "0.025", "0.25")),
    ]
    costs = ("412.3", "88.1", "1.4")
    return events, Context({e.id: Decimal(cost) for e, cost in zip(events, costs, strict=True)})


def _many() -> list[Event]:
    """A day on which a gateway renewed its list: 400 models."""
    cut = [_at(name, ("text/prompt", 3, "2.5")) for name in _names("claude", 300)]
    margin = [
        _at(name, ("text/prompt", 20 + place, (20 + place) * Decimal("1.05")))
        for place, name in enumerate(_names("gemini", 40))
    ]
    apart = [
        _at("grok-4", ("text/prompt", "0.1", 900)),
        _at("kimi-k2", ("text/prompt", "0.6", 0)),
        _at("gpt-5", ("text/prompt", "1.25", "1.5"), ("text/completion", 10, 9)),
        _at("qwen3-max", ("cache/write", "1.5", None)),
        _at("o4-mini", ("text/completion", "4.4", 4)),
    ]
    came = [added(name) for name in _names("llama", 30)]
    gone = [removed(name) for name in _names("gpt-4", 25)]
    return [*cut, *margin, *apart, *came, *gone]


def _digest() -> list[Event]:
    """What two sources did in a day."""
    noon, one = AT + timedelta(hours=2), AT + timedelta(hours=3)
    cuts = [
        _at(name, ("text/prompt", 3, "2.5"), source=source)
        for source in ("openrouter", "pipellm")
        for name in ("claude-sonnet-4.5", "claude-sonnet-4.5-fast")
    ]
    later = [_at("gpt-5", ("text/prompt", "1.25", "1.5")), added("gpt-5-nano")]
    return [
        *cuts,
        *(replace(event, version=1843, at=one, not_before=noon) for event in later),
        removed("gpt-4-32k", source="openrouter"),
    ]


def _names(family: str, count: int) -> Iterable[str]:
    return (f"{family}-{place:03}" for place in range(1, count + 1))


_Move = tuple[str, object, object]


def _at(model: str, *moves: _Move, source: str = "pipellm") -> Event:
    """A change of prices in dollars a million tokens."""
    exact = [(path, _per_token(old), _per_token(new)) for path, old, new in moves]
    return repriced(model, *exact, source=source)


def _per_token(amount: object) -> str | None:
    return None if amount is None else format(Decimal(str(amount)).scaleb(-6), "f")
