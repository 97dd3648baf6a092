"""What an event says besides what every event says: one frozen type for each kind of event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from pricetrail.catalog.changes import Change, direction
from pricetrail.catalog.documents import Document
from pricetrail.catalog.times import rfc3339, utc


@dataclass(frozen=True, slots=True)
class Heading:
    """What identifies a model in a message: as served, whatever their kind of JSON."""

    id: object
    display_name: object
    type_target: object

    @classmethod
    def of(cls, document: Document) -> "Heading":
        """The heading of a model's document; None for what it has not."""
        return cls(*(document.get(key) for key in ("id", "display_name", "type_target")))

    def as_json(self) -> dict[str, object]:
        """The `model` of a message about changes."""
        return {
            "id": self.id,
            "display_name": self.display_name,
            "type_target": self.type_target,
        }


@dataclass(frozen=True, slots=True)
class ModelAdded:
    """A model is visible now and was not in the snapshot before."""

    document: Document

    def as_json(self) -> dict[str, object]:
        """The whole document as served."""
        return {"model": self.document}


@dataclass(frozen=True, slots=True)
class ModelRemoved:
    """A model is not visible any more; `document` is the last one seen."""

    document: Document

    def as_json(self) -> dict[str, object]:
        """The whole document as served."""
        return {"model": self.document}


@dataclass(frozen=True, slots=True)
class ModelChanged:
    """Leaves of a model changed: of its prices, or else of the rest."""

    model: Heading
    changes: tuple[Change, ...]

    @property
    def direction(self) -> str:
        """`increase`, `decrease`, `mixed`, or `none` where nothing is comparable."""
        return direction(self.changes)

    def as_json(self) -> dict[str, object]:
        """The model's heading, the direction and the entry of each change."""
        return {
            "model": self.model.as_json(),
            "direction": self.direction,
            "changes": [change.as_json() for change in self.changes],
        }


@dataclass(frozen=True, slots=True)
class ModelSunset:
    """A model's date of retirement appeared, moved or went: `changes`, of `/sunset_at` alone.

    Or it is near, and said again: `reminder` days before it, 0 the first time; then there are no
    changes. `sunset_at` and `previous` are the dates after and before, None where there is none;
    `days_left` the days from the event to the date, as the calendar in UTC counts them.
    """

    model: Heading
    changes: tuple[Change, ...]
    sunset_at: datetime | None
    previous: datetime | None
    days_left: int | None
    reminder: int = 0

    direction: ClassVar[str] = "none"

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "ModelSunset":
        """A reminder from the JSON that `as_json` gives: of other events only changes are kept."""
        model, sunset = data["model"], data["sunset"]
        if not isinstance(model, dict) or not isinstance(sunset, dict):
            raise TypeError("not a reminder")
        left, reminder = _number(sunset["days_left"]), _number(sunset["reminder"])
        return cls(Heading.of(model), (), utc(str(sunset["at"])), None, left, reminder)

    def as_json(self) -> dict[str, object]:
        """What `model.updated` has, and `sunset`."""
        return {
            "model": self.model.as_json(),
            "direction": self.direction,
            "changes": [change.as_json() for change in self.changes],
            "sunset": self.sunset(),
        }

    def sunset(self) -> dict[str, object]:
        """The dates, how long that is from the event, and which reminder it is."""
        return {
            "at": None if self.sunset_at is None else rfc3339(self.sunset_at),
            "previous": None if self.previous is None else rfc3339(self.previous),
            "days_left": self.days_left,
            "reminder": self.reminder,
        }


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
        more = (_number(data.get(key, 0)) for key in ("missed", "reminder"))
        return cls(_number(data["failures"]), utc(str(data["since"])), str(data["error"]), *more)

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
        missed = _number(data.get("missed_polls", 0))
        return cls(utc(str(data["since"])), _number(data["failed_polls"]), missed)

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
        numbers = {str(name): _number(count) for name, count in counts.items()}
        number, models = _number(data["quarantine"]), _number(data["models"])
        return cls(number, str(data["reason"]), models, numbers)

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
        return cls(_number(data["quarantine"]), str(data["verdict"]))

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


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("not a whole number")
    return value
