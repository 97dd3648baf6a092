"""What several answers are made of, as their output schemas tell it."""

from pydantic import BaseModel, Field

from pricetrail.web.api.shapes.values import Certainty

TIME = "RFC 3339 in UTC."
_AMOUNT = "Exact decimal text in plain notation, or null where it is no amount."


class Window(BaseModel):
    """From one time to another, both RFC 3339 in UTC."""

    since: str = Field(alias="from")
    until: str


class Head(BaseModel):
    """The newest version of a source, and the hash that stands for all before it."""

    version: int
    head: str


class Basis(BaseModel):
    """What the answer rests on, for one source."""

    source: str
    head: Head | None = Field(description="null where nothing was recorded yet.")
    last_seen: str | None = Field(description="The last good poll: nothing is known after it.")
    since: str | None = Field(alias="from", description="The time that the answer is about.")
    until: str | None = Field(description="The same as `from` where it is about one instant.")
    certainty: Certainty = Field(description="The weakest within that time.")
    why: str | None = Field(description="Why there is a gap, or the longest of them.")
    observed: Window | None = Field(description="Of an instant: the polls that saw this state.")
    observed_percent: str | None = Field(description="Of a longer time: how much was observed.")


class Price(BaseModel):
    """One price."""

    path: str = Field(description="JSON Pointer from the model's root.")
    unit: str = Field(
        description="USD/token, USD/image, USD/second …; USD where unknown; ratio of a discount."
    )
    amount: str | None = Field(description=_AMOUNT)
    flagged: str | None = Field(None, description="What is served instead of an amount.")


class Side(BaseModel):
    """What polls saw on one side of the time asked about."""

    at: str = Field(description=TIME)
    version: int
    pricing: object = Field(
        description="As served; null where the model has none, or was not visible."
    )
    prices: list[Price]


class Snapshot(BaseModel):
    """A version of the catalog, and the chain's hash there."""

    version: int
    hash: str


class Change(BaseModel):
    """One leaf that changed."""

    path: str
    unit: str | None = Field(description="null where it is no price.")
    old: object = Field(description="null where it appeared.")
    new: object = Field(description="null where it vanished.")
    percent: str | None = Field(description="null where there is no ratio.")
    absent: list[str] | None = Field(None, description="Which side was not there.")
    flagged: list[str] | None = Field(None, description="Which side is no amount.")


class Seen(BaseModel):
    """A change happened between these times; no single instant is claimed."""

    not_before: str | None = Field(description="null where nothing was seen before.")
    not_after: str


class EventSnapshot(BaseModel):
    """The version that made the event."""

    version: int
    previous: int
    hash: str | None
