"""How Alembic runs here: on the connection and in the transaction that the program opened."""

from alembic import context

from pricetrail.storage.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
