"""The question of `/readyz`: can the database be used, and on request, is every source polled?"""

from dataclasses import dataclass
from datetime import datetime

from pricetrail.storage import schema
from pricetrail.storage.database import Transaction
from pricetrail.storage.polls import poll_counts
from pricetrail.storage.source_names import SomeNames

# So many overdue sources are named.
_MOST = 100


@dataclass(frozen=True, slots=True)
class ReadinessAnswer:
    """The schema that the database has (None: none) and the one needed, and who is overdue.

    `overdue` are the first of the sources without an answer for two periods and the deadline; None
    where nobody asked for them.
    """

    schema: str | None
    needed: str
    overdue: SomeNames | None

    @property
    def ready(self) -> bool:
        """Whether nothing is wrong of what was asked for."""
        return self.schema == self.needed and not (self.overdue and self.overdue.total)

    def as_json(self) -> dict[str, object]:
        """What `/readyz` says."""
        said: dict[str, object] = {
            "ready": self.ready,
            "schema": self.schema,
            "needed": self.needed,
        }
        if self.overdue is None:
            return said
        late = {"overdue": list(self.overdue.names), "overdue_total": self.overdue.total}
        return said | late


def ask(transaction: Transaction, now: datetime, sources: bool = False) -> ReadinessAnswer:
    """Whether the database can be used, as of now by its clock.

    Args:
        sources: whether a source that is overdue counts, too.

    Raises:
        ForeignDatabaseError: the database is not pricetrail's.
    """
    found = schema.version(transaction)
    # Of a schema that is not ours nothing is known, and nothing is asked.
    asked = sources and found == schema.HEAD
    overdue = poll_counts.overdue(transaction, now, _MOST) if asked else None
    return ReadinessAnswer(found, schema.HEAD, overdue)
