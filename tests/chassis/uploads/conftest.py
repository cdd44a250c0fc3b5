"""A database with the readers and the staging schema, and files that are made on the fly."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from chassis.uploads import sql
from chassis.uploads.limits import UploadLimits
from launcher.engines.postgres import EmbeddedPostgres

DATABASE = "uploads_ground"


@pytest.fixture
async def database(postgres: EmbeddedPostgres) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a database in which files can be staged; each upload has a table of its own."""
    created = await postgres.create_database(DATABASE)
    connection = await asyncpg.connect(postgres.dsn(DATABASE))
    if created:
        for statement in sql.statements():
            await connection.execute(statement)
    yield connection
    await connection.close()


@pytest.fixture
def limits(tmp_path: Path) -> UploadLimits:
    return UploadLimits(spool=tmp_path / "spool", idle_seconds=20)


@pytest.fixture
async def bare_schema(postgres: EmbeddedPostgres) -> AsyncIterator[asyncpg.Connection]:
    """A database of this test alone, empty."""
    name = f"uploads_{uuid4().hex[:8]}"
    await postgres.create_database(name)
    connection = await asyncpg.connect(postgres.dsn(name))
    yield connection
    await connection.close()
    await postgres.drop_database(name)
