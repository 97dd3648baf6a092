"""What became of polls."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pricetrail.jobs.deliveries.tally import Tally

_NO_COUNTS = {"added": 0, "removed": 0, "repriced": 0, "updated": 0}


@dataclass(frozen=True, slots=True)
class Polled:
    """What became of a poll; `version` is the accepted one after it, 0 before the first.

    `models`: of a catalog that was accepted, or set aside, how many it has; `touched`: how many of
    them came, went or changed; `baseline`: it is the first, or another key's. `quarantine`: the
    entry of what was set aside, `held` whether that is new. `status`: the gateway's, where it
    answered. `since`: how long ago the version came, where it stayed; `next_at`: when the source is
    due next, where its slot was served. `told`: with it `source.failing` was announced.
    """

    source: str
    outcome: str
    version: int
    counts: dict[str, int] = field(default_factory=lambda: dict(_NO_COUNTS))
    error: str | None = None
    models: int | None = None
    touched: int = 0
    baseline: bool = False
    quarantine: int | None = None
    held: bool = False
    status: int | None = None
    since: timedelta | None = None
    duration_ms: int | None = field(default=None, compare=False)
    next_at: datetime | None = None
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
    """One poll each of some sources, and how the round of deliveries after them went.

    `left`: the sources that a stop came before; `problem`: what kept a source from being polled.
    """

    polls: Sequence[Polled]
    tally: Tally
    left: Sequence[str] = ()
    problem: Exception | None = None

    def as_json(self) -> dict[str, object]:
        """The shape of `poll`."""
        return {"polls": [polled.as_json() for polled in self.polls], **self.tally.as_json()}
