# SPDX-License-Identifier: Apache-2.0
"""Alembic's entry: migrates over the connection that `server.store.engine` hands over, inside its transaction."""

from alembic import context

from server.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the caller's transaction holds all of it
)
context.run_migrations()
