"""By which dialect a body was read; and the units of prices that hold under any condition."""

import sqlalchemy as sa
from alembic import op

from pricetrail.catalog.units import unit
from pricetrail.storage.types import Id

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_PATH = sa.table(
    "path", sa.column("id", Id), sa.column("path", sa.Text), sa.column("unit", sa.Text)
)


def upgrade() -> None:
    """Add the columns, null for PipeLLM's; give paths the units that they have by now."""
    for table in ("snapshot", "source"):
        op.add_column(table, sa.Column("dialect", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("keep", sa.Text(), nullable=True))
    connection = op.get_bind()
    for row in connection.execute(sa.select(_PATH)).all():
        if row.unit != unit(row.path):
            changed = sa.update(_PATH).where(_PATH.c.id == row.id).values(unit=unit(row.path))
            connection.execute(changed)
