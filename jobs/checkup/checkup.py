"""The whole of it: every check, those over the network side by side."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.errors import PricetrailError
from pricetrail.jobs.checkup import databases, gateways, polling, webhooks
from pricetrail.jobs.checkup.findings import FAIL, OK, Finding
from pricetrail.jobs.source import Source
from pricetrail.queries import webhooks as owed
from pricetrail.storage import source_names, standbys
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.verification import invariants
from pricetrail.storage.verification.invariants import Broken

_AT_ONCE = 8
# So many sources are looked at one by one; of more, those alone that something is wrong with.
_MOST_SOURCES = 100


@dataclass(frozen=True, slots=True)
class Checkup:
    """What is looked at. `most`: how old a last good poll may be; None: as its schedule says.

    `configured` names the sources of the configuration, also those that cannot be used.
    """

    database: Database
    sources: Mapping[str, Source]
    webhooks: Mapping[str, Webhook]
    most: timedelta | None = None
    configured: frozenset[str] = frozenset()

    def of_the_database(self) -> list[Finding]:
        """The database, and what it tells of sources and webhooks."""
        found = list(databases.look(self.database))
        if found[0].verdict != OK:
            return found
        now = self.database.now()
        with self.database.read() as transaction:
            found += databases.standby(standbys.waiting(transaction))
            found.append(databases.consistency(_broken(transaction)))
            found += self._of_polls(transaction, now)
            entries = owed.ask(transaction, self.webhooks.values()).webhooks
        return found + [webhooks.owed(entry) for entry in entries]

    def _of_polls(self, transaction: Transaction, now: datetime) -> Iterator[Finding]:
        former = self._former(transaction)
        if len(self.sources) <= _MOST_SOURCES:
            for source in self.sources.values():
                yield from polling.look(transaction, source, now, self.most, former)
            return
        wrong = polling.wrong(transaction, self.sources, now, self.most)
        for name in wrong[:_MOST_SOURCES]:
            yield from polling.look(transaction, self.sources[name], now, self.most, former)
        yield polling.rest(len(self.sources), len(wrong), _MOST_SOURCES)

    def _former(self, transaction: Transaction) -> list[str]:
        """The sources that were polled once and are not in the configuration any more."""
        known = self.configured | self.sources.keys()
        return [name for name in source_names.polled(transaction) if name not in known]

    def of_the_network(self) -> Iterator[Finding]:
        """The gateways and the webhooks' receivers; of many gateways the first."""
        now = self._now()
        asked = list(islice(self.sources.values(), _MOST_SOURCES))
        looks: list[Callable[[], Iterable[Finding]]] = [
            *(lambda source=source: gateways.look(source, now) for source in asked),
            *(lambda hook=hook: webhooks.look(hook, now) for hook in self.webhooks.values()),
        ]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for found in pool.map(lambda look: list(look()), looks):
                yield from found
        left = len(self.sources) - len(asked)
        if left:
            text = f"{left:,} further ones were not asked: `pricetrail poll NAME` asks one"
            yield Finding("gateways", OK, text)

    def _now(self) -> datetime:
        """The time by which polls are dated: the database's, where it can be asked."""
        try:
            return self.database.now()
        except PricetrailError:
            return datetime.now(UTC)


def _broken(transaction: Transaction) -> list[Broken]:
    """What does not fit together, of the newest rows and of every source."""
    look = invariants.look(transaction)
    broken = list(look.broken)
    while look.next_source:
        look = invariants.look(transaction, look.next_source)
        broken += [one for one in look.broken if one not in broken]
    return broken


def has_failed(findings: Iterable[Finding]) -> bool:
    """Whether something is to be told to a monitor."""
    return any(finding.verdict == FAIL for finding in findings)
