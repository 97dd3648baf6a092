"""The question of `pricetrail sources list`: which sources are known, and how they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pricetrail.catalog import merkle
from pricetrail.queries.answers import time_or_null
from pricetrail.storage import kept_sources, sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.sources import SourceState

# The labels of each source of the configuration, by its name.
Labels = Mapping[str, Mapping[str, str]]
NO_LABELS: Labels = {}
CONFIGURATION, DATABASE = "configuration", "database"


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How one source is; `version` is 0, and times are None, where nothing happened yet.

    `failures` counts the polls that failed since the last good one, from `failing_since` on;
    `last_error` is the last one's, and `failing_told` says that webhooks were told. `quarantined`
    says that a catalog waits for a decision, `next_slot` is when the schedule polls next, `head`
    the chain's hash at the version. `labels` are the operator's; `configured` is None where
    nobody knows. `origin` says where it comes from, where it is configured: the configuration, or
    the database.
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
    origin: str | None = None

    def as_json(self) -> dict[str, object]:
        """One entry of `sources`."""
        known = (
            {} if self.configured is None else {"configured": self.configured, "from": self.origin}
        )
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
            are told too, and each is told apart from one that has nothing but its history. None
            where nobody knows.
    """
    models = sources.model_counts(transaction)
    kept = kept_sources.labels(transaction)
    known = [_health(one, models.get(one.name, 0)) for one in sources.states(transaction)]
    told = {one.name: _placed(one, kept, configured) for one in known}
    new = {
        name: _untouched(name, labels)
        for name, labels in (configured or {}).items()
        if name not in told
    }
    return SourcesAnswer(tuple(one for _, one in sorted((told | new).items())))


def _placed(one: SourceHealth, kept: Labels, configured: Labels | None) -> SourceHealth:
    """A source with where it comes from; what both have is the configuration's."""
    if configured is not None and one.name in configured:
        labels = configured[one.name]
        return replace(one, configured=True, labels=labels, origin=CONFIGURATION)
    if one.name in kept:
        return replace(one, configured=True, labels=kept[one.name], origin=DATABASE)
    # Where some are kept, that is where they are configured.
    return replace(one, configured=None if configured is None and not kept else False)


def _untouched(name: str, labels: Mapping[str, str]) -> SourceHealth:
    """A source of the configuration that was never polled."""
    return SourceHealth(
        name,
        *(0, None, None, 0, False, False, None),
        labels=labels,
        configured=True,
        origin=CONFIGURATION,
    )


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
