"""What became of polls."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pricetrail.jobs.deliveries.tally import Tally

_NO_COUNTS = {"added": 0, "removed": 0, "repriced": 0, "updated": 0}


@dataclass(frozen=True, slots=True)
class Polled:
    """What became of a poll; `version` is the accepted one after it, 0 before the first.

    `told`: with it `source.failing` was announced.
    """

    source: str
    outcome: str
    version: int
    counts: dict[str, int] = field(default_factory=lambda: dict(_NO_COUNTS))
    error: str | None = None
    told: bool = False

    def as_json(self) -> dict[str, object]:
        """One entry of `polls`."""
        return {
            "source": self.source,
            "outcome": self.outcome,
            "version": self.version or None,
            "counts": self.counts,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class PollRound:
    """One poll each of some sources, and how the round of deliveries after them went."""

    polls: Sequence[Polled]
    tally: Tally

    def as_json(self) -> dict[str, object]:
        """The shape of `poll`."""
        return {"polls": [polled.as_json() for polled in self.polls], **self.tally.as_json()}
