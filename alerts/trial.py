"""The message of `webhooks test`: it shows that it arrives, and what will come."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from pricetrail.alerts.sample_events import sample_events
from pricetrail.alerts.webhooks import PEOPLES_TYPES, Webhook
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.event_details import ModelChanged, Trial
from pricetrail.catalog.events import REPRICED, TYPES, UPDATED, Event, event_id
from pricetrail.catalog.times import rfc3339
from pricetrail.text.lines import NEUTRAL, Line, Span, name
from pricetrail.text.phrases import line_of

_TEST = "pricetrail.test"
_SOURCE = "pricetrail"
# What speaks of models and prices, in the order in which filters ask.
_FILTERS = {
    "models": "Models",
    "type_targets": "Families (type_target)",
    "directions": "Directions",
    "fields": "Prices",
    "min_percent": "Smallest change in percent",
    "min_monthly_usd": "Smallest cost a month, in USD",
}
_OF_REPRICINGS = {"directions", "fields", "min_percent", "min_monthly_usd"}
_KIND, _MOST = "notice", 12


def test_event(webhook: Webhook, now: datetime) -> Event:
    """A message that asks for nothing, with the rules in force and a change that is made up."""
    details = Trial(webhook.name, webhook.format, rules_in_force(webhook), _sample())
    identity = event_id(_SOURCE, _TEST, rfc3339(now))
    return Event(identity, _SOURCE, 0, 0, _TEST, None, now, details)


def _sample() -> ModelChanged:
    [details] = [
        event.details
        for event in sample_events()
        if event.model == "claude-sonnet-4.5" and isinstance(event.details, ModelChanged)
    ]
    return details


def rules_in_force(webhook: Webhook) -> dict[str, object]:
    """What decides which events the webhook gets, and when: each setting that is in force."""
    rules: dict[str, object] = {"sources": [*webhook.sources], "events": [*webhook.events]}
    for key in ("models", "type_targets", "directions", "fields"):
        if values := getattr(webhook, key):
            rules[key] = [*values]
    for key in ("min_percent", "min_monthly_usd"):
        if (least := getattr(webhook, key)) is not None:
            rules[key] = plain(least)
    if webhook.digest is not None:
        rules |= {"digest": webhook.digest, "timezone": webhook.timezone}
    return rules


def trial_title(trial: Trial) -> Line:
    """The title for people."""
    return Line("title", (Span("Test message for "), name(trial.webhook, 60)))


def trial_lines(trial: Trial) -> Iterator[tuple[str, tuple[Line, ...]]]:
    """The sections for people: each with its title."""
    works = (Span("The webhook "), name(trial.webhook, 60), Span(f" works. {trial.NOTHING}"))
    yield "This is a test message from pricetrail", (Line(_KIND, works),)
    rules = (Line(_KIND, tuple(spans), NEUTRAL) for spans in _rules(trial.rules))
    yield f"What this webhook gets (format {trial.format})", tuple(rules)
    [sample] = [one for one in sample_events() if one.details == trial.sample]
    yield "A change looks like this (made up)", (line_of(sample),)


def _rules(rules: Mapping[str, object]) -> Iterator[list[Span]]:
    """Each rule as a line: where an event comes from, its type, its model and prices, when."""
    sources, events = _texts(rules["sources"]), _texts(rules["events"])
    yield [Span("Sources: "), *([Span("all")] if sources == ["*"] else _named(sources))]
    yield [Span("Events: "), *(_EVENTS.get(tuple(events)) or _named(events))]
    asked = [key for key in _FILTERS if key in rules]
    for key in asked:
        yield [Span(f"{_FILTERS[key]}: "), *_named(_texts(rules[key]))]
    if not asked:
        yield [Span("Models and prices: all")]
    elif set(asked) & _OF_REPRICINGS:
        yield [
            Span("Rules on prices apply to "),
            name(REPRICED),
            Span(" only; other events pass them"),
        ]
    if "digest" in rules:
        yield [
            Span("When: gathered into one message at "),
            name(rules["digest"]),
            Span(f" ({rules['timezone']})"),
        ]
    else:
        yield [Span("When: as soon as a poll sees a change")]


_EVENTS = {
    TYPES: [Span("all types")],
    PEOPLES_TYPES: [Span("all types but "), name(UPDATED)],
    ("*",): [Span("all types")],
}


def _texts(values: object) -> list[str]:
    return list(map(str, values)) if isinstance(values, list) else [str(values)]


def _named(values: Sequence[str]) -> list[Span]:
    """The first values as names, with an exact count of the others."""
    spans = [span for value in values[:_MOST] for span in (Span(", "), name(value))][1:]
    more = len(values) - _MOST
    return [*spans, Span(f" and {more:,} more")] if more > 0 else spans
