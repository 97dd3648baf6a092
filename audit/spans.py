"""A stretch of time that an audit is of: rows before and after it are left out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from pricetrail.audit.usage.rows import BadRow, Row


@dataclass
class Span:
    """From `since` on and before `until`, by the beginning of each row; None for no bound.

    `left_out` counts the rows outside of it, while they pass.
    """

    since: datetime | None = None
    until: datetime | None = None
    left_out: int = 0

    def within(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows of this time; those whose time cannot be read are of any."""
        self.left_out = 0
        if self.since is None and self.until is None:
            yield from rows
            return
        for row in rows:
            if isinstance(row, BadRow) or self._holds(row.at):
                yield row
            else:
                self.left_out += 1

    def _holds(self, at: datetime) -> bool:
        if self.since is not None and at < self.since:
            return False
        return self.until is None or at < self.until
