"""The encrypted secrets in all that the database keeps of a configuration."""

from collections.abc import Callable

from sqlalchemy import Connection, bindparam, select, update

from pricetrail.catalog.errors import FailedError
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks

_AT_ONCE = 1_000


def rewrite(connection: Connection, mark: str, anew: Callable[[str, str], str]) -> int:
    """Write the settings anew that hold an encrypted secret; how many are others now.

    Args:
        mark: what such a secret begins with.
        anew: makes settings of those there are; it is told whose they are.

    Raises:
        FailedError: somebody else changed them meanwhile.
    """
    changed = 0
    for table, noun in ((t.source, "source"), (t.webhook, "webhook")):
        held = select(table.c.name, table.c.settings).where(
            table.c.settings.contains(f'"{mark}', autoescape=True)
        )
        rows = []
        for row in connection.execute(held.order_by(table.c.name)).all():
            settings = anew(f"{noun} {row.name}", row.settings)
            if settings != row.settings:
                rows.append({"of_name": row.name, "before": row.settings, "to": settings})
        statement = (
            update(table)
            .where(table.c.name == bindparam("of_name"), table.c.settings == bindparam("before"))
            .values(settings=bindparam("to"))
        )
        for some in chunks(rows, _AT_ONCE):
            done = connection.execute(
                statement, some, execution_options={"preserve_rowcount": True}
            )
            if done.rowcount != len(some):
                raise FailedError(f"somebody else changed a {noun} meanwhile: try again")
        changed += len(rows)
    return changed
