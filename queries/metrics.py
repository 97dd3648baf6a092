"""The question of `/metrics`: how sources and webhooks are in numbers, and on request the prices.

All of it comes from the database, so that every replica says the same, and from counts that are
kept there: neither pruning nor the length of the history makes a difference.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from importlib import metadata
from typing import TypeAlias

from pricetrail.catalog import event_types as kinds
from pricetrail.catalog.prices import prices_of
from pricetrail.catalog.strict_json import loads
from pricetrail.queries.answers import Pieces
from pricetrail.queries.deliveries import STATES
from pricetrail.queries.sources import NO_LABELS, Labels
from pricetrail.storage import kept_sources, source_names
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import event_counts, versions
from pricetrail.storage.history.versions import ModelState
from pricetrail.storage.outbox import delivery_counts
from pricetrail.storage.polls import group_counts, poll_counts
from pricetrail.storage.polls.group_counts import GroupCounts
from pricetrail.storage.polls.poll_counts import SourceCounts

# Beyond so many, sources are added up by their labels: each would have dozens of series.
MOST_SOURCES = 1000
ALL = "*"
# A source's name, and what its newest version lists.
_Catalog: TypeAlias = tuple[str, Sequence[ModelState]]


@dataclass(frozen=True, slots=True)
class SourceMetrics:
    """One source; or those with the same labels together, named by these as `team=search,…`.

    Those without a label are `*`. Of several together numbers are sums, but for `failures`, the
    most that any has, and the times: the earliest of any. `polls` are by outcome and `events` by
    type, and never fall. `quarantined` and `overdue` count sources: 0 or 1 for a single one. Times
    are None where there is none. `labels` are the operator's.
    """

    name: str
    polls: Mapping[str, int]
    events: Mapping[str, int]
    last_good: datetime | None
    next_poll: datetime | None
    models: int
    version: int
    failures: int
    quarantined: int
    overdue: int
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WebhookMetrics:
    """One webhook: its messages by state, and for how long the oldest has waited to go out.

    `delivered` never falls; the others are what is in the outbox now. `oldest` is zero where
    nothing waits.
    """

    name: str
    deliveries: Mapping[str, int]
    oldest: timedelta


@dataclass(frozen=True, slots=True)
class PriceMetric:
    """One amount in US dollars, as the source's newest version has it."""

    source: str
    model: str
    path: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class MetricsAnswer:
    """Everything that `/metrics` says.

    `prices` is None where they were not asked for. They are read already, and worked out as they
    are gone through: no transaction waits for that.
    """

    program: str
    sources: tuple[SourceMetrics, ...]
    webhooks: tuple[WebhookMetrics, ...]
    prices: Iterable[PriceMetric] | None


def ask(
    transaction: Transaction, now: datetime, prices: bool = False, labels: Labels = NO_LABELS
) -> MetricsAnswer:
    """Sources and webhooks in numbers, as of now by the database's clock.

    Args:
        prices: with every price that is in force; none beyond `MOST_SOURCES` sources. Each
            model's document is read for it.
        labels: those of each source of the configuration.
    """
    few = source_names.count(transaction) <= MOST_SOURCES
    counted = poll_counts.counts(transaction, now) if few else []
    catalogs = _catalogs(transaction, counted) if prices else []
    return MetricsAnswer(
        program=metadata.version("pricetrail"),
        sources=tuple(
            _each(transaction, counted, labels) if few else _groups(transaction, now, labels)
        ),
        webhooks=tuple(_webhooks(transaction, now)),
        prices=Pieces(partial(_prices, catalogs)) if prices else None,
    )


def _each(
    transaction: Transaction, counted: Iterable[SourceCounts], labels: Labels
) -> list[SourceMetrics]:
    labels = {**kept_sources.labels(transaction), **labels}
    made = event_counts.counts(transaction)
    return [
        _source(source, made.get(source.id, {}), labels.get(source.name, {})) for source in counted
    ]


def _groups(transaction: Transaction, now: datetime, labels: Labels) -> list[SourceMetrics]:
    """The sources with the same labels together; all of them where labels are as many."""
    by_name: dict[str, list[SourceMetrics]] = {}
    for group in map(_group, group_counts.counts(transaction, now, labels)):
        by_name.setdefault(group.name, []).append(group)
    if len(by_name) > MOST_SOURCES:
        return [_together(ALL, [one for some in by_name.values() for one in some], {})]
    return [_together(name, some, some[0].labels) for name, some in sorted(by_name.items())]


def _group(group: GroupCounts) -> SourceMetrics:
    # As filters and people write it.
    name = ",".join(f"{label}={value}" for label, value in sorted(group.labels.items()))
    return SourceMetrics(
        name=name or ALL,
        polls=group.polls,
        events=dict.fromkeys(kinds.TYPES, 0) | dict(group.events),
        last_good=group.good_at,
        next_poll=group.next_slot_at,
        models=group.models,
        version=group.version,
        failures=group.failures,
        quarantined=group.quarantined,
        overdue=group.overdue,
        labels=group.labels,
    )


def _source(
    source: SourceCounts, events: Mapping[str, int], labels: Mapping[str, str]
) -> SourceMetrics:
    return SourceMetrics(
        name=source.name,
        polls=source.polls,
        # What has not happened yet is zero and not unknown: only so is the first time seen.
        events=dict.fromkeys(kinds.TYPES, 0) | dict(events),
        last_good=source.good_at,
        next_poll=source.next_slot_at,
        models=source.models,
        version=source.version,
        failures=source.failures,
        quarantined=int(source.holding),
        overdue=int(source.overdue),
        labels=labels,
    )


def _together(
    name: str, sources: Sequence[SourceMetrics], labels: Mapping[str, str]
) -> SourceMetrics:
    return SourceMetrics(
        name=name,
        polls=_sum(source.polls for source in sources),
        events=_sum(source.events for source in sources),
        last_good=_earliest(source.last_good for source in sources),
        next_poll=_earliest(source.next_poll for source in sources),
        models=sum(source.models for source in sources),
        version=sum(source.version for source in sources),
        failures=max(source.failures for source in sources),
        quarantined=sum(source.quarantined for source in sources),
        overdue=sum(source.overdue for source in sources),
        labels=labels,
    )


def _sum(numbers: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for some in numbers:
        total.update(some)
    return dict(total)


def _earliest(times: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in times if moment is not None), default=None)


def _webhooks(transaction: Transaction, now: datetime) -> Iterator[WebhookMetrics]:
    since = delivery_counts.oldest(transaction)
    for name, states in sorted(delivery_counts.counts(transaction).items()):
        # What a clock recorded that was ahead is new.
        age = max(now - since.get(name, now), timedelta(0))
        yield WebhookMetrics(name, dict.fromkeys(STATES, 0) | states, age)


def _catalogs(transaction: Transaction, sources: Iterable[SourceCounts]) -> list[_Catalog]:
    return [
        (source.name, versions.catalog_at(transaction, source.id, source.version))
        for source in sources
    ]


def _prices(catalogs: Iterable[_Catalog]) -> Iterator[PriceMetric]:
    for source, states in catalogs:
        for state in states:
            for price in prices_of(loads(state.document)):
                if price.amount is not None:
                    yield PriceMetric(source, state.model, price.path, price.amount)
