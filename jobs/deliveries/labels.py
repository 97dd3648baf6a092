"""The labels of the sources that the database keeps, for the webhooks whom they concern."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.events import Event
from pricetrail.storage import kept_sources
from pricetrail.storage.database import Transaction


class KnownLabels:
    """The labels of all sources of some events, asked for once, and only if a webhook needs them.

    Those of the configuration a webhook knows already, and they hold.
    """

    def __init__(self, connection: Transaction, events: Iterable[Event]) -> None:
        self._connection = connection
        self._sources = {event.source for event in events}

    @cached_property
    def _kept(self) -> Mapping[str, Mapping[str, str]]:
        return kept_sources.labels_of(self._connection, sorted(self._sources))

    def filtering(self, webhook: Webhook) -> Webhook:
        """A webhook that knows them, where it filters by any."""
        by_label = any("=" in term for term in webhook.sources)
        return self.knowing(webhook) if by_label else webhook

    def knowing(self, webhook: Webhook) -> Webhook:
        """A webhook that knows them."""
        if self._sources <= webhook.labels.keys() or not self._kept:
            return webhook
        return replace(webhook, labels={**self._kept, **webhook.labels})
