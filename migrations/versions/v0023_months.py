"""Single polls and attempts by months on Postgres, room in rows that are written again and again.

And on either what is due first of a webhook is found by an index.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from pricetrail.storage.types import Id, LogKey, Utc

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# What makes the new table, with its partitions, as much everybody's as the one before was.
_RIGHTS = sa.text("""
WITH before AS (SELECT * FROM pg_class WHERE oid = CAST(:name || '_before' AS regclass))
SELECT format('GRANT %s ON %I TO %s%s', granted.privilege_type, CAST(:name AS text),
              CASE granted.grantee WHEN 0 THEN 'PUBLIC'
                   ELSE quote_ident(pg_get_userbyid(granted.grantee)) END,
              CASE WHEN granted.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM before, aclexplode(before.relacl) AS granted
WHERE granted.grantee <> before.relowner
UNION ALL
SELECT format('ALTER TABLE %s OWNER TO %I', CAST(made.oid AS regclass),
              pg_get_userbyid(before.relowner))
FROM before, pg_class AS made
WHERE made.relowner <> before.relowner
  AND (made.oid = CAST(:name AS regclass)
       OR made.oid IN (SELECT inhrelid FROM pg_inherits
                        WHERE inhparent = CAST(:name AS regclass)))
""")


def upgrade() -> None:
    """Make both tables anew with a partition for each month, and move their rows."""
    op.add_column("webhook", sa.Column("waits_until", Utc(), nullable=True))
    _index_what_is_due()
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE webhook SET (fillfactor = 50)")
    _put_aside(
        "poll", ["pk_poll", "uq_poll_source_id_slot", "ck_poll_outcome", "fk_poll_source_id"]
    )
    _make_polls()
    _take_back("poll", "started_at")
    op.create_index(op.f("ix_poll_source_id_slot"), "poll", ["source_id", "slot"])
    _put_aside("attempt", ["pk_attempt", "fk_attempt_delivery_id"])
    _make_attempts()
    _take_back("attempt", "at")
    op.create_index(op.f("ix_attempt_delivery_id"), "attempt", ["delivery_id"])


def _index_what_is_due() -> None:
    is_open = sa.text("state IN ('pending', 'leased')")
    op.create_index(
        "ix_delivery_due",
        "delivery",
        ["webhook", "state", "next_at", "number"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def _put_aside(table: str, constraints: list[str]) -> None:
    for name in constraints:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    op.execute("DROP INDEX IF EXISTS ix_attempt_delivery_id")
    op.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
    op.execute(f"ALTER SEQUENCE {table}_id_seq RENAME TO {table}_before_id_seq")


def _make_polls() -> None:
    op.create_table(
        "poll",
        sa.Column("id", Id, sa.Identity(), nullable=False),
        sa.Column("source_id", Id, nullable=False),
        sa.Column("slot", Utc(), nullable=True),
        sa.Column("started_at", Utc(), nullable=False),
        sa.Column("finished_at", Utc(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('changed', 'unchanged', 'failed', 'quarantined')",
            name=op.f("ck_poll_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_poll_source_id"), ondelete="CASCADE"
        ),
        LogKey("id", "started_at", name=op.f("pk_poll")),
        postgresql_partition_by="RANGE (started_at)",
    )


def _make_attempts() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", Id, sa.Identity(), nullable=False),
        sa.Column("delivery_id", Id, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["delivery.number"],
            name=op.f("fk_attempt_delivery_id"),
            ondelete="CASCADE",
        ),
        LogKey("id", "at", name=op.f("pk_attempt")),
        postgresql_partition_by="RANGE (at)",
    )


def _take_back(table: str, by: str) -> None:
    """The partitions, the rows, where numbering goes on, and who may do what."""
    connection = op.get_bind()
    op.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")
    for month in _months(connection, table, by):
        following = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
        op.execute(
            f"CREATE TABLE {table}_y{month:%Y}m{month:%m} PARTITION OF {table} FOR VALUES "
            f"FROM ('{month:%Y-%m-%d} 00:00:00+00') TO ('{following:%Y-%m-%d} 00:00:00+00')"
        )
    columns = ", ".join(column["name"] for column in sa.inspect(connection).get_columns(table))
    op.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {table}_before")  # noqa: S608 - names of ours
    op.execute(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), last_value, is_called)"  # noqa: S608 - names of ours
        f" FROM {table}_before_id_seq"
    )
    for statement in connection.execute(_RIGHTS, {"name": table}).scalars().all():
        # The driver takes a percent sign in a role's name for a parameter's.
        connection.exec_driver_sql(statement.replace("%", "%%"))
    op.execute(f"DROP TABLE {table}_before")


def _months(connection: sa.Connection, table: str, by: str) -> list[datetime]:
    """Those that rows are of, the one that it is, and the next: what is beyond them is made later.

    More than a decade of them were written by a clock that was wrong: the oldest stay together.
    """
    found = connection.execute(
        sa.text(
            f"SELECT DISTINCT date_trunc('month', {by} AT TIME ZONE 'UTC') AS month"  # noqa: S608 - names of ours
            f" FROM {table}_before"
            " UNION SELECT date_trunc('month', now() AT TIME ZONE 'UTC')"
            " UNION SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month'"
            " ORDER BY month DESC LIMIT 120"
        )
    )
    return [month.replace(tzinfo=UTC) for month in found.scalars() if month.year < 9999]
