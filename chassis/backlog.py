"""What an outbox still has to send, for metrics; it can be told while Kafka is away as well."""

import asyncio

import asyncpg
import structlog

from chassis import database
from chassis.observability import Metrics
from chassis.outages import UNREACHABLE, end_if_cancelled
from chassis.runtime import Runtime

_EVERY_S = 5.0
_BACKLOG = """
select (select count(*) from chassis.outbox_pending),
       coalesce((select extract(epoch from clock_timestamp() - min(recorded_at))
                 from chassis.outbox_pending where not again), 0)::float,
       (select count(*) from chassis.outbox_parked)
"""
log = structlog.get_logger(__name__)


async def measure(connection: asyncpg.Connection, metrics: Metrics) -> None:
    """Set the three gauges of the outbox: pending messages, age of the oldest in system seconds, parked keys."""
    pending, oldest, parked = (await connection.fetch(_BACKLOG))[0]
    metrics.outbox_pending.set(pending)
    metrics.outbox_oldest_seconds.set(oldest)
    metrics.outbox_parked.set(parked)


async def keep_measuring(runtime: Runtime) -> None:
    """Until cancelled, at least with every heartbeat: the relay itself waits for Kafka when it matters most."""
    while True:
        try:
            async with database.connect(runtime.engine) as connection:
                await measure(connection, runtime.metrics)
        except UNREACHABLE as error:
            end_if_cancelled()
            log.warning("backlog-unknown", error=type(error).__name__)
        await asyncio.sleep(min(_EVERY_S, runtime.settings.heartbeat_s))
