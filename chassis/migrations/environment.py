"""What every `migrations/env.py` does: run on the connection that `chassis.migrations.migrate` hands over."""

from alembic import context


def run() -> None:
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        version_table=attributes["version_table"],
        version_table_schema="chassis",
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()
