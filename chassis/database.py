"""One engine per process, in autocommit: the unit of work opens transactions on the driver's own connection.

That way a statement of SQLAlchemy Core and a raw statement of asyncpg share one transaction, and a command that is a
single statement needs no BEGIN and no COMMIT of its own: one round trip, one fsync.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine


def create_engine(url: str, pool: int) -> AsyncEngine:
    """The pool of a process. Holds `pool` connections at most and waits ten seconds for one."""
    engine = create_async_engine(
        url,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=False,
        isolation_level="AUTOCOMMIT",
        connect_args={"server_settings": {"jit": "off", "application_name": "shouwang"}},
    )
    event.listen(engine.sync_engine, "checkout", _replace_if_closed)
    return engine


def _replace_if_closed(dbapi_connection: Any, _record: object, _fairy: object) -> None:
    # Statements go to the driver directly, so the pool never learns from their failures that a connection is dead:
    # after a restart of the database it would hand out the same dead ones for ever. Asking the driver costs nothing.
    if dbapi_connection.driver_connection.is_closed():
        raise DisconnectionError("closed while it was idle")


async def driver(connection: AsyncConnection) -> asyncpg.Connection:
    """The asyncpg connection behind a SQLAlchemy one; both see the same transaction."""
    raw = await connection.get_raw_connection()
    inner = raw.driver_connection
    assert isinstance(inner, asyncpg.Connection)
    return inner


@asynccontextmanager
async def connect(engine: AsyncEngine) -> AsyncIterator[asyncpg.Connection]:
    """A pooled asyncpg connection in autocommit, for reads and for commands of one statement."""
    async with engine.connect() as connection:
        yield await driver(connection)


async def direct(url: str, name: str) -> asyncpg.Connection:
    """A connection outside of the pool, for a session-level advisory lock that must live as long as its holder."""
    parsed = make_url(url)
    host = parsed.query.get("host", parsed.host)
    connection = await asyncpg.connect(
        host=host if isinstance(host, str) or host is None else host[0],
        port=parsed.port,
        user=parsed.username,
        password=parsed.password,
        database=parsed.database,
        server_settings={"application_name": f"shouwang-{name}"},
    )
    # As on the pool's connections: JSON is written as text and read as Python values.
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=json.loads)
    return connection
