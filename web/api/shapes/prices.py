"""Catalogs, prices, histories, events."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from pricetrail.catalog.events import TYPES
from pricetrail.web.api.shapes.values import (
    Certainty,
    Change,
    Direction,
    Hash,
    Number,
    Price,
    Shape,
    Time,
    Version,
    Window,
)


class GatewayModel(Shape):
    """One model, letter for letter as it was served."""

    model_config = ConfigDict(extra="allow")

    id: str = Field(examples=["gpt-5"])


class GatewayList(Shape):
    """A catalog in the gateway's own shape."""

    object: Literal["list"]
    data: list[GatewayModel]
    total: Number


class SnapshotName(Shape):
    """A version and the chain's hash there."""

    version: Version
    hash: Hash


class Seen(Shape):
    """From when until when the prices were seen."""

    from_: Time = Field(alias="from")
    until: Time


class Side(Shape):
    """The prices as polls saw them at a time."""

    at: Time
    version: Version
    pricing: Any = Field(
        description="As served; null where the model has none, or was not visible."
    )
    prices: list[Price]


class PriceAnswer(Shape):
    """The prices in force at a time; where that is not certain, both sides of it."""

    source: str
    model: str
    at: Time
    certainty: Certainty
    snapshot: SnapshotName
    observed: Seen
    pricing: Any = Field(
        description="As served; null where the model has none, or was not visible."
    )
    prices: list[Price]
    before: Side | None = None
    after: Side | None = None
    why: str | None = None


class HistoryEntry(Shape):
    """One event of a model, or as `baseline` a state that was there when the history began."""

    id: str | None
    type: str = Field(json_schema_extra={"enum": [*TYPES, "baseline"]})
    version: Version
    observed: Window
    direction: Direction | None
    changes: list[Change]


class History(Shape):
    """Every change of a model, oldest first."""

    source: str
    model: str
    events: list[HistoryEntry]


class SnapshotOfEvent(Shape):
    """The version that an event belongs to."""

    version: Version
    previous: Version
    hash: Hash | None


class EventData(Shape):
    """What an event says; events of a source have members of their own besides."""

    model_config = ConfigDict(extra="allow")

    id: str = Field(pattern="^evt_[0-9a-f]{40}$")
    source: str
    snapshot: SnapshotOfEvent | None = None
    observed: Window | None = None
    model: dict[str, Any] | None = None
    direction: Direction | None = None
    changes: list[Change] | None = None


class Event(Shape):
    """One event, as the message of format `json` has it."""

    type: str = Field(examples=["model.repriced"])
    timestamp: Time
    data: EventData


class EventPage(Shape):
    """Events, oldest first; `next` continues after them, null if there are no more yet."""

    events: list[Event]
    next: str | None


class Repriced(Shape):
    """What changed in a model's prices."""

    model: str
    direction: Direction
    changes: list[Change]


class Updated(Shape):
    """What else changed in a model."""

    model: str
    changes: list[Change]


class VersionName(Shape):
    """A version."""

    version: Version


class Diff(Shape):
    """What changed between two versions, in order of the models' ids."""

    from_: VersionName = Field(alias="from")
    to: VersionName
    added: list[str]
    removed: list[str] = Field(description="No longer visible to this key: not proof of an end.")
    repriced: list[Repriced]
    updated: list[Updated]


class Offer(Shape):
    """What one source charges for a model, and since when."""

    source: str
    name: str | None = Field(
        default=None, description="The model as it is listed there, where that is another name."
    )
    certainty: Certainty
    version: Version
    observed: Seen
    since: Window | None
    pricing: Any = Field(description="As served.")
    prices: list[Price]
    before: Side | None = None
    after: Side | None = None
    why: str | None = None


class ComparedModel(Shape):
    """One model and its offers, cheapest first."""

    model: str
    offers: list[Offer]


class Comparison(Shape):
    """The same models over several sources."""

    at: Time
    models: list[ComparedModel]
