"""Whether a database is migrated to what this release expects, without loading the migration machinery.

A migration file begins with its own number, and that number is its revision: the newest file is the expected head.
"""

from pathlib import Path

import asyncpg

_ROOT = Path(__file__).parents[1]
_TABLES = {"chassis": "chassis_version", "own": "service_version"}


def newest(folder: Path) -> str | None:
    """The revision of the newest migration in a folder of versions; None where there is none."""
    numbers = [file.name[:4] for file in folder.glob("[0-9][0-9][0-9][0-9]_*.py")]
    return max(numbers, default=None)


def expected(service: str) -> dict[str, str]:
    """The revision that each version table must stand at, by table name."""
    own = _ROOT / "gateway" if service == "gateway" else _ROOT / "services" / service
    folders = {"chassis": _ROOT / "chassis" / "migrations" / "versions", "own": own / "migrations" / "versions"}
    found = {_TABLES[which]: newest(folder) for which, folder in folders.items()}
    return {table: revision for table, revision in found.items() if revision is not None}


async def behind(connection: asyncpg.Connection, service: str) -> list[str]:
    """The version tables that do not stand where this release expects them. A newer database is behind nothing."""
    return [
        table for table, revision in expected(service).items() if (await _stands_at(connection, table) or "") < revision
    ]


async def _stands_at(connection: asyncpg.Connection, table: str) -> str | None:
    if await connection.fetchval("select to_regclass($1)", f"chassis.{table}") is None:
        return None
    revision: str | None = await connection.fetchval(f"select max(version_num) from chassis.{table}")
    return revision
