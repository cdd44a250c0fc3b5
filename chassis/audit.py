"""Who read whose personal data, why, and which ids came back: append-only, never the data themselves.

An unmasked read writes its row before data leave. Masked reads are collected and written together, at most a second
later: that second is what a crash may lose of them.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
import structlog
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import correlation, database, waiting
from chassis.identity import Caller
from chassis.outages import UNREACHABLE, end_if_cancelled
from contracts.decision import Because
from contracts.errors import Forbidden, Invalid

FLUSH_S = 0.5
_MOST_WAITING = 10_000
log = structlog.get_logger(__name__)


class PurposeMissing(Invalid):
    code = "purpose-missing"
    title = Because(zh="查看未脱敏数据需说明用途", en="Unmasked data need a purpose: send X-Purpose")


class MayNotUnmask(Forbidden):
    code = "may-not-unmask"
    title = Because(zh="无权查看未脱敏数据", en="Unmasked data need a permission of their own")


def purpose_of(caller: Caller) -> str:
    """Why a caller reads unmasked data; raises PurposeMissing."""
    if caller.purpose is None:
        raise PurposeMissing()
    return caller.purpose


@dataclass(frozen=True, slots=True)
class Read:
    """One audited read. `search` is the kind of search (`by-id`, `list`, `by-resident-id`), never its value."""

    person: str
    client: str
    purpose: str | None
    unmasked: bool
    route: str
    search: str
    result_ids: tuple[str, ...]
    correlation_id: str

    @classmethod
    def of(
        cls, request: Request, caller: Caller, search: str, result_ids: Sequence[str], *, unmasked: bool = False
    ) -> "Read":
        route = getattr(request.scope.get("route"), "path", request.url.path)
        return cls(
            caller.person,
            caller.client,
            caller.purpose,
            unmasked,
            route,
            search,
            tuple(result_ids),
            correlation.now().correlation_id,
        )


_ONE = """
insert into chassis.audit (person, client, purpose, unmasked, route, search, result_ids, correlation_id)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def write(connection: asyncpg.Connection, reads: Sequence[Read]) -> None:
    """Write reads now, in the transaction of `connection` if it has one."""
    await connection.executemany(
        _ONE,
        [
            (r.person, r.client, r.purpose, r.unmasked, r.route, r.search, list(r.result_ids), r.correlation_id)
            for r in reads
        ],
    )


class AuditBatch:
    """Collects masked reads and writes them at most `FLUSH_S` later; a read waits when too many are unwritten."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._waiting: list[Read] = []
        self._wake = asyncio.Event()

    def add(self, read: Read) -> None:
        self._waiting.append(read)
        if len(self._waiting) > _MOST_WAITING:
            self._wake.set()

    async def run(self) -> None:
        """Write batches until cancelled; whatever is left is written by `flush` at shutdown."""
        while True:
            await waiting.until_set(self._wake, FLUSH_S)
            self._wake.clear()
            try:
                await self.flush()
            except UNREACHABLE as error:
                end_if_cancelled()
                log.warning("audit-batch-delayed", error=type(error).__name__, waiting=len(self._waiting))

    async def flush(self) -> None:
        if not self._waiting:
            return
        batch, self._waiting = self._waiting, []
        try:
            async with database.connect(self._engine) as connection:
                await write(connection, batch)
        except BaseException:
            self._waiting = batch + self._waiting
            raise
