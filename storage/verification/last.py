"""The last verification of each source, as it was written down; it proves nothing by itself."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from pricetrail.storage import tables as t
from pricetrail.storage.upsert import upsert


@dataclass(frozen=True, slots=True)
class LastVerification:
    """What `pricetrail verify` found at a time.

    `snapshots` versions were checked, of `version`; `saved_version` is the one whose head was
    given and found, None where none was given; `first_break` says where it broke, None if nowhere.
    """

    at: datetime
    snapshots: int
    version: int
    saved_version: int | None
    first_break: str | None

    @property
    def ok(self) -> bool:
        """Whether nothing was broken."""
        return self.first_break is None


def find(connection: Connection, source_id: int) -> LastVerification | None:
    """The last one of a source; None before the first."""
    row = connection.execute(_LAST.where(t.verification.c.source_id == source_id)).first()
    return None if row is None else LastVerification(*row)


def write(connection: Connection, source_id: int, found: LastVerification) -> None:
    """Write one down in place of the one before."""
    upsert(connection, t.verification, {"source_id": source_id, **asdict(found)})


_LAST = select(*(t.verification.c[name] for name in LastVerification.__dataclass_fields__))
