"""Alembic's way in: it runs on the connection, and in the transaction, that `migrate` hands over."""

from alembic import context

from bot.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
