"""The coverage that an export brings along, and how it goes on from what is there already."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pricetrail.jobs.imports.observations import Known
from pricetrail.storage.database import Transaction
from pricetrail.storage.polls import coverage_log, polls
from pricetrail.storage.polls.outcomes import GOOD
from pricetrail.storage.polls.stretches import Stretch, find_last, missed
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
        last = find_last(connection, source.id)
        if last is None or (known.version, source.head_version) != (self.version + 1, self.head):
            return False
        return last.id == self.ends

    def extend(self, connection: Transaction, source: SourceState, known: Known) -> None:
        """Take over what is new about the source's head."""
        own = _own(known, source.head_version)
        new, counted = coverage_log.extend(connection, source.id, own)
        if new:
            polls.count_imported(connection, source, new, counted)
        self._stand_at(connection, source, known, source.head_version, own)

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
        last = find_last(connection, source.id)
        before: list[Stretch] = []
        if last is None:
            earlier = (stretch for stretch in known.stretches if stretch.version < known.version)
            before = [replace(stretch, version=0) for stretch in earlier]
        elif last.outcome == GOOD and not follows:
            before = [missed(source.head_version, last.last_at, at)]
        coverage_log.append(connection, source.id, [*before, *own])
        polls.count_imported(connection, source, [*before, *own])
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
        last, end = find_last(connection, source.id), stretches[-1]
        if last is not None and _extent(last) == _extent(end):
            self.ends = last.id


def _own(known: Known, head: int) -> list[Stretch]:
    """The stretches of the version itself, as of the source's version."""
    own = (stretch for stretch in known.stretches if stretch.version >= known.version)
    return [replace(stretch, version=head) for stretch in own]


def _extent(stretch: Stretch) -> tuple[str, int, datetime, datetime]:
    return stretch.outcome, stretch.version, stretch.first_at, stretch.last_at
