"""What an event of a model says besides what every event says."""

from collections.abc import Mapping
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
        left, reminder = number(sunset["days_left"]), number(sunset["reminder"])
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


def number(value: object) -> int:
    """A whole number of JSON.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, int):
        raise TypeError("not a whole number")
    return value
