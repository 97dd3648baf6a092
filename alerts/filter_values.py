"""What a filter compared: its setting, and what the event had to set against it, in words."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from pricetrail.alerts.filters import verdict
from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.events import Event
from pricetrail.catalog.pointers import dotted
from pricetrail.text.globs import selects
from pricetrail.text.money import monthly

# So many values of a list are named.
_SHOWN = 4
_MOVES = {
    "increase": "it is an increase",
    "decrease": "it is a decrease",
    "mixed": "some prices rose and others fell",
}


def compared(rule: str, event: Event, webhook: Webhook | None, cost: Decimal | None) -> str:
    """`min_percent 1: the largest change is 0.4 %`: the rule as it is now, and what it saw.

    Args:
        rule: the key of the configuration that kept the event back.
        webhook: as it is configured now; None where it is not any more.
        cost: the USD a month that the change makes, at the usage that is known now.
    """
    facts = _FACTS.get(rule)
    setting = "" if webhook is None else _setting(getattr(webhook, rule, None))
    words = f"{rule} {setting}".rstrip()
    if facts is not None:
        words += f": {facts(event, webhook, cost)}"
    if webhook is not None and verdict(webhook, event, cost).rule != rule:
        words += " (the settings were others then)"
    return words


def _setting(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return _some(value) if isinstance(value, tuple) else ""


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _type_target(event: Event) -> str:
    family = event.heading.type_target if event.heading else None
    return f"the model's is {family}" if isinstance(family, str) else "the model has none"


def _move(event: Event) -> str:
    return _MOVES.get(event.direction or "", "nothing in it can be compared")


def _largest(event: Event, webhook: Webhook | None) -> str:
    """The largest change of the prices that the webhook wants to hear of."""
    wanted = [
        change.percent
        for change in event.changes
        if webhook is None or selects(webhook.fields, dotted(change.path))
    ]
    ratios = [abs(ratio) for ratio in wanted if ratio is not None]
    if not ratios:
        return "there is no percentage"
    return f"the largest change is {plain(max(ratios))} %"


def _monthly(cost: Decimal | None) -> str:
    return "no usage is known" if cost is None else f"it makes {monthly(cost)} a month"


_FACTS: dict[str, Callable[[Event, Webhook | None, Decimal | None], str]] = {
    "sources": lambda event, *_: f"the source is {event.source}",
    "events": lambda event, *_: f"the type is {event.type}",
    "models": lambda event, *_: f"the model is {event.model}",
    "type_targets": lambda event, *_: _type_target(event),
    "directions": lambda event, *_: _move(event),
    "fields": lambda event, *_: "changed: " + _some([dotted(one.path) for one in event.changes]),
    "min_percent": lambda event, webhook, _: _largest(event, webhook),
    "min_monthly_usd": lambda _event, _webhook, cost: _monthly(cost),
}
