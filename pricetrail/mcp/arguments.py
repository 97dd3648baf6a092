"""What an agent may ask: the arguments of each tool, with what they mean."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from pricetrail.catalog.asked_times import asked_time
from pricetrail.catalog.event_types import TYPES
from pricetrail.catalog.times import TimeError, rfc3339
from pricetrail.mcp.paging import DEFAULT, MOST
from pricetrail.text.escapes import unescape

_LONGEST = 4000


def _given(value: str) -> str:
    """A name as it was recorded, from the way in which answers spell it."""
    text = unescape(value)
    if "\x00" in text:
        raise ValueError("no name holds U+0000")
    return text


def _time(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("write a time as RFC 3339 text, such as 2026-03-01T12:00:00Z")  # noqa: TRY004 - pydantic's own
    return asked_time(value, datetime.now(UTC))


def _revision(value: str) -> str:
    """A revision as it was given; a time in words is the time that it means now."""
    text = _given(value)
    try:
        return rfc3339(asked_time(text, datetime.now(UTC)))
    except TimeError:
        return text  # a version, or what is refused where it is asked for


Text = Annotated[str, Field(max_length=_LONGEST), AfterValidator(_given)]
Time = Annotated[datetime, BeforeValidator(_time), WithJsonSchema({"type": "string"})]
Revision = Annotated[str, Field(max_length=_LONGEST), AfterValidator(_revision)]
EventType = Annotated[str, WithJsonSchema({"type": "string", "enum": list(TYPES)})]

_SOURCE = "The source (one gateway as one key sees it); needed only where there are several."
_AT = (
    "RFC 3339 time, or a date (its first instant in UTC), or now, today, yesterday, 3d, 2h30m (so "
    "long ago). Leave it out for as last seen."
)
_FIELD = (
    "One price or a group of prices: a short path such as text.prompt, text.completion, "
    "cache.read, cache, tiers.over_200k, or a JSON Pointer such as /pricing/text/prompt."
)
_GLOB = r"\* and \? are those signs themselves: an id that holds one is named so."
_REVISION = "A version's number, a time (or yesterday, 7d), latest, latest~3 or baseline."
_LIMIT = "At most so many entries; fewer where they are long."
_CURSOR = "The `next` of the answer before, to page on; all other arguments as they were."


class Arguments(BaseModel):
    """Arguments of a tool; one that is not listed is an error."""

    model_config = ConfigDict(extra="forbid")


class _OfSource(Arguments):
    source: Text | None = Field(None, description=_SOURCE)


class _Paged(_OfSource):
    limit: int = Field(DEFAULT, ge=1, le=MOST, description=_LIMIT)
    cursor: Text | None = Field(None, description=_CURSOR)


class PriceArguments(_OfSource):
    """Of `price`."""

    model: Text = Field(description="The model's id, exactly as `models` gives it.")
    at: Time | None = Field(None, description=_AT)
    field: Text | None = Field(None, description=f"{_FIELD} The certainty is about it alone.")


class ModelsArguments(_Paged):
    """Of `models`."""

    at: Time | None = Field(None, description=_AT)
    model: Text | None = Field(
        None, description=f"Only ids that match this glob, such as gpt-* or *claude*. {_GLOB}"
    )


class HistoryArguments(_Paged):
    """Of `history`."""

    model: Text = Field(description="The model's id, exactly as `models` gives it.")
    field: Text | None = Field(None, description=_FIELD)


class CompareArguments(Arguments):
    """Of `compare`."""

    model: Text | None = Field(
        None, description="One model's id; by default all that two sources list."
    )
    at: Time | None = Field(None, description=_AT)
    field: Text | None = Field(None, description=f"{_FIELD} That alone is compared.")
    sources: list[Text] = Field(default=[], description="Only these sources; by default all.")
    limit: int = Field(DEFAULT, ge=1, le=MOST, description=_LIMIT)
    cursor: Text | None = Field(None, description=_CURSOR)


class DiffArguments(_Paged):
    """Of `diff`."""

    older: Revision = Field("latest~1", alias="from", description=_REVISION)
    newer: Revision = Field("latest", alias="to", description=_REVISION)


class EventsArguments(_Paged):
    """Of `events`."""

    source: Text | None = Field(None, description="Only this source; by default all of them.")
    since: Time | None = Field(
        None, description="First seen at or after this time, date, or 7d (ago)."
    )
    until: Time | None = Field(None, description="First seen before this time, or date.")
    types: list[EventType] = Field(default=[], description="Only these types; by default all.")
    model: Text | None = Field(
        None, description=f"Only models whose ids match this glob, such as gpt-*. {_GLOB}"
    )


class SnapshotsArguments(_Paged):
    """Of `snapshots`."""


class CoverageArguments(_Paged):
    """Of `coverage`."""

    since: Time | None = Field(None, description="By default the first poll.")
    until: Time | None = Field(None, description="By default the last poll.")


class VerifyArguments(_OfSource):
    """Of `verify`."""

    head: Text | None = Field(
        None,
        description="A head that was saved elsewhere, this one or an older: sha256:… or "
        "VERSION:sha256:…; or 16 or more of its first hex digits, which prove less.",
    )


class HeadArguments(_OfSource):
    """Of `head`."""


class SourcesArguments(Arguments):
    """Of `sources`."""

    limit: int = Field(DEFAULT, ge=1, le=MOST, description=_LIMIT)
    cursor: Text | None = Field(None, description=_CURSOR)
