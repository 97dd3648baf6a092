"""The whole of it: every check, those over the network side by side."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.errors import PricetrailError
from pricetrail.jobs.checkup import databases, gateways, polling, webhooks
from pricetrail.jobs.checkup.findings import FAIL, OK, Finding
from pricetrail.jobs.source import Source
from pricetrail.queries import webhooks as owed
from pricetrail.storage import sources
from pricetrail.storage.database import Database, Transaction

_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Checkup:
    """What is looked at. `most`: how old a last good poll may be; None: as its schedule says.

    `configured` names the sources of the configuration, also those that cannot be used. `many` are
    so many more that they are looked at together, and their gateways are not asked.
    """

    database: Database
    sources: Mapping[str, Source]
    webhooks: Mapping[str, Webhook]
    most: timedelta | None = None
    configured: frozenset[str] = frozenset()
    many: frozenset[str] = frozenset()

    def of_the_database(self) -> list[Finding]:
        """The database, and what it tells of sources and webhooks."""
        found = list(databases.look(self.database))
        if found[0].verdict != OK:
            return found
        now = self.database.now()
        with self.database.read() as transaction:
            former = self._former(transaction)
            for source in self.sources.values():
                found += polling.look(transaction, source, now, self.most, former)
            if self.many:
                found.append(polling.look_at_many(transaction, self.many, now, self.most))
            entries = owed.ask(transaction, self.webhooks.values()).webhooks
        return found + [webhooks.owed(entry) for entry in entries]

    def _former(self, transaction: Transaction) -> list[str]:
        """The sources that were polled once and are not in the configuration any more."""
        known = self.configured | self.sources.keys()
        return [
            state.name
            for state in sources.states(transaction)
            if state.last_poll_at is not None and state.name not in known
        ]

    def of_the_network(self) -> Iterator[Finding]:
        """The gateways and the webhooks' receivers."""
        now = self._now()
        looks: list[Callable[[], Iterable[Finding]]] = [
            *(lambda source=source: gateways.look(source, now) for source in self.sources.values()),
            *(lambda hook=hook: webhooks.look(hook, now) for hook in self.webhooks.values()),
        ]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for found in pool.map(lambda look: list(look()), looks):
                yield from found

    def _now(self) -> datetime:
        """The time by which polls are dated: the database's, where it can be asked."""
        try:
            return self.database.now()
        except PricetrailError:
            return datetime.now(UTC)


def has_failed(findings: Iterable[Finding]) -> bool:
    """Whether something is to be told to a monitor."""
    return any(finding.verdict == FAIL for finding in findings)
