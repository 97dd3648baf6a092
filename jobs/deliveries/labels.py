"""The labels of the sources that the database keeps, for the webhooks whom they concern."""

from collections.abc import Iterable
from dataclasses import replace

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.events import Event
from pricetrail.storage import kept_sources
from pricetrail.storage.database import Transaction


def filtering(connection: Transaction, webhook: Webhook, events: Iterable[Event]) -> Webhook:
    """A webhook that knows the labels of all sources of some events, where it filters by any."""
    by_label = any("=" in term for term in webhook.sources)
    return knowing(connection, webhook, events) if by_label else webhook


def knowing(connection: Transaction, webhook: Webhook, events: Iterable[Event]) -> Webhook:
    """A webhook that knows the labels of all sources of some events.

    Those of the configuration it knows already, and they hold.
    """
    others = {event.source for event in events} - webhook.labels.keys()
    found = kept_sources.labels_of(connection, sorted(others)) if others else {}
    return replace(webhook, labels={**found, **webhook.labels}) if found else webhook
