"""History: written once, and only appended to.

Intervals: a model version is in force for the snapshots `valid_from <= version < valid_to`,
so that an unchanged poll costs one row's update and a changed one as many rows as models changed.

What grows with history (`snapshot`, `model_version`, `price`, `event`) has its source in every
key: on Postgres a deployment may partition these by source, and a shard is a set of whole sources.
The other tables stay small, and whole; where the rest is spread over servers, each of them has its
own copy of `path` and of `shared_body`, which are rarely written and belong to no source. `sunset`
alone is changed: it tells of now.
"""

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from pricetrail.storage.tables.schema import metadata
from pricetrail.storage.types import Amount, Id, PartialIndex, Utc

snapshot = Table(
    "snapshot",
    metadata,
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("not_before", Utc),
    Column("not_after", Utc, nullable=False),
    Column("catalog_root", LargeBinary(32), nullable=False),
    Column("chain_hash", LargeBinary(32), nullable=False),
    Column("body_hash", LargeBinary(32), nullable=False),
    Column("body_size", Integer, nullable=False),
    # As `storage.codecs.bodies` packs it; against the body of version `body_base` where that is
    # given. Null: it lies in `shared_body`, or was pruned.
    Column("body", LargeBinary),
    Column("body_base", Integer),
    Column("models", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("repriced", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    # The fields that comparison left out, as a JSON array; null where it left out none.
    Column("ignored", Text),
    # By which dialect and version of it the body was read (`openrouter/1`), null for PipeLLM's; and
    # the native fields that were kept besides, as a JSON array, null for none.
    Column("dialect", Text),
    Column("keep", Text),
    # Where the body lies that other versions may have too, of other sources as well. No foreign
    # key: SQLite adds none to a table that is there, and `history.shared_bodies` needs none.
    Column("shared_body_id", Id),
    Index(None, "source_id", "not_after"),
    PartialIndex(
        "ix_snapshot_shared_body_id", "shared_body_id", where="shared_body_id IS NOT NULL"
    ),
)

# Bodies as they are packed, each once, whatever versions have it: by the beginning of its SHA-256.
shared_body = Table(
    "shared_body",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
)

model = Table(
    "model",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text(collation="C").with_variant(Text(), "sqlite"), nullable=False),
    UniqueConstraint("source_id", "name"),
)

model_version = Table(
    "model_version",
    metadata,
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    Column("model_id", ForeignKey("model.id", ondelete="CASCADE"), primary_key=True),
    Column("valid_from", Integer, primary_key=True),
    Column("valid_to", Integer),
    # As `storage.codecs.documents` packs it: by itself, or by its difference from the document
    # of the same model whose `valid_from` is `base`.
    Column("base", Integer),
    Column("document", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# The models in force that have a date of retirement: what their documents say, found at once.
sunset = Table(
    "sunset",
    metadata,
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    Column("model_id", ForeignKey("model.id", ondelete="CASCADE"), primary_key=True),
    Column("at", Utc, nullable=False),
    # When it is to be said again; null: not any more.
    Column("remind_at", Utc),
    # The nearest of all sources are found at once.
    Index(None, "at"),
    sqlite_with_rowid=False,
)

# Every path of a price that any source has shown, and its unit.
path = Table(
    "path",
    metadata,
    Column("id", Id, primary_key=True),
    Column("path", Text, nullable=False, unique=True),
    Column("unit", Text),
)

schema_seen = Table(
    "schema_seen",
    metadata,
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    Column("item", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# A price from a version on, until the next row of its path or until the model is gone: only
# what changed has a row.
price = Table(
    "price",
    metadata,
    Column("source_id", Id, primary_key=True),
    Column("model_id", Id, primary_key=True),
    Column("valid_from", Integer, primary_key=True),
    Column("path_id", ForeignKey("path.id"), primary_key=True),
    # Null where the text (`flagged`) is no amount: kept as it came, never computed with; both
    # are null where the price went.
    Column("amount", Amount),
    Column("flagged", Text),
    ForeignKeyConstraint(
        ["source_id", "model_id", "valid_from"],
        ["model_version.source_id", "model_version.model_id", "model_version.valid_from"],
        ondelete="CASCADE",
        name="fk_price_model_version",
    ),
    sqlite_with_rowid=False,
)
