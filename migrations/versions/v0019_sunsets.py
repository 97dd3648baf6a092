"""Dates of retirement: from which version on they are events of their own, and when to say them.

What was recorded before tells of such a date as of any other field, and stays as it is.
"""

import sqlalchemy as sa
from alembic import op

from pricetrail.catalog.strict_json import loads
from pricetrail.catalog.sunset_dates import FIELD, next_reminder, sunset_of
from pricetrail.storage.codecs.documents import decode
from pricetrail.storage.types import Id, Utc

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table, and look for dates in the catalogs in force."""
    first = sa.Column("sunsets_from", sa.Integer(), server_default="1", nullable=False)
    op.add_column("source", first)
    op.add_column("source", sa.Column("remind_at", Utc(), nullable=True))
    op.execute("UPDATE source SET sunsets_from = head_version + 1")
    op.create_table(
        "sunset",
        sa.Column("source_id", Id, nullable=False),
        sa.Column("model_id", Id, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("remind_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_sunset_source_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_sunset_model_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", "model_id", name=op.f("pk_sunset")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_sunset_at"), "sunset", ["at"])
    _write_dates(op.get_bind())


def _write_dates(connection: sa.Connection) -> None:
    """Write the dates in the catalogs in force; what was due before the last poll is not said."""
    rows = []
    for row in connection.execute(_DOCUMENTS):
        text = decode(row.document, row.keyframe)
        date = sunset_of(loads(text)) if FIELD in text else None
        if date is not None:
            again = next_reminder(date, row.seen)
            key = {"source_id": row.source_id, "model_id": row.model_id}
            rows.append({**key, "at": date, "remind_at": again})
    if rows:
        connection.execute(sa.insert(_SUNSET), rows)
        connection.execute(_PLAN)


_SUNSET = sa.table(
    "sunset",
    sa.column("source_id", Id),
    sa.column("model_id", Id),
    sa.column("at", Utc()),
    sa.column("remind_at", Utc()),
)
_DOCUMENTS = sa.text(
    "SELECT ours.source_id, ours.model_id, ours.document, keyframe.document AS keyframe,"
    " source.last_poll_at AS seen FROM model_version AS ours"
    " JOIN source ON source.id = ours.source_id AND source.last_poll_at IS NOT NULL"
    " LEFT JOIN model_version AS keyframe ON keyframe.source_id = ours.source_id"
    " AND keyframe.model_id = ours.model_id AND keyframe.valid_from = ours.base"
    " WHERE ours.valid_to IS NULL"
).columns(seen=Utc())
_PLAN = sa.text(
    "UPDATE source SET remind_at ="
    " (SELECT min(sunset.remind_at) FROM sunset WHERE sunset.source_id = source.id)"
)
