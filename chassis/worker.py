"""The worker of a service: relay, consumer, operations, daily work and housekeeping, in one process or apart."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import asyncpg
import structlog

from chassis import backlog, database, kafka, rebuilding
from chassis.attachments.sweep import remove_orphans
from chassis.consumer import Consumer
from chassis.operations import OperationRunner
from chassis.outages import UNREACHABLE, end_if_cancelled
from chassis.relay import Relay
from chassis.runtime import Runtime, Service
from chassis.sweep import Sweeper

_HOUSEKEEPING_S = 3600.0
_MISSED_HEARTBEATS = 3
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Worker:
    """The running parts of a worker, for readiness and for tests."""

    runtime: Runtime
    service: Service
    relay: Relay | None = None
    consumer: Consumer | None = None

    async def run(self) -> None:
        """Run until cancelled. Kafka may be away at first: commands are accepted meanwhile."""
        runtime, service = self.runtime, self.service
        handlers = {
            rebuilding.REPUBLISH: rebuilding.republish(service.states),
            rebuilding.REPLAY: rebuilding.replay,
            **service.operations,
        }
        self.relay = Relay(
            database_url=runtime.settings.database_url,
            new_producer=lambda: kafka.producer(runtime.settings),
            service=service.name,
            topic_prefix=runtime.settings.topic_prefix,
            metrics=runtime.metrics,
            heartbeat_s=runtime.settings.heartbeat_s,
            wake=runtime.relay_wake,
        )
        self.consumer = self._consumer()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(OperationRunner(runtime, handlers).run())
            tasks.create_task(_keep_house(runtime))
            if service.daily:
                tasks.create_task(Sweeper(runtime, service.daily).run())
            tasks.create_task(backlog.keep_measuring(runtime))
            tasks.create_task(self.relay.run())
            tasks.create_task(self.consumer.run())

    def _consumer(self) -> Consumer:
        runtime, given = self.runtime, self.service.subscription
        requests = rebuilding.request_reactions(self.service.name, given.requests_from)
        return Consumer(
            service=self.service.name,
            subscription=replace(given, reactions={**requests, **given.reactions}),
            database_url=runtime.settings.database_url,
            units=runtime.units,
            new_consumer=lambda: kafka.consumer(runtime.settings, f"shouwang-{self.service.name}"),
            partitions_of=lambda topics: kafka.partitions(runtime.settings, topics),
            topic_prefix=runtime.settings.topic_prefix,
            metrics=runtime.metrics,
            silence_s=_MISSED_HEARTBEATS * runtime.settings.heartbeat_s,
        )


async def _keep_house(runtime: Runtime) -> None:
    """Make next month's outbox partition, drop what is older than its setting or known to nobody, once an hour."""
    while True:
        try:
            async with database.connect(runtime.engine) as connection:
                await make_partitions(connection, datetime.now(UTC))
                await drop_expired(connection, runtime)
                orphaned = datetime.now(UTC) - timedelta(days=runtime.settings.attachment_orphan_days)
                await remove_orphans(connection, runtime.attachments, stored_before=orphaned)
        except UNREACHABLE as error:  # another process may keep house at the same time
            end_if_cancelled()
            log.warning("housekeeping-delayed", error=type(error).__name__)
        await asyncio.sleep(_HOUSEKEEPING_S)


async def make_partitions(connection: asyncpg.Connection, now: datetime) -> None:
    """The outbox partitions of this month and the next. Rows that came before theirs stay in the default one."""
    start = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(2):
        end = (start + timedelta(days=32)).replace(day=1)
        name = f"outbox_{start:%Y%m}"
        try:
            await connection.execute(
                f"create table if not exists chassis.{name} partition of chassis.outbox "
                f"for values from ('{start.isoformat()}') to ('{end.isoformat()}')"
            )
        except asyncpg.CheckViolationError:
            log.info("outbox-partition-kept-in-default", partition=name)
        start = end


_EXPIRED: tuple[tuple[str, Callable[[Runtime], int]], ...] = (
    ("delete from chassis.inbox where received_at < now() - $1::interval", lambda r: r.settings.inbox_days),
    (
        "delete from chassis.idempotency_keys where recorded_at < now() - $1::interval",
        lambda r: r.settings.idempotency_days,
    ),
)


async def drop_expired(connection: asyncpg.Connection, runtime: Runtime) -> None:
    """Delete inbox rows and keys past their setting, and drop outbox months that ended before theirs."""
    for statement, days in _EXPIRED:
        await connection.execute(statement, timedelta(days=days(runtime)))
    oldest = datetime.now(UTC) - timedelta(days=runtime.settings.outbox_days)
    rows = await connection.fetch(
        "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'chassis.outbox'::regclass"
    )
    for row in rows:
        month = row["name"].rsplit("_", 1)[-1]
        if not month.isdigit():
            continue
        start = datetime(int(month[:4]), int(month[4:]), 1, tzinfo=UTC)
        unsent = await connection.fetchval(
            "select exists (select from chassis.outbox_pending where recorded_at >= $1 and recorded_at < $2)",
            start,
            start + timedelta(days=31),
        )
        if (start + timedelta(days=32)).replace(day=1) <= oldest and not unsent:
            await connection.execute(f"drop table {row['name']}")
