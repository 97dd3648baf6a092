"""The question of `pricetrail sources list`: which sources are known, and how they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pricetrail.catalog import merkle
from pricetrail.queries.answers import time_or_null
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.sources import SourceState

# The labels of each configured source, by its name.
Labels = Mapping[str, Mapping[str, str]]
NO_LABELS: Labels = {}


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How one source is; `version` is 0, and times are None, where nothing happened yet.

    `failures` counts the polls that failed since the last good one, from `failing_since` on;
    `last_error` is the last one's, and `failing_told` says that webhooks were told. `quarantined`
    says that a catalog waits for a decision, `next_slot` is when the schedule polls next, `head`
    the chain's hash at the version. `labels` are the configuration's; `configured` is None where
    nobody knows.
    """

    name: str
    version: int
    last_good: datetime | None
    last_poll: datetime | None
    failures: int
    quarantined: bool
    paused: bool
    next_slot: datetime | None
    models: int = 0
    head: bytes | None = None
    failing_since: datetime | None = None
    last_error: str | None = None
    failing_told: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    configured: bool | None = None

    def as_json(self) -> dict[str, object]:
        """One entry of `sources`."""
        known = {} if self.configured is None else {"configured": self.configured}
        return {
            "name": self.name,
            "version": self.version,
            "last_good": time_or_null(self.last_good),
            "last_poll": time_or_null(self.last_poll),
            "failures": self.failures,
            "quarantined": self.quarantined,
            "paused": self.paused,
            "next_slot": time_or_null(self.next_slot),
            "models": self.models,
            "head": None if self.head is None else merkle.hash_text(self.head),
            "failing_since": time_or_null(self.failing_since),
            "last_error": self.last_error,
            "labels": dict(self.labels),
            **known,
        }


@dataclass(frozen=True, slots=True)
class SourcesAnswer:
    """Every source that has a row, and every configured one, by name."""

    sources: tuple[SourceHealth, ...]

    def as_json(self) -> dict[str, object]:
        """The shape of `sources list`."""
        return {"sources": [source.as_json() for source in self.sources]}


def ask(transaction: Transaction, configured: Labels | None = None) -> SourcesAnswer:
    """The sources of the database and their health.

    Args:
        configured: the labels of each source of the configuration: those that were never polled
            are told too, and each is told apart from one that the database alone has. None where
            nobody knows.
    """
    models = sources.model_counts(transaction)
    known = {one.name: _health(one, models.get(one.name, 0)) for one in sources.states(transaction)}
    if configured is None:
        return SourcesAnswer(tuple(known.values()))
    named = {
        name: replace(one, configured=name in configured, labels=configured.get(name, {}))
        for name, one in known.items()
    }
    new = {name: _untouched(name, configured[name]) for name in configured.keys() - known.keys()}
    return SourcesAnswer(tuple(one for _, one in sorted((named | new).items())))


def _untouched(name: str, labels: Mapping[str, str]) -> SourceHealth:
    """A source of the configuration that was never polled."""
    return SourceHealth(name, 0, None, None, 0, False, False, None, labels=labels, configured=True)


def newest_versions(transaction: Transaction) -> dict[str, int]:
    """The newest version of each source by its name, in order; 0 where there is none yet."""
    return sources.head_versions(transaction)


def _health(state: SourceState, models: int) -> SourceHealth:
    return SourceHealth(
        name=state.name,
        version=state.head_version,
        last_good=state.good_at,
        last_poll=state.last_poll_at,
        failures=state.failures,
        quarantined=state.holding,
        paused=state.paused,
        next_slot=state.next_slot_at,
        models=models,
        head=state.head_hash if state.head_version else None,
        failing_since=state.failing_since,
        last_error=state.last_error,
        failing_told=state.failing_told,
    )
