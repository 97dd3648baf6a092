"""Sources, their versions, coverage, deliveries, quarantine."""

from typing import Literal

from pydantic import Field

from pricetrail.web.api.shapes.values import Counts, Hash, Number, Shape, Time, Version


class Source(Shape):
    """One source and its state; times are null if nothing has happened yet."""

    name: str
    version: Version
    last_good: Time | None
    last_poll: Time | None
    failures: Number = Field(description="The polls that have failed since the last good one.")
    quarantined: bool
    paused: bool
    next_slot: Time | None
    models: Number
    head: Hash | None
    failing_since: Time | None
    last_error: str | None
    overdue: bool
    labels: dict[str, str] = Field(description="The operator's own words about it.")
    configured: bool = Field(
        default=True,
        description="Whether it is configured; left out where nobody knows.",
    )
    from_: Literal["configuration", "database"] | None = Field(
        default=None, alias="from", description="Where it is configured."
    )


class Sources(Shape):
    """Sources by name: all of them, or a page."""

    sources: list[Source]
    total: Number = Field(description="How many there are of the kind that was asked for.")
    next: str | None = Field(
        default=None, description="Of a page: where the next one goes on; null at the end."
    )


class Head(Shape):
    """The newest version, and the chain's hash there."""

    source: str
    version: Version
    head: Hash


class SnapshotEntry(Shape):
    """One version of a catalog."""

    version: Version
    hash: Hash
    previous_hash: Hash
    models: Number
    first_seen: Time
    last_seen: Time
    polls: Number
    counts: Counts
    dialect: str | None = None


class Snapshots(Shape):
    """Every version, oldest first."""

    snapshots: list[SnapshotEntry]


class Snapshot(Shape):
    """One version with its hashes."""

    source: str
    version: Version
    hash: Hash
    catalog_root: Hash
    body_hash: Hash
    body_size: Number
    body_kept: bool
    models: Number
    not_before: Time | None
    not_after: Time
    counts: Counts


class Stretch(Shape):
    """Polls that agree."""

    from_: Time = Field(alias="from")
    until: Time
    outcome: str
    version: Version
    polls: Number
    why: str | None = None


class Gap(Shape):
    """A time that no successful poll covers."""

    from_: Time = Field(alias="from")
    until: Time
    why: str


class Coverage(Shape):
    """Which periods polls cover."""

    source: str
    from_: Time = Field(alias="from")
    until: Time
    observed_percent: str
    bracketed_percent: str
    longest_gap_seconds: Number
    stretches: list[Stretch]
    gaps: list[Gap]


class Delivery(Shape):
    """One message to a webhook: waiting, delivered, dead or cancelled."""

    id: str
    webhook: str
    event_ids: list[str]
    state: Literal["pending", "leased", "delivered", "dead", "cancelled"]
    attempts: Number
    next_at: Time | None
    last_status: int | None
    last_error: str | None
    created_at: Time
    delivered_at: Time | None


class Deliveries(Shape):
    """The outbox, oldest first."""

    deliveries: list[Delivery]


class SetAside(Shape):
    """One catalog that was set aside."""

    id: Number
    source: str
    at: Time
    last_at: Time
    reason: str
    state: Literal["held", "approved", "rejected", "confirmed", "superseded"]
    models: Number
    polls: Number
    counts: dict[str, Number]
    decided_at: Time | None


class Quarantine(Shape):
    """What was set aside, oldest first."""

    quarantine: list[SetAside]


class Health(Shape):
    """The process answers."""

    status: Literal["ok"]


class Readiness(Shape):
    """Whether the database can be reached and its schema is right."""

    ready: bool
    schema_: str | None = Field(alias="schema")
    needed: str
    overdue: list[str] | None = Field(default=None, description="The first hundred by name.")
    overdue_total: Number | None = None
