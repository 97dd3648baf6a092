"""What people bring along or ask for: usage, and the last verification."""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from pricetrail.storage.tables.schema import metadata
from pricetrail.storage.types import Amount, Utc

# Quantities per model and day, in the unit of the price path they are charged by.
usage = Table(
    "usage",
    metadata,
    Column("model", Text, primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("quantity", Amount, nullable=False),
    sqlite_with_rowid=False,
)

usage_file = Table(
    "usage_file",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("imported_at", Utc, nullable=False),
    sqlite_with_rowid=False,
)

# What the last verification showed. It proves nothing: whoever can edit a history can edit this.
verification = Table(
    "verification",
    metadata,
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    Column("at", Utc, nullable=False),
    # How many versions were checked, and the newest that there was then.
    Column("snapshots", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    # The version whose head was given, and found; null where none was.
    Column("saved_version", Integer),
    # The first break in words; null where there was none.
    Column("first_break", Text),
    sqlite_with_rowid=False,
)
