"""The question of whoever looks in: how is every source, and what needs a person?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.times import rfc3339
from pricetrail.queries import quarantine, sources, webhooks
from pricetrail.queries.conditions import overdue
from pricetrail.queries.sources import Labels, SourceHealth
from pricetrail.queries.webhooks import WebhookEntry
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import sunsets
from pricetrail.storage.history.sunsets import Retirement
from pricetrail.storage.polls.quarantine import SetAside

# A slot stays where it is while it is polled; nobody is there where it is older.
_HELD = timedelta(hours=1)
# So many models that are to be retired are looked up.
_RETIREMENTS = 10


@dataclass(frozen=True, slots=True)
class OverviewAnswer:
    """Every source by name, those of them that are `overdue` at `now`, and what needs a person.

    `set_aside` waits for a decision; of the webhooks those that are paused, failing or have dead
    messages. `retirements`: the first of the models that are to be retired, the nearest first.
    """

    sources: tuple[SourceHealth, ...]
    overdue: frozenset[str]
    set_aside: tuple[SetAside, ...]
    webhooks: tuple[WebhookEntry, ...]
    now: datetime
    retirements: tuple[Retirement, ...] = ()

    @property
    def failing(self) -> tuple[SourceHealth, ...]:
        """The sources of which `source.failing` was said, and nothing good since."""
        return tuple(source for source in self.sources if source.failing_told)

    @property
    def unanswered(self) -> tuple[SourceHealth, ...]:
        """The overdue sources that are polled, but in vain; not those that are `failing`."""
        return tuple(
            one for one in self._overdue if not one.failing_told and not self._is_left_alone(one)
        )

    @property
    def unpolled(self) -> tuple[SourceHealth, ...]:
        """The overdue sources that nobody polls."""
        return tuple(filter(self._is_left_alone, self._overdue))

    @property
    def _overdue(self) -> tuple[SourceHealth, ...]:
        return tuple(source for source in self.sources if source.name in self.overdue)

    def _is_left_alone(self, source: SourceHealth) -> bool:
        """Whether no poll was made: one that failed is no answer, but it was made."""
        if not source.failures:
            return True
        return source.next_slot is not None and source.next_slot < self.now - _HELD

    @property
    def needs_nobody(self) -> bool:
        """Whether all is well."""
        return not (self.failing or self.overdue or self.set_aside or self.webhooks)

    def as_json(self) -> dict[str, object]:
        """Health and needs."""
        return {
            "sources": [source.as_json() for source in self.sources],
            "overdue": sorted(self.overdue),
            "quarantine": [entry.id for entry in self.set_aside],
            "webhooks": [webhook.as_json() for webhook in self.webhooks],
            "retirements": [
                {"source": one.source, "model": one.model, "at": rfc3339(one.at)}
                for one in self.retirements
            ],
        }


def ask(
    transaction: Transaction,
    now: datetime,
    configured: Iterable[Webhook] = (),
    in_configuration: Labels | None = None,
) -> OverviewAnswer:
    """How everything is at this moment; `in_configuration`: its sources, as in
    `sources.ask`.
    """
    states = webhooks.ask(transaction, configured, others=True).webhooks
    known = sources.ask(transaction, in_configuration).sources
    return OverviewAnswer(
        sources=known,
        overdue=overdue(transaction, now),
        set_aside=quarantine.ask(transaction, held=True).entries,
        webhooks=tuple(hook for hook in states if hook.paused or hook.dead or hook.failing_since),
        now=now,
        retirements=tuple(sunsets.upcoming(transaction, now, limit=_RETIREMENTS)),
    )
