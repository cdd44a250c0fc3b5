"""Brings a service's database up to date: the chassis's own tables first (schema `chassis`), then the service's."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

_ROOT = Path(__file__).parents[2]
CHASSIS_VERSIONS = "chassis_version"
SERVICE_VERSIONS = "service_version"
_MIGRATION_LOCK = 7_410_001


def _upgrade(connection: Connection, location: Path, version_table: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(location).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["version_table"] = version_table
    command.upgrade(config, "head")


def migrations_of(service: str) -> Path:
    """The folder of a service's migrations; the gateway stands beside the services."""
    return _ROOT / "gateway" / "migrations" if service == "gateway" else _ROOT / "services" / service / "migrations"


async def migrate(url: str, service: str) -> None:
    """Bring the database at `url` to the newest version. Safe to run from several processes at once."""
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            await connection.execute(text(f"select pg_advisory_xact_lock({_MIGRATION_LOCK})"))
            await connection.execute(text("create schema if not exists chassis"))
            await connection.run_sync(_upgrade, Path(__file__).parent, CHASSIS_VERSIONS)
            own = migrations_of(service)
            if own.exists():
                await connection.run_sync(_upgrade, own, SERVICE_VERSIONS)
    finally:
        await engine.dispose()
