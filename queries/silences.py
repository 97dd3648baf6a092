"""The question of `pricetrail silence list`: which models are muted, until when and why."""

from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.times import rfc3339
from pricetrail.queries.answers import time_or_null
from pricetrail.storage.database import Transaction
from pricetrail.storage.outbox import silences
from pricetrail.storage.outbox.silences import Silence


@dataclass(frozen=True, slots=True)
class SilencesAnswer:
    """Silences, oldest first."""

    silences: tuple[Silence, ...]

    def as_json(self) -> dict[str, object]:
        """The shape of `silence list`."""
        return {"silences": [_as_json(silence) for silence in self.silences]}


@dataclass(frozen=True, slots=True)
class AddedSilence:
    """A silence that was made."""

    id: int
    glob: str
    until: datetime
    reason: str

    def as_json(self) -> dict[str, object]:
        """The shape of `silence add`."""
        return {
            "id": self.id,
            "glob": self.glob,
            "until": rfc3339(self.until),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class SilenceAnswer:
    """One silence, in force or over."""

    silence: Silence

    def as_json(self) -> dict[str, object]:
        """The shape of `silence remove`: an entry of `silence list`."""
        return _as_json(self.silence)


def ask_one(transaction: Transaction, number: int) -> SilenceAnswer:
    """One silence by its id, in force or over.

    Raises:
        NotFoundError: there is none.
    """
    return SilenceAnswer(silences.get(transaction, number))


def ask(transaction: Transaction, now: datetime | None = None) -> SilencesAnswer:
    """The silences in force at a time; without one, all that there ever were."""
    return SilencesAnswer(tuple(silences.listed(transaction, now)))


def _as_json(silence: Silence) -> dict[str, object]:
    return {
        "id": silence.id,
        "glob": silence.glob,
        "until": rfc3339(silence.until),
        "reason": silence.reason,
        "created_at": rfc3339(silence.created_at),
        "removed_at": time_or_null(silence.removed_at),
    }
