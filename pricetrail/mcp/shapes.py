"""What an agent gets: the shape of each tool's answer, as its output schema tells it.

They describe what the questions' `as_json()` gives (contract, section 5), with `basis`, and `next`
where an answer comes in pages.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from pricetrail.mcp.parts import (
    TIME,
    Basis,
    Change,
    EventSnapshot,
    Price,
    Seen,
    Side,
    Snapshot,
    Window,
)
from pricetrail.web.api.shapes.prices import Diff
from pricetrail.web.api.shapes.values import Certainty, Direction

_NEXT = "Give it as `cursor` for the next page; null on the last one."


class _Answer(BaseModel):
    basis: list[Basis] = Field(description="How far the answer can be trusted, per source.")


class _Page(_Answer):
    next: str | None = Field(description=_NEXT)


class PriceShape(_Answer):
    """Of `price`."""

    source: str
    model: str
    at: str = Field(description=TIME)
    certainty: Certainty = Field(description="About what was asked alone.")
    snapshot: Snapshot
    observed: Window = Field(description="These prices were seen at both ends.")
    pricing: object = Field(description="As served: nested groups of the same prices.")
    prices: list[Price] = Field(description="In force; the earlier ones where not observed.")
    before: Side | None = Field(None, description="Unless observed: what was seen before.")
    after: Side | None = Field(None, description="Unless observed: what was seen next.")
    why: str | None = Field(None, description="Of a gap: what went wrong.")


class ModelsShape(_Page):
    """Of `models`."""

    kind: Literal["list"] = Field(alias="object")
    data: list[dict[str, object]] = Field(description="Each model as served, by id.")
    total: int = Field(description="How many models match, on all pages.")


class HistoryEntry(BaseModel):
    """One event of a model; `baseline`: it was there when the history began."""

    id: str | None
    type: str
    version: int
    observed: Seen
    direction: str | None
    changes: list[Change]


class HistoryShape(_Page):
    """Of `history`."""

    source: str
    model: str
    events: list[HistoryEntry] = Field(description="Oldest first; the newest page comes first.")


class Offer(BaseModel):
    """What one source asks for a model."""

    source: str
    name: str | None = Field(None, description="The model as it is listed there, if otherwise.")
    certainty: Certainty
    version: int
    observed: Window = Field(description="These prices were seen at both ends.")
    since: Seen | None = Field(description="When its prices began to be these; null if unknown.")
    pricing: object = Field(
        description="As served; null where it has none, or was not visible before."
    )
    prices: list[Price]
    before: Side | None = Field(None, description="Unless observed: what was seen before.")
    after: Side | None = Field(None, description="Unless observed: what was seen next.")
    why: str | None = Field(None, description="Of a gap: what went wrong.")


class Compared(BaseModel):
    """One model and its offers."""

    model: str
    offers: list[Offer] = Field(description="Cheapest first: by prompt, then completion, then …")


class CompareShape(_Page):
    """Of `compare`."""

    at: str = Field(description=TIME)
    models: list[Compared] = Field(description="By id.")


class DiffCounts(BaseModel):
    """How many there are on all pages."""

    added: int
    removed: int
    repriced: int
    updated: int


class DiffShape(Diff, _Page):
    """Of `diff`."""

    counts: DiffCounts


class EventData(BaseModel):
    """What happened; besides these members, those of the event's type."""

    model_config = ConfigDict(extra="allow")

    id: str
    source: str
    snapshot: EventSnapshot | None = None
    observed: Seen | None = None
    model: dict[str, object] | None = Field(
        None, description="Its heading; the whole document where it was added or removed."
    )
    direction: Direction | None = None
    changes: list[Change] | None = None


class Event(BaseModel):
    """One event."""

    type: str
    timestamp: str
    data: EventData


class EventsShape(_Page):
    """Of `events`."""

    events: list[Event] = Field(description="Oldest first; the newest page comes first.")


class SnapshotEntry(BaseModel):
    """One version: when polls saw it, and what it changed."""

    version: int
    hash: str
    previous_hash: str
    models: int
    first_seen: str
    last_seen: str
    polls: int
    counts: DiffCounts
    dialect: str | None = Field(default=None, description="Not PipeLLM's: name and version.")


class SnapshotsShape(_Page):
    """Of `snapshots`."""

    snapshots: list[SnapshotEntry] = Field(description="Oldest first; the newest page first.")


class Stretch(BaseModel):
    """Polls in a row with the same outcome and version."""

    since: str = Field(alias="from")
    until: str
    outcome: str
    version: int
    polls: int
    why: str | None = None


class Gap(BaseModel):
    """A time that no good poll covers."""

    since: str = Field(alias="from")
    until: str
    why: str


class CoverageShape(_Page):
    """Of `coverage`."""

    source: str
    since: str = Field(alias="from")
    until: str
    observed_percent: str
    bracketed_percent: str
    longest_gap_seconds: int
    stretches: list[Stretch] = Field(description="Oldest first; the newest page first.")
    gaps: list[Gap] = Field(description="Oldest first; the newest page first.")


class Break(BaseModel):
    """The first place where the history does not agree with its hashes."""

    version: int | None
    what: str
    why: str


class SavedHead(BaseModel):
    """The head that was given, and the version at which it was found."""

    head: str
    found_at_version: int | None
    bits: int | None = Field(None, description="Of a part of a head: how many bits of 256.")
    remark: str | None = Field(None, description="How weak a witness a part of a head is.")


class VerifyShape(_Answer):
    """Of `verify`."""

    source: str
    ok: bool
    snapshots: int
    version: int
    head: str
    first_break: Break | None
    bodies_pruned: int
    saved_head: SavedHead | None


class HeadShape(_Answer):
    """Of `head`."""

    source: str
    version: int
    head: str


class SourceEntry(BaseModel):
    """One source and its health."""

    name: str
    version: int = Field(description="0 where nothing was recorded yet.")
    last_good: str | None
    last_poll: str | None
    failures: int = Field(description="Polls that failed since the last good one.")
    quarantined: bool = Field(description="A suspicious catalog waits for a person's decision.")
    paused: bool
    next_slot: str | None
    models: int = Field(description="How many its newest version lists.")
    head: str | None
    failing_since: str | None
    last_error: str | None = Field(description="Of the last poll that failed since a good one.")
    overdue: bool = Field(description="Nobody polled it, or no poll was answered, for too long.")
    labels: dict[str, str] = Field(description="The operator's own words about it.")


class SourcesShape(_Page):
    """Of `sources`."""

    sources: list[SourceEntry]
    total: int = Field(description="How many there are, on all pages.")
