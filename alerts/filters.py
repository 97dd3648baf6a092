"""Which events a webhook wants, and by which of its filters it does not (contract, section 4).

A filter speaks only of what an event has. `models` and `type_targets` are about events of
models; `min_percent`, `directions`, `fields` and `min_monthly_usd` about `model.repriced`. A
source that fails is told whatever the filters on models say. What a filter cannot judge goes
through: a line too many is better than a rise that nobody heard of.

`sources` names sources, by globs, or their labels: `team=search`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from pricetrail.alerts.source_filters import selects_source
from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.changes import Change
from pricetrail.catalog.events import REPRICED, Event
from pricetrail.catalog.pointers import dotted
from pricetrail.text.globs import selects


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a webhook wants an event; `rule`: the configuration's key that says no."""

    wanted: bool
    rule: str | None = None


WANTED = Verdict(wanted=True)


def verdict(webhook: Webhook, event: Event, cost: Decimal | None = None) -> Verdict:
    """Judge one event by a webhook's filters; the first that says no is named.

    Args:
        cost: the signed USD a month that a reprice makes; None where it is not known.
    """
    for rule in _rules(event):
        if not _RULES[rule](webhook, event, cost):
            return Verdict(wanted=False, rule=rule)
    return WANTED


def concerns(webhook: Webhook, source: str) -> bool:
    """Whether a webhook's `sources` selects a source: of others it is told nothing."""
    return selects_source(webhook.sources, source, webhook.labels.get(source, {}))


def _rules(event: Event) -> Iterator[str]:
    yield from ("sources", "events")
    if event.model is not None:
        yield from ("models", "type_targets")
    if event.type == REPRICED:
        yield from ("directions", "fields", "min_percent", "min_monthly_usd")


def _by_source(webhook: Webhook, event: Event, _: Decimal | None) -> bool:
    return concerns(webhook, event.source)


def _by_type(webhook: Webhook, event: Event, _: Decimal | None) -> bool:
    return selects(webhook.events, event.type)


def _by_model(webhook: Webhook, event: Event, _: Decimal | None) -> bool:
    return selects(webhook.models, event.model or "")


def _by_type_target(webhook: Webhook, event: Event, _: Decimal | None) -> bool:
    family = event.heading.type_target if event.heading else None
    return selects(webhook.type_targets, family if isinstance(family, str) else "")


def _by_direction(webhook: Webhook, event: Event, _: Decimal | None) -> bool:
    return not webhook.directions or event.direction in webhook.directions


def _by_field(webhook: Webhook, event: Event, _: Decimal | None) -> bool:
    return any(_in_fields(webhook, change) for change in event.changes)


def _in_fields(webhook: Webhook, change: Change) -> bool:
    return selects(webhook.fields, dotted(change.path))


def _by_percent(webhook: Webhook, event: Event, _: Decimal | None) -> bool:
    """The largest percentage among the fields that are wanted; without a ratio it is enough."""
    least = webhook.min_percent
    if least is None:
        return True
    ratios = [change.percent for change in event.changes if _in_fields(webhook, change)]
    return any(ratio is None or abs(ratio) >= least for ratio in ratios)


def _by_cost(webhook: Webhook, _: Event, cost: Decimal | None) -> bool:
    least = webhook.min_monthly_usd
    return least is None or cost is None or abs(cost) >= least


_RULES: dict[str, Callable[[Webhook, Event, Decimal | None], bool]] = {
    "sources": _by_source,
    "events": _by_type,
    "models": _by_model,
    "type_targets": _by_type_target,
    "directions": _by_direction,
    "fields": _by_field,
    "min_percent": _by_percent,
    "min_monthly_usd": _by_cost,
}
