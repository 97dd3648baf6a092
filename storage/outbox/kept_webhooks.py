"""The webhooks that are kept in the database: what each says."""

from sqlalchemy import Connection, delete, select, update

from pricetrail.storage import tables as t
from pricetrail.storage.upsert import insert_or_skip


def settings(connection: Connection) -> dict[str, str]:
    """What each kept webhook says, as JSON, by its name, in order."""
    return {row.name: row.settings for row in connection.execute(_SETTINGS)}


def settings_of(connection: Connection, name: str) -> str | None:
    """What one webhook says; None where it is not kept here."""
    found = select(t.webhook.c.settings).where(t.webhook.c.name == name)
    return connection.execute(found).scalar()


def add(connection: Connection, name: str, text: str) -> bool:
    """Keep a webhook; one that has a state goes on with it. False where it is kept already."""
    insert_or_skip(connection, t.webhook, [{"name": name}])
    free = (t.webhook.c.name == name) & t.webhook.c.settings.is_(None)
    return connection.execute(update(t.webhook).where(free).values(settings=text)).rowcount == 1


def drop(connection: Connection, name: str) -> None:
    """Keep a webhook's settings no more; its state stays."""
    connection.execute(update(t.webhook).where(t.webhook.c.name == name).values(settings=None))


def forget(connection: Connection, name: str) -> None:
    """Delete a webhook's settings and its state: whoever takes its name begins anew."""
    connection.execute(delete(t.webhook).where(t.webhook.c.name == name))


_SETTINGS = (
    select(t.webhook.c.name, t.webhook.c.settings)
    .where(t.webhook.c.settings.is_not(None))
    .order_by(t.webhook.c.name)
)
