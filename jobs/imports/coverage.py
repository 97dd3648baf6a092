"""The coverage that an export brings along, and how it goes on from what is there already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pricetrail.jobs.imports.observations import Known
from pricetrail.storage.database import Transaction
from pricetrail.storage.polls import coverage_moves
from pricetrail.storage.polls.coverage_moves import Stretch
from pricetrail.storage.polls.polls import GOOD
from pricetrail.storage.sources import SourceState


@dataclass
class Follower:
    """Where a file and the source that it is imported into agree on the coverage so far.

    `version` of the file is the source's `head`, and the coverage of both ends with the stretch
    whose row is `ends`; None where they do not agree, or nothing was read yet.
    """

    version: int = 0
    head: int = 0
    ends: int | None = None

    def follows(self, connection: Transaction, source: SourceState, known: Known) -> bool:
        """Whether an observation is the next version, with nothing else in between."""
        last = coverage_moves.find_last(connection, source.id)
        if last is None or (known.version, source.head_version) != (self.version + 1, self.head):
            return False
        return bool(last["id"] == self.ends)

    def extend(self, connection: Transaction, source: SourceState, known: Known) -> None:
        """Take over what is new about the source's head."""
        stretches = _own(known, source.head_version)
        coverage_moves.extend(connection, source, stretches)
        self._stand_at(connection, source, known, source.head_version, stretches)

    def append(
        self,
        connection: Transaction,
        source: SourceState,
        known: Known,
        head: int,
        at: datetime,
        *,
        follows: bool,
    ) -> None:
        """Take over what is known about an observation that was just recorded.

        Args:
            source: as it was before.
            head: the version that the observation made, or found.
        """
        own = _own(known, head)
        last = coverage_moves.find_last(connection, source.id)
        before: list[Stretch] = []
        if last is None:
            before = [
                found | {"version": 0} for found in known.stretches if _is_before(found, known)
            ]
        elif last["outcome"] == GOOD and not follows:
            before = [coverage_moves.missed(source.head_version, last["last_at"], at)]
        coverage_moves.append(connection, source, [*before, *own])
        self._stand_at(connection, source, known, head, own)

    def _stand_at(
        self,
        connection: Transaction,
        source: SourceState,
        known: Known,
        head: int,
        stretches: Sequence[Stretch],
    ) -> None:
        self.version, self.head, self.ends = known.version, head, None
        last, end = coverage_moves.find_last(connection, source.id), stretches[-1]
        names = ("outcome", "version", "first_at", "last_at")
        if last is not None and all(last[name] == end[name] for name in names):
            self.ends = last["id"]


def _own(known: Known, head: int) -> list[Stretch]:
    """The stretches of the version itself, as of the source's version."""
    return [
        dict(found) | {"version": head} for found in known.stretches if not _is_before(found, known)
    ]


def _is_before(stretch: Stretch, known: Known) -> bool:
    return bool(stretch["version"] < known.version)
