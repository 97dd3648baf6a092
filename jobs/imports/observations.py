"""What an import is fed with, and what it reports.

Observations of a catalog, made by somebody else, oldest first.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from pricetrail.catalog.dialects.registry import AS_SERVED, ReadBy
from pricetrail.catalog.errors import InvalidInputError, PricetrailError
from pricetrail.catalog.event_types import COUNTED_TYPES
from pricetrail.catalog.ignored import NOTHING, Ignored
from pricetrail.catalog.merkle import GENESIS, hash_text
from pricetrail.catalog.times import rfc3339
from pricetrail.catalog.versions import NewVersion
from pricetrail.storage.polls.stretches import Stretch
from pricetrail.storage.sources import SourceState

_LISTED = 100


def _counted(kind: str) -> str:
    return kind.removeprefix("model.")


@dataclass(frozen=True, slots=True)
class Known:
    """What the source that an observation was exported from knew about it.

    The catalog was its version `version`, and changed after `not_before`; `stretches` are those
    of the coverage that belong to the version, and to the time before the first one; `ignored`
    are the fields that were noise when it was made, `read_by` is how it was read.
    """

    version: int
    not_before: datetime | None
    stretches: Sequence[Stretch]
    ignored: Ignored = NOTHING
    read_by: ReadBy = AS_SERVED


@dataclass(frozen=True, slots=True)
class Observation:
    """A catalog as it was seen at a time; `origin` says where it stands (`FILE:LINE`)."""

    observed_at: datetime
    body: bytes
    origin: str
    known: Known | None = None

    @property
    def until(self) -> datetime:
        """The last instant that anything is said of."""
        stretches = self.known.stretches if self.known is not None else ()
        return max([self.observed_at, *(stretch.last_at for stretch in stretches)])


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something that should have been an observation, and why it is none, in one line."""

    origin: str
    reason: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.reason}"

    def as_json(self) -> dict[str, str]:
        """One entry of `refusals`."""
        return {"origin": self.origin, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Pause:
    """From here on nothing was observed, until the next observation."""

    origin: str


Item: TypeAlias = Observation | Unreadable | Pause


class ImportRefusedError(PricetrailError):
    """An observation that cannot be taken in; those before it were, nothing of it was."""


class BadItemError(ImportRefusedError):
    """One that may be passed over; `item` says why it cannot be taken in."""

    def __init__(self, item: Unreadable) -> None:
        super().__init__(f"{item} (--skip-bad passes over it)")
        self.item = item


class BrokenInputError(BadItemError, InvalidInputError):
    """What should hold observations cannot be read as such."""


@dataclass
class Report:
    """What an import did.

    `observations` counts those that were read well: `versions` of them made a version,
    `unchanged` found the one before, `already_there` were part of the history. `refused` counts
    the others (`refusals`: the first hundred). `events` counts new events by type,
    `counts` the models that they are about as a snapshot does.
    """

    source: str
    observations: int = 0
    versions: int = 0
    unchanged: int = 0
    already_there: int = 0
    refused: int = 0
    refusals: list[Unreadable] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    first_at: datetime | None = None
    last_at: datetime | None = None
    head_version: int = 0
    head_hash: bytes = GENESIS

    def count(self, at: datetime) -> None:
        """One more observation, made at that time."""
        self.observations += 1
        self.first_at = min(self.first_at or at, at)
        self.last_at = max(self.last_at or at, at)

    def add_version(self, new: NewVersion) -> None:
        """One more version, with its events."""
        self.versions += 1
        self.events.update(event.type for event in new.events)
        self.counts.update(new.counts)

    def stand_at(self, state: SourceState) -> None:
        """The source stands there now."""
        self.head_version, self.head_hash = state.head_version, state.head_hash

    def refuse(self, item: Unreadable) -> None:
        """One more that could not be taken in."""
        self.refused += 1
        if len(self.refusals) < _LISTED:
            self.refusals.append(item)

    def as_json(self) -> dict[str, object]:
        """The shape of `import`."""
        first, last = self.first_at, self.last_at
        return {
            "source": self.source,
            "observations": self.observations,
            "versions": self.versions,
            "unchanged": self.unchanged,
            "already_there": self.already_there,
            "events": self.events.total(),
            "counts": {name: self.counts[name] for name in map(_counted, COUNTED_TYPES)},
            "from": None if first is None else rfc3339(first),
            "until": None if last is None else rfc3339(last),
            "head": {"version": self.head_version, "hash": hash_text(self.head_hash)},
            "refused": self.refused,
            "refusals": [item.as_json() for item in self.refusals],
        }
