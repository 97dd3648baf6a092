"""The question of whoever looks in: how is every source, and what needs a person?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.times import rfc3339
from pricetrail.queries import quarantine, sources, webhooks
from pricetrail.queries.source_selection import EVERY, Selection
from pricetrail.queries.sources import Labels, SourceHealth
from pricetrail.queries.webhooks import WebhookEntry
from pricetrail.storage import source_pages
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import sunsets
from pricetrail.storage.history.sunsets import Retirement
from pricetrail.storage.polls.quarantine import SetAside
from pricetrail.storage.source_pages import Listed

# A slot stays where it is while it is polled; nobody is there where it is older.
_HELD = timedelta(hours=1)
# So many models that are to be retired are looked up.
_RETIREMENTS = 10
# So many of each kind that need somebody are named; where one is down, so are thousands.
_NAMED = 10


@dataclass(frozen=True, slots=True)
class OverviewAnswer:
    """A page of the sources, what needs a person, and how many there are.

    `sources` are some of the `total`: where all fit they are by name, else those that need somebody
    come first; `matching` are as they were looked for. Of what needs a person the first are
    named, and the others counted: the `failing` (`source.failing` was said, and nothing good
    since), the `late` (overdue and not said to be failing), and `set_aside`, catalogs that wait for
    a decision. `webhooks` are those that are paused, failing or have dead messages. `retirements`:
    the first of the models that are to be retired, the nearest first.
    """

    sources: tuple[SourceHealth, ...]
    total: int
    matching: int
    failing: tuple[SourceHealth, ...]
    failing_total: int
    late: tuple[SourceHealth, ...]
    late_total: int
    set_aside: tuple[SetAside, ...]
    set_aside_total: int
    webhooks: tuple[WebhookEntry, ...]
    now: datetime
    retirements: tuple[Retirement, ...] = ()

    @property
    def unanswered(self) -> tuple[SourceHealth, ...]:
        """The overdue sources that are polled, but in vain; not those that are `failing`."""
        return tuple(one for one in self.late if not self._is_left_alone(one))

    @property
    def unpolled(self) -> tuple[SourceHealth, ...]:
        """The overdue sources that nobody polls."""
        return tuple(filter(self._is_left_alone, self.late))

    @property
    def unnamed(self) -> int:
        """How many sources fail or are overdue besides those that are named."""
        return self.failing_total + self.late_total - len(self.failing) - len(self.late)

    def _is_left_alone(self, source: SourceHealth) -> bool:
        """Whether no poll was made: one that failed is no answer, but it was made."""
        if not source.failures:
            return True
        return source.next_slot is not None and source.next_slot < self.now - _HELD

    @property
    def needs_nobody(self) -> bool:
        """Whether all is well."""
        return not (self.failing or self.late or self.set_aside or self.webhooks)

    def as_json(self) -> dict[str, object]:
        """Health and needs."""
        return {
            "sources": [source.as_json() for source in self.sources],
            "overdue": [source.name for source in self.late],
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
    selection: Selection = EVERY,
) -> OverviewAnswer:
    """How everything is at this moment.

    Args:
        in_configuration: its sources, as in `sources.ask`.
        selection: the page of the sources that is shown.
    """
    states = webhooks.ask(transaction, configured, others=True).webhooks
    shown = sources.ask(transaction, now, in_configuration, selection)
    everyone = sources.count(transaction, in_configuration)
    counts = source_pages.counts(transaction, now)
    held = quarantine.ask(transaction, held=True, limit=_NAMED)

    def placed(rows: Iterable[Listed]) -> tuple[SourceHealth, ...]:
        return tuple(sources.placed(transaction, rows, now, in_configuration))

    return OverviewAnswer(
        sources=shown.sources,
        total=everyone,
        matching=shown.total,
        failing=placed(source_pages.failing(transaction, now, _NAMED)),
        failing_total=counts.failing,
        late=placed(source_pages.overdue(transaction, now, _NAMED)),
        late_total=counts.overdue,
        set_aside=held.entries,
        set_aside_total=held.total,
        webhooks=tuple(hook for hook in states if hook.paused or hook.dead or hook.failing_since),
        now=now,
        retirements=tuple(sunsets.upcoming(transaction, now, limit=_RETIREMENTS)),
    )
