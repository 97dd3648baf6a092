"""What an event says besides what every event says: one frozen type for each kind of event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from pricetrail.catalog.model_details import (
    Heading,
    ModelAdded,
    ModelChanged,
    ModelRemoved,
    ModelSunset,
    number,
)
from pricetrail.catalog.times import rfc3339, utc

__all__ = [
    "Details",
    "Heading",
    "ModelAdded",
    "ModelChanged",
    "ModelRemoved",
    "ModelSunset",
    "Notice",
    "Quarantined",
    "Released",
    "SchemaChanged",
    "SourceFailing",
    "SourceRecovered",
    "Trial",
]


@dataclass(frozen=True, slots=True)
class SchemaChanged:
    """Pricing paths and kinds never seen before in a source, and models that have them."""

    paths: tuple[str, ...]
    kinds: tuple[str, ...]
    models: tuple[str, ...]

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "SchemaChanged":
        """From the JSON that `as_json` gives."""
        return cls(*(_texts(data[key]) for key in ("paths", "kinds", "models")))

    def as_json(self) -> dict[str, object]:
        """The three lists."""
        return {"paths": [*self.paths], "kinds": [*self.kinds], "models": [*self.models]}


@dataclass(frozen=True, slots=True)
class SourceFailing:
    """`failures` polls in a row failed, the first of them at `since`, the last one by `error`.

    `missed`: how many slots of the schedule had no poll since the last good one. `reminder`: how
    often it has been said again, 0 the first time.
    """

    failures: int
    since: datetime
    error: str
    missed: int = 0
    reminder: int = 0

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "SourceFailing":
        """From the JSON that `as_json` gives."""
        # Those that were written before there were reminders have neither.
        more = (number(data.get(key, 0)) for key in ("missed", "reminder"))
        return cls(number(data["failures"]), utc(str(data["since"])), str(data["error"]), *more)

    def as_json(self) -> dict[str, object]:
        """The same, with the time in RFC 3339."""
        return {
            "failures": self.failures,
            "since": rfc3339(self.since),
            "error": self.error,
            "missed": self.missed,
            "reminder": self.reminder,
        }


@dataclass(frozen=True, slots=True)
class SourceRecovered:
    """The first good poll after `failed_polls` that failed, the first of them at `since`.

    `missed_polls`: how many slots of the schedule had no poll meanwhile.
    """

    since: datetime
    failed_polls: int
    missed_polls: int = 0

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "SourceRecovered":
        """From the JSON that `as_json` gives."""
        missed = number(data.get("missed_polls", 0))
        return cls(utc(str(data["since"])), number(data["failed_polls"]), missed)

    def as_json(self) -> dict[str, object]:
        """The same, with the time in RFC 3339."""
        return {
            "since": rfc3339(self.since),
            "failed_polls": self.failed_polls,
            "missed_polls": self.missed_polls,
        }


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A suspicious catalog was set aside; `counts` is what it would have announced."""

    quarantine: int
    reason: str
    models: int
    counts: Mapping[str, int]

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Quarantined":
        """From the JSON that `as_json` gives."""
        counts = data["counts"]
        if not isinstance(counts, dict):
            raise TypeError("counts are no object")
        numbers = {str(name): number(count) for name, count in counts.items()}
        entry, models = number(data["quarantine"]), number(data["models"])
        return cls(entry, str(data["reason"]), models, numbers)

    def as_json(self) -> dict[str, object]:
        """The same."""
        return {
            "quarantine": self.quarantine,
            "reason": self.reason,
            "models": self.models,
            "counts": dict(self.counts),
        }


@dataclass(frozen=True, slots=True)
class Released:
    """What became of a catalog that was set aside, by its number.

    `verdict`: `approved`, `rejected`, `confirmed` by later polls, or `superseded`.
    """

    quarantine: int
    verdict: str

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Released":
        """From the JSON that `as_json` gives."""
        return cls(number(data["quarantine"]), str(data["verdict"]))

    def as_json(self) -> dict[str, object]:
        """The same."""
        return {"quarantine": self.quarantine, "verdict": self.verdict}


@dataclass(frozen=True, slots=True)
class Notice:
    """A word of pricetrail's own, about a webhook where one is named: `why` it is paused."""

    text: str
    webhook: str | None = None
    why: str | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Notice":
        """From the JSON that `as_json` gives."""
        named = (data.get(key) for key in ("webhook", "why"))
        return cls(str(data["text"]), *(None if one is None else str(one) for one in named))

    def as_json(self) -> dict[str, object]:
        """The same, without the webhook and the reason where there are none."""
        named = {"webhook": self.webhook, "why": self.why}
        return {**{key: one for key, one in named.items() if one}, "text": self.text}


@dataclass(frozen=True, slots=True)
class Trial:
    """A test of a webhook: the rules in force there, and a change as an example.

    It happened to nothing, and no database holds one. `rules`: a setting's name to its values.
    """

    NOTHING: ClassVar[str] = "Nothing has changed, and there is nothing to do."

    webhook: str
    format: str
    rules: Mapping[str, object]
    sample: ModelChanged

    @property
    def text(self) -> str:
        """That it is a test, and what follows from its arrival."""
        works = f"This is a test message from pricetrail: the webhook {self.webhook} works."
        return f"{works} {self.NOTHING}"

    def as_json(self) -> dict[str, object]:
        """The same, marked as a test."""
        return {
            "test": True,
            "webhook": self.webhook,
            "format": self.format,
            "text": self.text,
            "rules": dict(self.rules),
            "sample": {"type": "model.repriced", **self.sample.as_json()},
        }


Details = (
    ModelAdded
    | ModelRemoved
    | ModelChanged
    | ModelSunset
    | SchemaChanged
    | SourceFailing
    | SourceRecovered
    | Quarantined
    | Released
    | Notice
    | Trial
)


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise TypeError("not a list")
    return tuple(map(str, value))
